import type { DefinitionSettings, StateDefinition } from './definition-options.js';
import { changeTask, ownTask, type States } from './states.js';

export function successStates(settings: DefinitionSettings): States {
  const { finish } = settings;
  return {
    IsSuccessComplete: ifComplete(finish === undefined ? 'Succeeded' : 'Finish', 'Succeeded'),
    ...(finish !== undefined && {
      Finish: ownTask(settings, finish, {
        payload: { task: 'finish', 'details.$': '$.details' },
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

/** States of a rollback, and after it. */
export function rollbackStates(settings: DefinitionSettings): States {
  const { cleanUp } = settings;
  return {
    RollBack: changeTask(settings, 'rollBack', { next: 'Decide', fails: 'RollBackFailed' }),
    RollBackFailed: endOf('halted', 'ShiftHalted', 'States.JsonToString($.failure)', settings),
    Halted: endOf('halted', 'ShiftHalted', '$.reason', settings),
    IsRollbackComplete: ifComplete(cleanUp === undefined ? 'RolledBack' : 'CleanUp', 'RolledBack'),
    ...(cleanUp !== undefined && {
      CleanUp: ownTask(settings, cleanUp, {
        payload: { task: 'cleanUp', 'details.$': '$.details' },
        next: 'RolledBack',
        fails: 'CleanUpFailed',
      }),
      CleanUpFailed: endOf('rolledBack', 'ShiftCleanUpFailed', 'States.JsonToString($.failure)', settings),
    }),
    RolledBack: endOf('rolledBack', 'ShiftRolledBack', '$.reason', settings),
  };
}

/** State that chooses the next one by the completeness of the end. */
function ifComplete(next: string, otherwise: string): StateDefinition {
  const isComplete = { Variable: '$.isComplete', BooleanEquals: true, Next: next };
  return { Type: 'Choice', Choices: [isComplete], Default: otherwise };
}

/** State that sets the end of a failed execution. */
export function endOf(
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

/** Last states. An execution that continues another one returns the end to it, and only the first one fails. */
export function endStates(settings: DefinitionSettings): States {
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
          'cause.$':
            "States.Format('Could not report the outcome {}: {}', $.end.outcome, States.JsonToString($.failure))",
        },
        ResultPath: '$.end',
        Next: 'End',
      },
    }),
    End: {
      Type: 'Choice',
      Choices: [
        { Variable: '$$.Execution.Input.continued.handsBack', IsPresent: true, Next: 'HandBack' },
        { Variable: '$.end.error', IsPresent: true, Next: 'Failed' },
      ],
      Default: 'Done',
    },
    // Returns only the end: the waiting execution receives the input besides, and both are limited to 256 KiB.
    HandBack: { Type: 'Pass', Parameters: { 'end.$': '$.end' }, Next: 'Done' },
    Done: { Type: 'Succeed' },
    Failed: { Type: 'Fail', ErrorPath: '$.end.error', CausePath: '$.end.cause' },
  };
}
