import { ToolkitError, type ToolkitErrorDetails } from '../core/errors.js';

/** Details of an error of a swap. */
export type SwapErrorDetails = ToolkitErrorDetails & {
  /** Application, switch or stack of the error. */
  readonly resource: string;
};

/** Thrown when the revision of a deployment is not bound to exactly the idle stack. Nothing was changed. */
export class SwapBindingError extends ToolkitError {
  override readonly name = 'SwapBindingError';
  readonly code = 'SWAP_BINDING';

  constructor(message: string, details: SwapErrorDetails) {
    super(message, details);
  }
}

/** Thrown when the record and the live traffic disagree. Nothing was changed. */
export class SwapDriftError extends ToolkitError {
  override readonly name = 'SwapDriftError';
  readonly code = 'SWAP_DRIFT';

  constructor(message: string, details: SwapErrorDetails) {
    super(message, details);
  }
}

/** Thrown when another swap of the application is under way. Nothing was changed. */
export class SwapInProgressError extends ToolkitError {
  override readonly name = 'SwapInProgressError';
  readonly code = 'SWAP_IN_PROGRESS';
  /** ID of the swap under way. */
  readonly swapId: string;
  /** Phase of the swap under way. */
  readonly phase: string;
  /** Time since which the swap is in this phase: milliseconds since 1970. */
  readonly phaseSince: number;

  constructor({
    swapId,
    phase,
    phaseSince,
    ...details
  }: SwapErrorDetails & { readonly swapId: string; readonly phase: string; readonly phaseSince: number }) {
    super(`Another swap of ${details.resource} is under way`, details);
    this.swapId = swapId;
    this.phase = phase;
    this.phaseSince = phaseSince;
  }
}

/** Thrown when another process has the claim of the application, or has changed its record. */
export class SwapConflictError extends ToolkitError {
  override readonly name = 'SwapConflictError';
  readonly code = 'SWAP_CONFLICT';

  constructor(message: string, details: SwapErrorDetails) {
    super(message, details);
  }
}

/** Thrown when a plan cannot work, or is not the plan with which a swap began. Nothing was changed. */
export class SwapPlanError extends ToolkitError {
  override readonly name = 'SwapPlanError';
  readonly code = 'SWAP_PLAN';
  /** Names of the steps with a problem. */
  readonly steps: readonly string[];

  constructor(
    message: string,
    { steps, ...details }: SwapErrorDetails & { readonly steps: readonly string[] },
  ) {
    super(message, details);
    this.steps = steps;
  }
}

/** Thrown when a swap can no longer be rolled back, because a step of `retire` has begun or AWS no longer returns the traffic. */
export class SwapPastReturnError extends ToolkitError {
  override readonly name = 'SwapPastReturnError';
  readonly code = 'SWAP_PAST_RETURN';

  constructor(message: string, details: SwapErrorDetails) {
    super(message, details);
  }
}
