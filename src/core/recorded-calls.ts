/** The call in which an error was thrown. */
export interface RecordedCall {
  /** The IAM action, such as `events:EnableRule`. */
  readonly action: string;
  /** The resource that the call was about. */
  readonly resource: string;
}

/** By error: an SDK error stays as the SDK threw it. */
const calls = new WeakMap<object, RecordedCall>();

/** Records the call in which an error was thrown, so that the error's service and resource are known later. */
export function recordCall(error: unknown, { action, resource }: RecordedCall): void {
  if (typeof error === 'object' && error !== null) calls.set(error, { action, resource });
}

/** Returns undefined for an error that was thrown outside of a call to AWS. */
export function recordedCall(error: unknown): RecordedCall | undefined {
  return typeof error === 'object' && error !== null ? calls.get(error) : undefined;
}
