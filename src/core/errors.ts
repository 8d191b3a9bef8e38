import { messageOf } from './describe-error.js';
import { recordedCall } from './recorded-calls.js';

const brand = Symbol.for('aws-blue-green-toolkit/error');

/** What every {@link ToolkitError} tells besides its message. */
export interface ToolkitErrorDetails {
  /** What the error is about: an identifier, a name or an ARN. */
  readonly resource?: string | undefined;
  /** What should have been. */
  readonly expected?: string | undefined;
  /** What was found instead. */
  readonly actual?: string | undefined;
  /** What to do next. */
  readonly remedy?: string | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * The base of every error that this package throws on purpose. An SDK error that it has nothing to add to passes
 * through untouched.
 */
export abstract class ToolkitError extends Error implements ToolkitErrorDetails {
  /** The name of the class, also where the class itself has been renamed by a bundler. */
  abstract override readonly name: string;
  /** A stable identifier for programs. */
  abstract readonly code: string;
  readonly resource: string | undefined;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
  readonly remedy: string | undefined;

  protected constructor(message: string, details: ToolkitErrorDetails = {}) {
    super(sentences(message, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.resource = details.resource;
    this.expected = details.expected;
    this.actual = details.actual;
    this.remedy = details.remedy;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether a caught value is an error of this package; also true across the ESM and the CommonJS copy of it. */
  static isInstance(error: unknown): error is ToolkitError {
    try {
      return typeof error === 'object' && error !== null && brand in error;
    } catch {
      // A proxy that refuses to be read.
      return false;
    }
  }
}

function sentences(message: string, { expected, actual, remedy }: ToolkitErrorDetails): string {
  const comparison = [expected && `expected ${expected}`, actual && `got ${actual}`]
    .filter(Boolean)
    .join(', ');
  return [comparison ? `${message}: ${comparison}` : message, remedy].filter(Boolean).join('. ');
}

/** One field that is not as it should be. */
export interface InputProblem {
  /** The path of the field, such as `blue.clusterIdentifier`. */
  readonly field: string;
  /** What should have been. */
  readonly expected: string;
  /** What was given instead. */
  readonly actual: string;
  /** The problem in words, where `expected …, got …` does not say it. */
  readonly text?: string | undefined;
}

/** A message names as many problems, and the number of the others. */
const maxProblems = 10;

/** An option, an event or another input is malformed. Nothing was changed in AWS. */
export class InvalidInputError extends ToolkitError {
  override readonly name = 'InvalidInputError';
  readonly code = 'INVALID_INPUT';
  /** Every field that is wrong, not just the first. */
  readonly problems: readonly InputProblem[];

  constructor({ subject, problems }: { subject: string; problems: readonly InputProblem[] }) {
    super(`Invalid ${withoutCapital(subject)}: ${describeProblems(problems)}`, { resource: subject });
    this.problems = problems;
  }
}

function describeProblems(problems: readonly InputProblem[]): string {
  const texts = problems.slice(0, maxProblems).map(({ field, expected, actual, text }) => {
    const problem = text ?? `expected ${expected}, got ${actual}`;
    return field === '' ? problem : `${field}: ${problem}`;
  });
  const rest = problems.length - texts.length;
  return [...texts, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

/** `Shift state` within a sentence; `SqsTools options` stays as it is. */
function withoutCapital(subject: string): string {
  return /^[A-Z][a-z]+( |$)/.test(subject) ? subject.charAt(0).toLowerCase() + subject.slice(1) : subject;
}

/** AWS refused a call because a permission is missing. It is not retried. */
export class AccessDeniedError extends ToolkitError {
  override readonly name = 'AccessDeniedError';
  readonly code = 'ACCESS_DENIED';
  /** The IAM action that was refused, such as `rds:StartDBCluster`. */
  readonly action: string;

  constructor({ action, resource, cause }: { action: string; resource: string; cause: unknown }) {
    super(`Access to ${resource} was denied`, {
      resource,
      remedy: `Allow the IAM action ${action} on it`,
      cause,
    });
    this.action = action;
  }
}

/** A resource that has to exist does not. */
export class ResourceNotFoundError extends ToolkitError {
  override readonly name = 'ResourceNotFoundError';
  readonly code = 'RESOURCE_NOT_FOUND';

  constructor(message: string, details: ToolkitErrorDetails & { readonly resource: string }) {
    super(message, details);
  }
}

/** A resource is in a state, or has a setting, in which the change cannot be made. */
export class ResourceStateError extends ToolkitError {
  override readonly name = 'ResourceStateError';
  readonly code = 'RESOURCE_STATE';

  constructor(message: string, details: ToolkitErrorDetails & { readonly resource: string }) {
    super(message, details);
  }
}

/** AWS's answer lacks a field that it always has. Nothing is guessed in its place. */
export class UnexpectedResponseError extends ToolkitError {
  override readonly name = 'UnexpectedResponseError';
  readonly code = 'UNEXPECTED_RESPONSE';

  constructor(details: { action: string; resource: string; field: string; actual?: string | undefined }) {
    const { action, resource, field, actual = 'none' } = details;
    super(`The answer of ${action} for ${resource} is incomplete`, {
      resource,
      expected: `the field ${field}`,
      actual,
    });
  }
}

/** A wait ended because its `maxWaitSeconds` had passed. What was waited for may still happen. */
export class WaitTimeoutError extends ToolkitError {
  override readonly name = 'WaitTimeoutError';
  readonly code = 'WAIT_TIMEOUT';
  /** The seconds that had passed. */
  readonly maxWaitSeconds: number;

  constructor({
    maxWaitSeconds,
    ...details
  }: ToolkitErrorDetails & { resource: string; maxWaitSeconds: number }) {
    super(`${details.resource} was not ready after ${maxWaitSeconds} s`, details);
    this.maxWaitSeconds = maxWaitSeconds;
  }
}

/** The caller's `AbortSignal` ended an operation. `cause` is the signal's reason. */
export class OperationAbortedError extends ToolkitError {
  override readonly name = 'OperationAbortedError';
  readonly code = 'OPERATION_ABORTED';
  /** The last error before the abort, such as AWS's last refusal; undefined when there was none. */
  readonly lastError: unknown;

  constructor({ lastError, ...details }: ToolkitErrorDetails & { readonly lastError?: unknown }) {
    const work = details.resource ? `Aborted while working on ${details.resource}` : 'Aborted';
    super(`${work}${afterLastError(lastError)}`, details);
    this.lastError = lastError;
  }
}

/** The end of a sentence about an end that has another reason. */
export function afterLastError(lastError: unknown): string {
  return lastError === undefined ? '' : `; the last error was: ${messageOf(lastError)}`;
}

/**
 * The time that a Lambda invocation has is nearly over: the reason with which a hook's signal is aborted. `cause` is the last error
 * before that, where it is known.
 */
export class DeadlineError extends ToolkitError {
  override readonly name = 'DeadlineError';
  readonly code = 'DEADLINE_EXCEEDED';
  /** Seconds that the invocation had left when the signal was aborted. */
  readonly remainingSeconds: number;

  constructor({ remainingSeconds, ...details }: ToolkitErrorDetails & { remainingSeconds: number }) {
    const left = `The Lambda function's time is nearly over: ${remainingSeconds} s are left`;
    super(`${left}${afterLastError(details.cause)}`, details);
    this.remainingSeconds = remainingSeconds;
  }
}

/** Some parts of one operation failed; the other parts were carried out. */
export class MultipleFailuresError extends ToolkitError {
  override readonly name = 'MultipleFailuresError';
  readonly code = 'MULTIPLE_FAILURES';
  /** The errors of the parts that failed. */
  readonly errors: readonly unknown[];

  constructor({ errors, total }: { errors: readonly unknown[]; total: number }) {
    super(`${errors.length} of ${total} parts failed: ${describeFailures(errors)}`, {
      resource: errors.length === 1 ? recordedCall(errors[0])?.resource : undefined,
      cause: errors[0],
    });
    this.errors = errors;
  }
}

/** A message names as many resources of one failure, and the number of the others. */
const maxResources = 5;

/** Each different failure once, with the resources that it is about unless its own words name them. */
function describeFailures(errors: readonly unknown[]): string {
  const resources = new Map<string, Set<string>>();
  for (const error of errors) {
    const text = failureText(error);
    const named = resources.get(text) ?? new Set();
    const resource = ToolkitError.isInstance(error) ? undefined : recordedCall(error)?.resource;
    if (resource !== undefined) named.add(resource);
    resources.set(text, named);
  }
  return [...resources].map(([text, named]) => `${inWords([...named])}${text}`).join(' | ');
}

function inWords(resources: readonly string[]): string {
  if (resources.length === 0) return '';
  const rest = resources.length - maxResources;
  return `${resources.slice(0, maxResources).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}: `;
}

/** An SDK error's name says what its message leaves out. */
function failureText(error: unknown): string {
  const message = messageOf(error);
  if (recordedCall(error) === undefined || ToolkitError.isInstance(error)) return message;
  return error instanceof Error && error.name !== 'Error' ? `${error.name}: ${message}` : message;
}
