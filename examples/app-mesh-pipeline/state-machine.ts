import {
  type StateDefinition,
  type StateMachineDefinition,
  stepFunctionsDefinition,
} from 'aws-blue-green-toolkit/step-functions';

/** ARNs of the functions of the machine. */
export interface PipelineFunctions {
  readonly planArn: string;
  readonly deployArn: string;
  readonly shiftArn: string;
  readonly removeArn: string;
}

/** Returns the state machine for all microservices. The input of an execution has their differences. */
export function pipelineDefinition({
  planArn,
  deployArn,
  shiftArn,
  removeArn,
}: PipelineFunctions): StateMachineDefinition {
  const shift = stepFunctionsDefinition({
    functionArn: shiftArn,
    preCheck: deployArn,
    finish: sequence({
      RemoveOldVersion: {
        ...invoke(removeArn, { task: 'finish', 'input.$': '$.input' }),
        ResultPath: null,
      },
      RecordVersion: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:ssm:putParameter',
        Parameters: {
          'Name.$': parameterOf('$.input.microservice'),
          'Value.$': '$.input.version',
          Type: 'String',
          Overwrite: true,
        },
        TimeoutSeconds: 60,
        Retry: retry,
      },
    }),
    cleanUp: removeArn,
  });
  return {
    Comment: 'Deploys a new version of a microservice in an App Mesh, step by step',
    StartAt: 'IsContinuation',
    States: {
      // A shift with very many steps continues in a new execution.
      IsContinuation: {
        Type: 'Choice',
        Choices: [{ Variable: '$.continued', IsPresent: true, Next: shift.StartAt }],
        Default: 'TakeMicroservice',
      },
      TakeMicroservice: { Type: 'Pass', Parameters: { 'input.$': '$' }, Next: 'ReadVersion' },
      ReadVersion: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:ssm:getParameter',
        Parameters: { 'Name.$': parameterOf('$.input.microservice') },
        ResultSelector: { 'version.$': '$.Parameter.Value' },
        ResultPath: '$.recorded',
        TimeoutSeconds: 60,
        // Only this error means that there was no version before.
        Catch: [
          { ErrorEquals: ['Ssm.ParameterNotFoundException'], ResultPath: '$.recorded', Next: 'CheckVersion' },
        ],
        Retry: [{ ErrorEquals: ['Ssm.ParameterNotFoundException'], MaxAttempts: 0 }, ...retry],
        Next: 'CheckVersion',
      },
      CheckVersion: {
        ...invoke(planArn, { 'input.$': '$.input', 'recorded.$': '$.recorded' }),
        OutputPath: '$.Payload',
        Next: 'IsDeployed',
      },
      IsDeployed: {
        Type: 'Choice',
        Choices: [{ Variable: '$.isDeployed', BooleanEquals: true, Next: 'AlreadyDeployed' }],
        Default: shift.StartAt,
      },
      AlreadyDeployed: { Type: 'Succeed' },
      ...shift.States,
    },
  };
}

const retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 4 }];

function invoke(functionArn: string, Payload: object): StateDefinition {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: functionArn, Payload },
    TimeoutSeconds: 930,
    Retry: retry,
  };
}

function parameterOf(path: string): string {
  return `States.Format('/deployments/{}/version', ${path})`;
}

/** Wraps a sequence of states in one state. */
function sequence(states: Readonly<Record<string, StateDefinition>>): StateDefinition {
  const names = Object.keys(states);
  const linked = Object.entries(states).map(([name, state], index) => {
    const next = names[index + 1];
    return [name, { ...state, ...(next === undefined ? { End: true } : { Next: next }) }];
  });
  return { Type: 'Parallel', Branches: [{ StartAt: names[0], States: Object.fromEntries(linked) }] };
}
