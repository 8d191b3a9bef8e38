import {
  type DefinitionSettings,
  parseDefinitionOptions,
  type StateDefinition,
  type StateMachineDefinition,
  type StepFunctionsDefinitionOptions,
} from './definition-options.js';
import { integration, onError, ownTask, serviceRetry, shiftTask } from './states.js';

type States = Readonly<Record<string, StateDefinition>>;

/** An execution of Step Functions lives a year at most. */
const aYearInSeconds = 31_536_000;

/**
 * Makes the definition of a state machine that carries out shifts of any length, in the Amazon States Language with
 * JSONPath: begin, then advance and wait in turns until the end; any error rolls back. The function with the
 * `stepFunctionsHandler` does the work. One machine serves every service, because each execution's input says what is
 * shifted.
 *
 * An execution succeeds when the shift does. Otherwise it fails, with the reason as its cause and one of these errors:
 * `ShiftNotBegun` (nothing was shifted), `ShiftRolledBack`, `ShiftHalted` (a person has to look, also after a rollback that
 * failed), `ShiftFinishFailed` (all the traffic is on the incoming stack), `ShiftCleanUpFailed` (it was rolled back),
 * `ShiftReportFailed`.
 *
 * Give the state machine no `TimeoutSeconds` of its own: it would leave the traffic where it is. The request's
 * `maxDurationSeconds` rolls back in time.
 *
 * @remarks IAM, of the machine's role: lambda:InvokeFunction on the functions; states:StartExecution on the machine itself,
 * states:DescribeExecution and states:StopExecution on its executions, and events:PutRule, events:PutTargets and
 * events:DescribeRule on the rule `StepFunctionsGetEventsForStepFunctionsExecutionRule`, to continue as a new execution;
 * sns:Publish or sqs:SendMessage for approvals. See docs/guides/long-rollouts.md.
 * @throws InvalidInputError when an option is missing or malformed.
 *
 * @example
 * ```ts
 * import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/traffic/step-functions';
 *
 * const definition = stepFunctionsDefinition({
 *   functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:traffic-shift',
 *   functionTimeoutSeconds: 120,
 * });
 *
 * console.log(JSON.stringify(definition, undefined, 2));
 * ```
 */
export function stepFunctionsDefinition(options: StepFunctionsDefinitionOptions): StateMachineDefinition {
  const settings = parseDefinitionOptions(options);
  return {
    Comment: 'Shifts traffic from one stack of a blue/green pair to the other (aws-blue-green-toolkit)',
    StartAt: 'IsContinued',
    States: {
      ...beginning(settings),
      ...loop(settings),
      ...(settings.approval && approval(settings)),
      ...success(settings),
      ...rollback(settings),
      ...ends(settings),
    },
  };
}

/** Nothing is done before the input is known to be valid. */
function beginning(settings: DefinitionSettings): States {
  const { preCheck } = settings;
  const fails = 'NotBegun';
  return {
    IsContinued: {
      Type: 'Choice',
      Choices: [{ Variable: '$.continuedShift', IsPresent: true, Next: 'TakeOver' }],
      Default: 'TakeInput',
    },
    TakeOver: {
      Type: 'Pass',
      Parameters: { 'input.$': '$.continuedShift.input', 'course.$': '$.continuedShift.course', calls: 0 },
      Next: 'Advance',
    },
    TakeInput: {
      Type: 'Pass',
      Parameters: { 'input.$': '$' },
      Next: preCheck === undefined ? 'Begin' : 'Validate',
    },
    ...(preCheck !== undefined && {
      Validate: shiftTask(settings, 'validate', { next: 'PreCheck', fails }),
      PreCheck: ownTask(settings, preCheck, { payload: { task: 'preCheck' }, next: 'Begin', fails }),
    }),
    Begin: shiftTask(settings, 'begin', { next: 'Decide', fails }),
    NotBegun: endOf('notBegun', 'ShiftNotBegun', 'States.JsonToString($.failure)', settings),
  };
}

function loop(settings: DefinitionSettings): States {
  const { approval, continueAfterCalls } = settings;
  return {
    Decide: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.phase', StringEquals: 'succeeded', Next: 'HasAllTraffic' },
        { Variable: '$.phase', StringEquals: 'rolledBack', Next: 'HasNoTraffic' },
        { Variable: '$.phase', StringEquals: 'halted', Next: 'Halted' },
        { Variable: '$.calls', NumericGreaterThanEquals: continueAfterCalls, Next: 'Continue' },
        ...(approval ? [{ Variable: '$.heldAtPercent', IsPresent: true, Next: 'AskForApproval' }] : []),
        { Variable: '$.waitSeconds', NumericEquals: 0, Next: 'Advance' },
      ],
      Default: 'Wait',
    },
    Wait: { Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Advance' },
    Advance: shiftTask(settings, 'advance', { next: 'Decide', fails: 'RollBack' }),
    Continue: {
      Type: 'Task',
      Resource: integration(settings, 'states:startExecution.sync:2'),
      Parameters: {
        'StateMachineArn.$': '$$.StateMachine.Id',
        // The same for each attempt: Step Functions starts no second execution of one name and input.
        'Name.$': "States.Format('continued-{}', States.Hash($$.Execution.Id, 'SHA-256'))",
        Input: {
          'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$': '$$.Execution.Id',
          continuedShift: { 'input.$': '$.input', 'course.$': '$.course', handsBack: true },
        },
      },
      // What the new execution ends with is what this one ends with.
      OutputPath: '$.Output',
      TimeoutSeconds: aYearInSeconds,
      Retry: serviceRetry(),
      // It was not started, or has died: its writes, if there were any, are not explained by the course that is rolled
      // back here, and halt it.
      Catch: onError('RollBack'),
      Next: 'End',
    },
  };
}

