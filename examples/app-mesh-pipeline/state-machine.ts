import {
  type StateDefinition,
  type StateMachineDefinition,
  stepFunctionsDefinition,
} from 'aws-blue-green-toolkit/step-functions';

/** The functions behind the machine, by what they do. */
export interface PipelineFunctions {
  readonly planArn: string;
  readonly deployArn: string;
  readonly shiftArn: string;
  readonly removeArn: string;
}

/** The one state machine for every microservice: what differs between them is in the input of its executions. */
export function pipelineDefinition({
  planArn,
  deployArn,
  shiftArn,
  removeArn,
}: PipelineFunctions): StateMachineDefinition {
  const shift = stepFunctionsDefinition({
    functionArn: shiftArn,
    preCheck: deployArn,
    finish: inTurn({
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
      // A shift of very many steps goes on in an execution of its own.
      IsContinuation: {
        Type: 'Choice',
        Choices: [{ Variable: '$.continuedShift', IsPresent: true, Next: shift.StartAt }],
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
        // Only this error says that there was no version before; every other one says nothing.
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

/** Several states where one is asked for. */
function inTurn(states: Readonly<Record<string, StateDefinition>>): StateDefinition {
  const names = Object.keys(states);
  const linked = Object.entries(states).map(([name, state], index) => {
    const next = names[index + 1];
    return [name, { ...state, ...(next === undefined ? { End: true } : { Next: next }) }];
  });
  return { Type: 'Parallel', Branches: [{ StartAt: names[0], States: Object.fromEntries(linked) }] };
}
