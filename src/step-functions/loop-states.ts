import type { DefinitionSettings } from './definition-options.js';
import { endOf } from './end-states.js';
import { changeTask, continuedFields, integration, onError, type States, serviceRetry } from './states.js';

/** Maximum duration of an execution. */
const maxExecutionSeconds = 31_536_000;

/** Errors of Step Functions that mean it has not started an execution. */
const startRefusals = [
  'StepFunctions.ExecutionLimitExceededException',
  'StepFunctions.InvalidExecutionInputException',
  'StepFunctions.StateMachineDeletingException',
  'StepFunctions.StateMachineDoesNotExistException',
  'StepFunctions.ThrottlingException',
  'StepFunctions.ValidationException',
] as const;

/** Errors of a denied start, and also of a started execution that cannot be described or was lost. */
const possibleStartRefusals = [
  'States.Permissions',
  'StepFunctions.AccessDeniedException',
  'StepFunctions.AWSStepFunctionsException',
] as const;

/** Most rollbacks take fewer calls, and their events fit into the reserved ones. */
const callsUntilNextTry = 100;

/** States that advance and wait in turns, across executions. */
export function loopStates(settings: DefinitionSettings): States {
  const { approval, continueAfterCalls } = settings;
  return {
    Decide: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.outcome', StringEquals: 'succeeded', Next: 'IsSuccessComplete' },
        { Variable: '$.outcome', StringEquals: 'rolledBack', Next: 'IsRollbackComplete' },
        { Variable: '$.outcome', StringEquals: 'halted', Next: 'Halted' },
        { Variable: '$.calls', NumericGreaterThanEquals: continueAfterCalls, Next: 'Continue' },
        ...(approval ? [{ Variable: '$.heldAt', IsPresent: true, Next: 'AskForApproval' }] : []),
        { Variable: '$.waitSeconds', NumericEquals: 0, Next: 'Advance' },
      ],
      Default: 'Wait',
    },
    Wait: { Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Advance' },
    Advance: changeTask(settings, 'advance', { next: 'Decide', fails: 'RollBack' }),
    Continue: {
      Type: 'Task',
      Resource: integration(settings, 'states:startExecution.sync:2'),
      Parameters: {
        'StateMachineArn.$': '$$.StateMachine.Id',
        // The same name for each attempt: Step Functions starts no second execution of one name and input.
        'Name.$': "States.Format('continued-{}', States.Hash($$.Execution.Id, 'SHA-256'))",
        Input: {
          'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$': '$$.Execution.Id',
          continued: { ...continuedFields, handsBack: true },
        },
      },
      // This execution ends with the end of the new one.
      ResultSelector: { 'end.$': '$.Output.end' },
      TimeoutSeconds: maxExecutionSeconds,
      Retry: serviceRetry(),
      Catch: [
        ...onError('NotContinued', startRefusals),
        ...onError('IsRefused', possibleStartRefusals),
        ...onError('LostTrack'),
      ],
      Next: 'End',
    },
    // Two executions must not drive one change, so only a denied start counts as not started. IAM names the call that it denies.
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
    // The rollback runs in this execution. After some more calls it tries another execution again.
    NotContinued: {
      Type: 'Pass',
      Result: Math.max(1, continueAfterCalls - callsUntilNextTry),
      ResultPath: '$.calls',
      Next: 'RollBack',
    },
    // The new execution was started, or may have been. Its progress is unknown here, and its `finish` may have removed the old
    // version.
    LostTrack: endOf(
      'halted',
      'ShiftHalted',
      "States.Format('The execution that continued the change ended without a result: {}', States.JsonToString($.failure))",
      settings,
    ),
  };
}