function approval(settings: DefinitionSettings): States {
  return {
    AskForApproval: {
      Type: 'Task',
      ...asking(settings),
      TimeoutSecondsPath: '$.approvalTimeoutSeconds',
      ResultPath: '$.answer',
      Retry: serviceRetry(),
      Catch: onError('NotApproved'),
      Next: 'TakeAnswer',
    },
    TakeAnswer: shiftTask(settings, 'decide', { next: 'Decide', fails: 'RollBack' }),
    NotApproved: {
      Type: 'Pass',
      Parameters: { 'approval.$': '$.failure' },
      ResultPath: '$.failure',
      Next: 'RollBack',
    },
  };
}

function asking({ approval, ...settings }: DefinitionSettings) {
  const question = {
    'taskToken.$': '$$.Task.Token',
    'execution.$': '$$.Execution.Id',
    'percent.$': '$.heldAtPercent',
    'incoming.$': '$.incoming',
    'input.$': '$.input',
  };
  const Resource = (name: string) => integration(settings, `${name}.waitForTaskToken`);
  if (approval === undefined) return {};
  if ('functionArn' in approval) {
    const Parameters = { FunctionName: approval.functionArn, Payload: question };
    return { Resource: Resource('lambda:invoke'), Parameters };
  }
  return 'topicArn' in approval
    ? { Resource: Resource('sns:publish'), Parameters: { TopicArn: approval.topicArn, Message: question } }
    : {
        Resource: Resource('sqs:sendMessage'),
        Parameters: { QueueUrl: approval.queueUrl, MessageBody: question },
      };
}

function success(settings: DefinitionSettings): States {
  const { finish } = settings;
  return {
    HasAllTraffic: {
      Type: 'Choice',
      Choices: [
        {
          Variable: '$.incomingPercent',
          NumericEquals: 100,
          Next: finish === undefined ? 'Succeeded' : 'Finish',
        },
      ],
      Default: 'Succeeded',
    },
    ...(finish !== undefined && {
      Finish: ownTask(settings, finish, {
        payload: { task: 'finish', 'incoming.$': '$.incoming' },
        next: 'Succeeded',
        fails: 'FinishFailed',
      }),
      FinishFailed: endOf('succeeded', 'ShiftFinishFailed', 'States.JsonToString($.failure)', settings),
    }),
    Succeeded: {
      Type: 'Pass',
      Result: { outcome: 'succeeded' },
      ResultPath: '$.end',
      Next: settings.report === undefined ? 'End' : 'Report',
    },
  };
}

function rollback(settings: DefinitionSettings): States {
  const { cleanUp } = settings;
  return {
    RollBack: shiftTask(settings, 'rollBack', { next: 'Decide', fails: 'RollBackFailed' }),
    RollBackFailed: endOf('halted', 'ShiftHalted', 'States.JsonToString($.failure)', settings),
    Halted: endOf('halted', 'ShiftHalted', '$.reason', settings),
    HasNoTraffic: {
      Type: 'Choice',
      Choices: [
        {
          Variable: '$.incomingPercent',
          NumericEquals: 0,
          Next: cleanUp === undefined ? 'RolledBack' : 'CleanUp',
        },
      ],
      Default: 'RolledBack',
    },
    ...(cleanUp !== undefined && {
      CleanUp: ownTask(settings, cleanUp, {
        payload: { task: 'cleanUp', 'incoming.$': '$.incoming' },
        next: 'RolledBack',
        fails: 'CleanUpFailed',
      }),
      CleanUpFailed: endOf('rolledBack', 'ShiftCleanUpFailed', 'States.JsonToString($.failure)', settings),
    }),
    RolledBack: endOf('rolledBack', 'ShiftRolledBack', '$.reason', settings),
  };
}

function endOf(
  outcome: string,
  error: string,
  cause: string,
  { report }: DefinitionSettings,
): StateDefinition {
  return {
    Type: 'Pass',
    Parameters: { outcome, error, 'cause.$': cause },
    ResultPath: '$.end',
    Next: report === undefined ? 'End' : 'Report',
  };
}

/** An execution that continues another one hands the end back to it, which then fails for both. */
function ends(settings: DefinitionSettings): States {
  const { report } = settings;
  return {
    ...(report !== undefined && {
      Report: ownTask(settings, report, {
        payload: { task: 'report', 'end.$': '$.end' },
        next: 'End',
        fails: 'ReportFailed',
      }),
      ReportFailed: {
        Type: 'Pass',
        Parameters: {
          'outcome.$': '$.end.outcome',
          error: 'ShiftReportFailed',
          'cause.$': "States.Format('It ended as {}: {}', $.end.outcome, States.JsonToString($.failure))",
        },
        ResultPath: '$.end',
        Next: 'End',
      },
    }),
    End: {
      Type: 'Choice',
      Choices: [
        { Variable: '$$.Execution.Input.continuedShift.handsBack', IsPresent: true, Next: 'Done' },
        { Variable: '$.end.error', IsPresent: true, Next: 'Failed' },
      ],
      Default: 'Done',
    },
    Done: { Type: 'Succeed' },
    Failed: { Type: 'Fail', ErrorPath: '$.end.error', CausePath: '$.end.cause' },
  };
}
