import type { DefinitionSettings, OwnTask, OwnTaskEvent, StateDefinition } from './definition-options.js';
import { retriesPerCall, retriesPerRollback } from './history-events.js';

/** States of the machine by their names. */
export type States = Readonly<Record<string, StateDefinition>>;

/** Retries every error except the final ones. */
function retry(limits: {
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds?: number;
}): readonly object[] {
  return [
    { ErrorEquals: ['InvalidInputError', 'AccessDeniedError'], MaxAttempts: 0 },
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 2, BackoffRate: 2, ...limits, JitterStrategy: 'FULL' },
  ];
}

function changeRetry(action: string): readonly object[] {
  // Retried for hours: users can get errors until the rollback is done.
  if (action === 'rollBack') return retry({ MaxDelaySeconds: 300, MaxAttempts: retriesPerRollback });
  return retry({ MaxDelaySeconds: 30, MaxAttempts: retriesPerCall });
}

/** Errors of the services that Step Functions calls, as opposed to errors of the called function. */
const passingErrors = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'SNS.InternalErrorException',
  'SNS.ThrottledException',
  'SNS.SdkClientException',
  'SQS.RequestThrottledException',
  'SQS.SdkClientException',
  'StepFunctions.AWSStepFunctionsException',
  'StepFunctions.ExecutionLimitExceededException',
  'StepFunctions.ThrottlingException',
  'StepFunctions.SdkClientException',
] as const;

/** Retry policy of a call whose own errors are its result. */
export function serviceRetry(): readonly object[] {
  return [
    {
      ErrorEquals: [...passingErrors],
      IntervalSeconds: 2,
      BackoffRate: 2,
      MaxAttempts: 6,
      JitterStrategy: 'FULL',
    },
  ];
}

/** Longer than the maximum time-out of a function. */
const ownFunctionTimeoutSeconds = 930;

/** A state of the user may wait for a deployment or a build. */
const ownStateTimeoutSeconds = 86_400;

/** Catches errors. The error is stored in `$.failure`, and the rest of the state stays. */
export function onError(next: string, errors: readonly string[] = ['States.ALL']) {
  return [{ ErrorEquals: [...errors], ResultPath: '$.failure', Next: next }];
}

/** Returns the ARN of an integration. A machine runs only integrations of its own partition. */
export function integration({ partition }: DefinitionSettings, name: string): string {
  return `arn:${partition}:states:::${name}`;
}

/** State that calls the handler with the whole state of the machine and replaces it by the result. */
export function changeTask(
  settings: DefinitionSettings,
  action: string,
  { next, fails }: { next: string; fails: string },
): StateDefinition {
  const { functionArn, functionTimeoutSeconds, approval } = settings;
  return {
    Type: 'Task',
    Resource: integration(settings, 'lambda:invoke'),
    Parameters: {
      FunctionName: functionArn,
      Payload: {
        action,
        'state.$': '$',
        ...(approval && { approvalTimeoutSeconds: approval.timeoutSeconds }),
      },
    },
    OutputPath: '$.Payload',
    // Longer than the function's time-out, so that the function never runs twice at a time.
    TimeoutSeconds: functionTimeoutSeconds + 30,
    Retry: changeRetry(action),
    Catch: onError(fails),
    Next: next,
  };
}

/** Fields of the machine's state from which another execution continues. */
export const continuedFields: Readonly<Record<string, string>> = Object.fromEntries(
  ['input', 'state', 'approved', 'reason', 'isRollingBack'].map((field) => [`${field}.$`, `$.${field}`]),
);

/** Payload of a user's function, besides the input. */
interface OwnPayload {
  readonly task: OwnTaskEvent['task'];
  readonly [field: string]: unknown;
}

/** State of a user's task. The result is discarded. */
export function ownTask(
  settings: DefinitionSettings,
  task: OwnTask,
  { payload, next, fails }: { payload: OwnPayload; next: string; fails: string },
): StateDefinition {
  const flow = { ResultPath: null, Catch: onError(fails), Next: next };
  if (typeof task !== 'string') return { ...withTimeout(task), ...flow };
  return {
    Type: 'Task',
    Resource: integration(settings, 'lambda:invoke'),
    Parameters: { FunctionName: task, Payload: { ...payload, 'input.$': '$.input' } },
    TimeoutSeconds: ownFunctionTimeoutSeconds,
    // A report is retried even after the function's process has died, because a duplicate does no harm.
    Retry: payload.task === 'report' ? retry({ MaxAttempts: 6 }) : serviceRetry(),
    ...flow,
  };
}

function withTimeout(state: StateDefinition): StateDefinition {
  if (state.Type !== 'Task') return state;
  const hasTimeout = 'TimeoutSeconds' in state || 'TimeoutSecondsPath' in state;
  return { ...state, ...(!hasTimeout && { TimeoutSeconds: ownStateTimeoutSeconds }) };
}
