/** An error as a log line tells it: flat, because console cuts nested objects off. */
export interface DescribedError extends Record<string, unknown> {
  /** Name and message. */
  readonly error: string;
  /** What led to it, and what led to that. */
  readonly causes?: readonly string[];
  readonly stack?: string;
}

/** A chain of causes that is longer, or goes in a circle, is cut off here. */
const mostCauses = 10;

/** The parts of a signed URL that give access. */
const signedUrlSecrets = /(X-Amz-(?:Credential|Security-Token|Signature))=[^&\s"']+/gi;

/**
 * Describes anything that was thrown, and never throws itself. Only names, messages and the stack are told, because an SDK error's other
 * properties can hold whole requests; signatures of signed URLs in messages are left out.
 */
export function describeError(thrown: unknown): DescribedError {
  try {
    return describe(thrown);
  } catch {
    return { error: 'an error that cannot be read' };
  }
}

function describe(thrown: unknown): DescribedError {
  const [, ...causes] = withCauses(thrown);
  return {
    error: inOneLine(thrown),
    ...(causes.length > 0 && { causes: causes.map(inOneLine) }),
    ...(thrown instanceof Error && thrown.stack !== undefined && { stack: withoutSecrets(thrown.stack) }),
  };
}

/** The thrown value, its causes and the parts of aggregate errors, nearest first. */
function withCauses(thrown: unknown): unknown[] {
  const found = new Set([thrown]);
  for (const error of found) {
    if (!(error instanceof Error)) continue;
    if (error.cause !== undefined) found.add(error.cause);
    if ('errors' in error && Array.isArray(error.errors)) for (const part of error.errors) found.add(part);
    if (found.size > mostCauses) break;
  }
  return [...found].slice(0, mostCauses + 1);
}

function inOneLine(thrown: unknown): string {
  if (thrown instanceof Error) return withoutSecrets(`${thrown.name}: ${thrown.message}`);
  return typeof thrown === 'object' ? Object.prototype.toString.call(thrown) : withoutSecrets(String(thrown));
}

function withoutSecrets(text: string): string {
  return text.replace(signedUrlSecrets, '$1=…');
}
