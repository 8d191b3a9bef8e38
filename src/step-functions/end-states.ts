import type { DefinitionSettings, StateDefinition } from './definition-options.js';
import { ownTask, type States, shiftTask } from './states.js';

/** What follows a shift that has succeeded. */
export function whenSucceeded(settings: DefinitionSettings): States {
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

/** Routing back, and what follows it. */
export function whenRolledBack(settings: DefinitionSettings): States {
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

/** An end with which the execution fails. */
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

/** An execution that continues another one hands the end back to it, which then fails for both. */
export function atTheEnd(settings: DefinitionSettings): States {
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
        { Variable: '$$.Execution.Input.continuedShift.handsBack', IsPresent: true, Next: 'HandBack' },
        { Variable: '$.end.error', IsPresent: true, Next: 'Failed' },
      ],
      Default: 'Done',
    },
    // Nothing but the end: Step Functions gives the one that waits its input besides, and 256 KiB at most of both.
    HandBack: { Type: 'Pass', Parameters: { 'end.$': '$.end' }, Next: 'Done' },
    Done: { Type: 'Succeed' },
    Failed: { Type: 'Fail', ErrorPath: '$.end.error', CausePath: '$.end.cause' },
  };
}
