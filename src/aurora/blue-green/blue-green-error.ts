import { ToolkitError, type ToolkitErrorDetails } from '../../core/errors.js';
import type { BlueGreenGuardrail } from './types.js';

/** Details of an error with guardrails. */
export type GuardrailErrorDetails = ToolkitErrorDetails & {
  /** Name of the blue/green deployment, or the database. */
  readonly resource: string;
  /** Guardrails that are not met. */
  readonly guardrails: readonly BlueGreenGuardrail[];
};

/** Thrown when a switchover cannot begin yet, because guardrails are not met that may be met later. Nothing was changed. */
export class BlueGreenNotReadyError extends ToolkitError {
  override readonly name = 'BlueGreenNotReadyError';
  readonly code = 'BLUE_GREEN_NOT_READY';
  /** Guardrails that are not met. */
  readonly guardrails: readonly BlueGreenGuardrail[];

  constructor(message: string, { guardrails, ...details }: GuardrailErrorDetails) {
    super(message, details);
    this.guardrails = guardrails;
  }
}

/**
 * Thrown when a blue/green deployment cannot be continued: its guardrails can no longer be met, it belongs to another caller, it was
 * changed outside, or its switchover cannot be taken back. Nothing was changed by the call.
 */
export class BlueGreenDeploymentError extends ToolkitError {
  override readonly name = 'BlueGreenDeploymentError';
  readonly code = 'BLUE_GREEN_DEPLOYMENT';
  /** Guardrails that are not met. */
  readonly guardrails: readonly BlueGreenGuardrail[];

  constructor(
    message: string,
    {
      guardrails = [],
      ...details
    }: Omit<GuardrailErrorDetails, 'guardrails'> & Partial<Pick<GuardrailErrorDetails, 'guardrails'>>,
  ) {
    super(message, details);
    this.guardrails = guardrails;
  }
}
