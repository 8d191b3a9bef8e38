import type { SdkError } from '@smithy/types';

/** Whether AWS has refused a call for nothing but its rate. */
export async function isThrottled(error: unknown): Promise<boolean> {
  if (!(error instanceof Error)) return false;
  const { isThrottlingError } = await retryRules();
  return isThrottlingError(error as SdkError);
}

/** Whether an error of AWS may be gone when the call is made again: throttling, a fault of the service, a passing one. */
export async function isTemporary(error: SdkError): Promise<boolean> {
  const { isServerError, isThrottlingError, isTransientError } = await retryRules();
  return isThrottlingError(error) || isServerError(error) || isTransientError(error);
}

/** Loaded once a call has failed: these few rules take Node a tenth of the time in which it loads a whole client. */
function retryRules(): Promise<typeof import('@smithy/core/retry')> {
  return import('@smithy/core/retry');
}
