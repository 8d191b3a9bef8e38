import { messageOf } from './describe-error.js';
import { recordedCall } from './recorded-calls.js';

const brand = Symbol.for('aws-blue-green-toolkit/error');

/** Details of every {@link ToolkitError}, besides its message. */
export interface ToolkitErrorDetails {
  /** Identifier, name or ARN of the affected resource. */
  readonly resource?: string | undefined;
  /** Expected state or value. */
  readonly expected?: string | undefined;
  /** Actual state or value. */
  readonly actual?: string | undefined;
  /** Next step for the user. */
  readonly remedy?: string | undefined;
  /** Error that caused this one. */
  readonly cause?: unknown;
}

/**
 * Base class of every error that this package throws on purpose. An SDK error passes through unchanged when there is nothing
 * to add.
 */
export abstract class ToolkitError extends Error implements ToolkitErrorDetails {
  /** Name of the class, even when a bundler has renamed the class. */
  abstract override readonly name: string;
  /** Stable error code for programs. */
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

  /** True when a caught value is an error of this package, even from its other copy (ESM or CommonJS). */
  static isInstance(error: unknown): error is ToolkitError {
    try {
      return typeof error === 'object' && error !== null && brand in error;
    } catch {
      // A proxy that throws.
      return false;
    }
  }
}

function sentences(message: string, { expected, actual, remedy }: ToolkitErrorDetails): string {
  const comparison = [expected && `expected ${expected}`, actual && `got ${actual}`]
    .filter(Boolean)
    .join(', ');
  const summary = comparison ? `${message}: ${comparison}` : message;
  // A sentence of AWS ends with its own full stop.
  return remedy ? `${summary.replace(/\.$/, '')}. ${remedy}` : summary;
}

/** One invalid field. */
export interface InputProblem {
  /** Path of the field, such as `blue.clusterIdentifier`. */
  readonly field: string;
  /** Expected value. */
  readonly expected: string;
  /** Actual value. */
  readonly actual: string;
  /** Text that replaces `expected …, got …` in the message. */
  readonly text?: string | undefined;
}

/** Maximum number of problems in a message; the message counts the others. */
const maxProblems = 10;

/** Thrown for a malformed option, event or other input. Nothing was changed in AWS. */
export class InvalidInputError extends ToolkitError {
  override readonly name = 'InvalidInputError';
  readonly code = 'INVALID_INPUT';
  /** Every invalid field, not only the first. */
  readonly problems: readonly InputProblem[];

  constructor({ subject, problems }: { subject: string; problems: readonly InputProblem[] }) {
    super(`Invalid ${withoutCapital(subject)}: ${describeProblems(problems)}`, { resource: subject });
    this.problems = problems;
  }
}

/** Creates the error of an input with one invalid field. */
export function invalidInput(subject: string, problem: InputProblem): InvalidInputError {
  return new InvalidInputError({ subject, problems: [problem] });
}

