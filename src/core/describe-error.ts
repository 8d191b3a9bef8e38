/** An error as log fields: flat, because `console` does not print nested objects. */
export interface DescribedError extends Record<string, unknown> {
  /** Name and message. */
  readonly error: string;
  /** Causes, nearest first. */
  readonly causes?: readonly string[];
  readonly stack?: string;
}

/** Limit for a long or circular chain of causes. */
const maxCauses = 10;

/** Parameters of a signed URL that grant access. */
const signedUrlSecrets = /(X-Amz-(?:Credential|Security-Token|Signature))=[^&\s"']+/gi;

/** User and password in a URL. */
const urlCredentials = /(\b[a-z][a-z\d+.-]{0,30}:\/\/)[^/?#\s"'@]*@/gi;

/** Remedies for messages of the SDK about its own configuration. */
const sdkRemedies: Readonly<Record<string, string>> = {
  'Region is missing': 'Set the environment variable AWS_REGION, or pass clients that have a region',
  'Could not load credentials from any providers':
    'Give this process an IAM role, set AWS_PROFILE, or pass clients that have credentials',
};

const unreadable = 'an error that cannot be read';

/**
 * Describes a thrown value. Never throws.
 *
 * Only names, messages and the stack are used, because other properties of an SDK error can hold whole requests. Secrets in
 * URLs are removed.
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

/** Returns the message of a thrown value. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    if (typeof thrown !== 'object' || thrown === null) return withoutSecrets(String(thrown));
    const { message } = thrown as { readonly message?: unknown };
    return typeof message === 'string'
      ? withRemedy(withoutSecrets(message))
      : Object.prototype.toString.call(thrown);
  } catch {
    return unreadable;
  }
}

/** Returns the remedy for a message of the SDK about its own configuration. */
export function sdkRemedyOf(message: string): string | undefined {
  return Object.hasOwn(sdkRemedies, message) ? sdkRemedies[message] : undefined;
}

function withRemedy(message: string): string {
  const remedy = sdkRemedyOf(message);
  return remedy === undefined ? message : `${message}. ${remedy}`;
}

/** Removes credentials from URLs in a text. */
export function withoutSecrets(text: string): string {
  return text.replace(signedUrlSecrets, '$1=…').replace(urlCredentials, '$1…@');
}

/** Returns the thrown value, its causes and the parts of aggregate errors, nearest first. */
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
