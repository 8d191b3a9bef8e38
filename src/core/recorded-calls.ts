/** The call in which an error was thrown. */
export interface RecordedCall {
  /** IAM action, such as `events:EnableRule`. */
  readonly action: string;
  readonly resource: string;
}

/** Calls by error, kept apart so that an SDK error stays unchanged. */
const calls = new WeakMap<object, RecordedCall>();

/** Records the call in which an error was thrown, so that the error's service and resource are known later. */
export function recordCall(error: unknown, { action, resource }: RecordedCall): void {
  if (typeof error === 'object' && error !== null) calls.set(error, { action, resource });
}

/** Returns undefined for an error that was thrown outside of a call to AWS. */
export function recordedCall(error: unknown): RecordedCall | undefined {
  return typeof error === 'object' && error !== null ? calls.get(error) : undefined;
}