function describeProblems(problems: readonly InputProblem[]): string {
  const texts = problems.slice(0, maxProblems).map(({ field, expected, actual, text }) => {
    const problem = text ?? `expected ${expected}, got ${actual}`;
    return field === '' ? problem : `${field}: ${problem}`;
  });
  const rest = problems.length - texts.length;
  return [...texts, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

/** Lower-cases `Shift state` for use within a sentence, and leaves `SqsTools options` unchanged. */
function withoutCapital(subject: string): string {
  return /^[A-Z][a-z]+( |$)/.test(subject) ? subject.charAt(0).toLowerCase() + subject.slice(1) : subject;
}

/** Thrown when AWS denied a call because a permission is missing. The call is not retried. */
export class AccessDeniedError extends ToolkitError {
  override readonly name = 'AccessDeniedError';
  readonly code = 'ACCESS_DENIED';
  /** Denied IAM action, such as `rds:StartDBCluster`. */
  readonly action: string;
  /** ARN of the denied user or role session; undefined when AWS has not named it. */
  readonly principal: string | undefined;

  constructor({
    action,
    resource,
    principal,
    cause,
  }: {
    action: string;
    resource: string;
    principal?: string | undefined;
    cause: unknown;
  }) {
    super(`Access to ${resource} was denied`, {
      resource,
      remedy: `Allow the IAM action ${action} on it${principal === undefined ? '' : ` for ${principal}`}`,
      cause,
    });
    this.action = action;
    this.principal = principal;
  }
}

/** Thrown when a required resource does not exist. */
export class ResourceNotFoundError extends ToolkitError {
  override readonly name = 'ResourceNotFoundError';
  readonly code = 'RESOURCE_NOT_FOUND';

  constructor(message: string, details: ToolkitErrorDetails & { readonly resource: string }) {
    super(message, details);
  }
}

/** Thrown when the state or a setting of a resource does not allow the change. */
export class ResourceStateError extends ToolkitError {
  override readonly name = 'ResourceStateError';
  readonly code = 'RESOURCE_STATE';

  constructor(message: string, details: ToolkitErrorDetails & { readonly resource: string }) {
    super(message, details);
  }
}

/** Thrown when a response lacks a field that it always has, or holds an invalid one. The package never guesses the value. */
export class UnexpectedResponseError extends ToolkitError {
  override readonly name = 'UnexpectedResponseError';
  readonly code = 'UNEXPECTED_RESPONSE';

  constructor(details: { action: string; resource: string; field: string; actual?: string | undefined }) {
    const { action, resource, field, actual = 'none' } = details;
    super(`Response of ${action} for ${resource} is incomplete`, {
      resource,
      expected: `the field ${field}`,
      actual,
    });
  }
}

/** Thrown when a wait ended because its `maxWaitSeconds` had passed. The expected state can still be reached later. */
export class WaitTimeoutError extends ToolkitError {
  override readonly name = 'WaitTimeoutError';
  readonly code = 'WAIT_TIMEOUT';
  /** Seconds that had passed. */
  readonly maxWaitSeconds: number;

  constructor({
    maxWaitSeconds,
    ...details
  }: ToolkitErrorDetails & { resource: string; maxWaitSeconds: number }) {
    super(`${details.resource} was not ready after ${maxWaitSeconds} s`, details);
    this.maxWaitSeconds = maxWaitSeconds;
  }
}

/** Thrown when the caller's `AbortSignal` ended an operation. `cause` is the signal's reason. */
export class OperationAbortedError extends ToolkitError {
  override readonly name = 'OperationAbortedError';
  readonly code = 'OPERATION_ABORTED';
  /** Last error before the abort, such as the last refusal of AWS; undefined when there was none. */
  readonly lastError: unknown;

  constructor({ lastError, ...details }: ToolkitErrorDetails & { readonly lastError?: unknown }) {
    const work = details.resource ? `Aborted while working on ${details.resource}` : 'Aborted';
    super(`${work}${afterLastError(lastError)}`, details);
    this.lastError = lastError;
  }
}

/** Returns the last error as the end of a sentence. */
export function afterLastError(lastError: unknown): string {
  return lastError === undefined ? '' : `; the last error was: ${messageOf(lastError)}`;
}

/**
 * Reason of a hook's aborted signal: the Lambda invocation is about to reach its time-out. `cause` is the last error before that,
 * when it is known.
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

/** Thrown when some parts of one operation failed. The other parts succeeded. */
export class MultipleFailuresError extends ToolkitError {
  override readonly name = 'MultipleFailuresError';
  readonly code = 'MULTIPLE_FAILURES';
  /** Errors of the failed parts. */
  readonly errors: readonly unknown[];

  constructor({ errors, total }: { errors: readonly unknown[]; total: number }) {
    super(`${errors.length} of ${total} parts failed: ${describeFailures(errors)}`, {
      resource: errors.length === 1 ? recordedCall(errors[0])?.resource : undefined,
      cause: errors[0],
    });
    this.errors = errors;
  }
}

/** Maximum number of resources in the message of one failure; the message counts the others. */
const maxResources = 5;

/** Lists each different failure once, with the affected resources unless its message names them. */
function describeFailures(errors: readonly unknown[]): string {
  const resources = new Map<string, Set<string>>();
  for (const error of errors) {
    const text = failureText(error);
    const named = resources.get(text) ?? new Set();
    const resource = ToolkitError.isInstance(error) ? undefined : recordedCall(error)?.resource;
    if (resource !== undefined) named.add(resource);
    resources.set(text, named);
  }
  return [...resources].map(([text, named]) => `${resourcePrefix([...named])}${text}`).join(' | ');
}

function resourcePrefix(resources: readonly string[]): string {
  if (resources.length === 0) return '';
  const rest = resources.length - maxResources;
  return `${resources.slice(0, maxResources).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}: `;
}

/** Includes the name of an SDK error, because its message often lacks the kind of failure. */
function failureText(error: unknown): string {
  const message = messageOf(error);
  if (recordedCall(error) === undefined || ToolkitError.isInstance(error)) return message;
  return error instanceof Error && error.name !== 'Error' ? `${error.name}: ${message}` : message;
}
