import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import type { SdkError } from '@smithy/types';

/** Whether AWS has refused a call for nothing but its rate. */
export function isThrottled(error: unknown): boolean {
  return error instanceof Error && isThrottlingError(error as SdkError);
}

/** Whether an error of AWS may be gone when the call is made again: throttling, a fault of the service, a passing one. */
export function isTemporary(error: SdkError): boolean {
  return isThrottlingError(error) || isServerError(error) || isTransientError(error);
}
