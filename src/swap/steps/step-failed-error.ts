import { ToolkitError, type ToolkitErrorDetails } from '../../core/errors.js';

/** Thrown when a step failed for good, such as a check that failed or a function that returned an error. It is not repeated. */
export class StepFailedError extends ToolkitError {
  override readonly name = 'StepFailedError';
  readonly code = 'STEP_FAILED';

  constructor(message: string, details: ToolkitErrorDetails & { readonly resource: string }) {
    super(message, details);
  }
}
