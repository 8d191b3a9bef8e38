import type { DefinitionSettings, OwnTask, OwnTaskEvent, StateDefinition } from './definition-options.js';
import { retriesPerCall, retriesPerRollback } from './history-events.js';

/** Some states of the machine, by their names. */
export type States = Readonly<Record<string, StateDefinition>>;

/** All but what no repetition makes good. */
function retry(limits: {
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds?: number;
}): readonly object[] {
  return [
    { ErrorEquals: ['InvalidInputError', 'AccessDeniedError'], MaxAttempts: 0 },
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 2, BackoffRate: 2, ...limits, JitterStrategy: 'FULL' },
  ];
}

function shiftRetry(action: string): readonly object[] {
  // Hours: while the traffic cannot be routed back, somebody's users get errors.
  if (action === 'rollBack') return retry({ MaxDelaySeconds: 300, MaxAttempts: retriesPerRollback });
  return retry({ MaxDelaySeconds: 30, MaxAttempts: retriesPerCall });
}

/** What Step Functions says when the services that it calls are to blame, and not what is called there. */
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

/** For what is called once: its own errors are its answer. */
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

/** Longer than any function runs. */
const ownFunctionTimeoutSeconds = 930;

/** Longer than a deployment or a build takes: a state of the user's may wait for one. */
const ownStateTimeoutSeconds = 86_400;

/** On an error: it is kept in `$.failure`, beside everything else. */
export function onError(next: string, errors: readonly string[] = ['States.ALL']) {
  return [{ ErrorEquals: [...errors], ResultPath: '$.failure', Next: next }];
}

/** The ARN of an integration; a machine runs only those of its own partition. */
export function integration({ partition }: DefinitionSettings, name: string): string {
  return `arn:${partition}:states:::${name}`;
}

/** A call of the handler: it gets all that the machine holds, and what it answers is held from then on. */
export function shiftTask(
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
    // Longer than the function may run, so that it never runs twice at a time.
    TimeoutSeconds: functionTimeoutSeconds + 30,
    Retry: shiftRetry(action),
    Catch: onError(fails),
    Next: next,
  };
}

/** What a function of the user's is given besides the input. */
interface OwnPayload {
  readonly task: OwnTaskEvent['task'];
  readonly [field: string]: unknown;
}

/** A task of the user's, whose result is not kept. */
export function ownTask(
  settings: DefinitionSettings,
  task: OwnTask,
  { payload, next, fails }: { payload: OwnPayload; next: string; fails: string },
): StateDefinition {
  const flow = { ResultPath: null, Catch: onError(fails), Next: next };
  if (typeof task !== 'string') return { ...ofOwnState(task), ...flow };
  return {
    Type: 'Task',
    Resource: integration(settings, 'lambda:invoke'),
    Parameters: { FunctionName: task, Payload: { ...payload, 'input.$': '$.input' } },
    TimeoutSeconds: ownFunctionTimeoutSeconds,
    // Somebody waits for the report, also when the function's process has died; to hear it twice does no harm.
    Retry: payload.task === 'report' ? retry({ MaxAttempts: 6 }) : serviceRetry(),
    ...flow,
  };
}

function ofOwnState(state: StateDefinition): StateDefinition {
  if (state.Type !== 'Task') return state;
  const hasTimeout = 'TimeoutSeconds' in state || 'TimeoutSecondsPath' in state;
  return { ...state, ...(!hasTimeout && { TimeoutSeconds: ownStateTimeoutSeconds }) };
}
