/** An error as log fields: flat, because `console` does not print nested objects. */
export interface DescribedError extends Record<string, unknown> {
  /** Name and message. */
  readonly error: string;
  /** The chain of causes, nearest first. */
  readonly causes?: readonly string[];
  readonly stack?: string;
}

/** A longer chain of causes, or a circular one, is cut here. */
const maxCauses = 10;

/** The parts of a signed URL that give access. */
const signedUrlSecrets = /(X-Amz-(?:Credential|Security-Token|Signature))=[^&\s"']+/gi;

/** The user and password of a URL. */
const urlCredentials = /(\b[a-z][a-z\d+.-]{0,30}:\/\/)[^/?#\s"'@]*@/gi;

const unreadable = 'an error that cannot be read';

/**
 * Describes anything that was thrown, and never throws itself. Only names, messages and the stack are used, because an SDK error's other
 * properties can hold whole requests; secrets in URLs are left out.
 */
export function describeError(thrown: unknown): DescribedError {
  try {
    const [, ...causes] = withCauses(thrown);
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    return {
      error: nameAndMessage(thrown),
      ...(causes.length > 0 && { causes: causes.map(nameAndMessage) }),
      ...(typeof stack === 'string' && { stack: withoutSecrets(stack) }),
    };
  } catch {
    return { error: unreadable };
  }
}

/** The message of anything that was thrown; never throws itself. */
export function messageOf(thrown: unknown): string {
  try {
    if (typeof thrown !== 'object' || thrown === null) return withoutSecrets(String(thrown));
    const { message } = thrown as { readonly message?: unknown };
    return typeof message === 'string' ? withoutSecrets(message) : Object.prototype.toString.call(thrown);
  } catch {
    return unreadable;
  }
}

/** Text without the credentials that URLs in it may carry. */
export function withoutSecrets(text: string): string {
  return text.replace(signedUrlSecrets, '$1=…').replace(urlCredentials, '$1…@');
}

/** The thrown value, its causes and the parts of aggregate errors, nearest first. */
function withCauses(thrown: unknown): unknown[] {
  const found = new Set([thrown]);
  for (const error of found) {
    if (!(error instanceof Error)) continue;
    if (error.cause !== undefined) found.add(error.cause);
    if ('errors' in error && Array.isArray(error.errors)) for (const part of error.errors) found.add(part);
    if (found.size > maxCauses) break;
  }
  return [...found].slice(0, maxCauses + 1);
}

function nameAndMessage(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${String(thrown.name)}: ${messageOf(thrown)}` : messageOf(thrown);
  } catch {
    return unreadable;
  }
}
