import type { ApprovalByToken, DefinitionSettings } from './definition-options.js';
import { endOf } from './end-states.js';
import { integration, onError, type States, serviceRetry, shiftTask } from './states.js';

/** An execution of Step Functions lives a year at most. */
const aYearInSeconds = 31_536_000;

/** What Step Functions says when it has not started an execution. */
const refusals = [
  'StepFunctions.ExecutionLimitExceededException',
  'StepFunctions.InvalidExecutionInputException',
  'StepFunctions.StateMachineDeletingException',
  'StepFunctions.StateMachineDoesNotExistException',
  'StepFunctions.ThrottlingException',
  'StepFunctions.ValidationException',
] as const;

/** What it says when it may not start one, and as well when one was started that it may not look at, or has lost. */
const possibleRefusals = [
  'States.Permissions',
  'StepFunctions.AccessDeniedException',
  'StepFunctions.AWSStepFunctionsException',
] as const;

/** Few enough for the events that are reserved, and as many as most ways back take. */
const callsBetweenRefusals = 100;

/** Advance and wait in turns, in as many executions as it takes. */
export function loopStates(settings: DefinitionSettings): States {
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
          continuedShift: { 'input.$': '$.input', 'run.$': '$.run', handsBack: true },
        },
      },
      // What the new execution ends with is what this one ends with.
      ResultSelector: { 'end.$': '$.Output.end' },
      TimeoutSeconds: aYearInSeconds,
      Retry: serviceRetry(),
      Catch: [
        ...onError('NotContinued', refusals),
        ...onError('IsRefused', possibleRefusals),
        ...onError('LostTrack'),
      ],
      Next: 'End',
    },
    // Two executions must not drive one shift. IAM names the call that it denies.
    IsRefused: {
      Type: 'Choice',
      Choices: [
        {
          And: [
            { Variable: '$.failure.Cause', IsPresent: true },
            { Variable: '$.failure.Cause', StringMatches: '*states:StartExecution*' },
          ],
          Next: 'NotContinued',
        },
      ],
      Default: 'LostTrack',
    },
    // The way back has waits of its own, which it takes in this execution; then another one is tried again.
    NotContinued: {
      Type: 'Pass',
      Result: Math.max(1, continueAfterCalls - callsBetweenRefusals),
      ResultPath: '$.calls',
      Next: 'RollBack',
    },
    // It was started and has died, or may have been: where its traffic is, and whether its `finish` has removed the old
    // version, is not known here.
    LostTrack: endOf(
      'halted',
      'ShiftHalted',
      "States.Format('The execution that carried the shift on has not said how it ended: {}', States.JsonToString($.failure))",
      settings,
    ),
  };
}

/** Asks, and goes by the answer. */
export function approvalStates(settings: DefinitionSettings, approval: ApprovalByToken): States {
  return {
    AskForApproval: {
      Type: 'Task',
      ...asking(settings, approval),
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

function asking(settings: DefinitionSettings, approval: ApprovalByToken) {
  const question = {
    'taskToken.$': '$$.Task.Token',
    'execution.$': '$$.Execution.Id',
    'percent.$': '$.heldAtPercent',
    'incoming.$': '$.incoming',
    'input.$': '$.input',
  };
  const by = (service: string, Parameters: object) => ({
    Resource: integration(settings, `${service}.waitForTaskToken`),
    Parameters,
  });
  if ('functionArn' in approval) {
    return by('lambda:invoke', { FunctionName: approval.functionArn, Payload: question });
  }
  return 'topicArn' in approval
    ? by('sns:publish', { TopicArn: approval.topicArn, Message: question })
    : by('sqs:sendMessage', { QueueUrl: approval.queueUrl, MessageBody: question });
}
