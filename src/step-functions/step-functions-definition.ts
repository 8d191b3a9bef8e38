import { approvalStates } from './approval-states.js';
import {
  type DefinitionSettings,
  parseDefinitionOptions,
  type StateMachineDefinition,
  type StepFunctionsDefinitionOptions,
} from './definition-options.js';
import { endOf, endStates, rollbackStates, successStates } from './end-states.js';
import { loopStates } from './loop-states.js';
import { changeTask, ownTask, type States } from './states.js';

/**
 * Creates the definition of a state machine that runs a long change, such as a traffic shift, in the Amazon States Language with
 * JSONPath: begin, then advance and wait in turns until the end. Any error rolls the change back. The function with the
 * `stepFunctionsHandler` does the work. One machine serves every service, because the request is part of each execution's input.
 *
 * An execution succeeds when the change does. Otherwise it fails, with the reason as its cause and one of these errors:
 *
 * - `ShiftNotBegun`: nothing was changed;
 * - `ShiftRolledBack`;
 * - `ShiftHalted`: the change needs a person's attention, also after a failed rollback;
 * - `ShiftFinishFailed`: the change has succeeded, and all the traffic of a shift is on the incoming stack;
 * - `ShiftCleanUpFailed`: the change was rolled back;
 * - `ShiftReportFailed`.
 *
 * Do not set `TimeoutSeconds` on the state machine: it would stop the change without a rollback. Use the `maxDurationSeconds` of a
 * shift's request, which rolls back in time.
 *
 * @remarks IAM, of the machine's role: lambda:InvokeFunction on the functions; states:StartExecution on the machine itself,
 * states:DescribeExecution and states:StopExecution on its executions, and events:PutRule, events:PutTargets and
 * events:DescribeRule on the rule `StepFunctionsGetEventsForStepFunctionsExecutionRule`, to continue as a new execution;
 * sns:Publish or sqs:SendMessage for approvals. See docs/guides/long-rollouts.md.
 * @throws InvalidInputError when an option is missing or malformed.
 *
 * @example
 * ```ts
 * import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/step-functions';
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
    Comment: 'Advances a long change, such as a traffic shift, until its end (aws-blue-green-toolkit)',
    StartAt: 'IsContinued',
    States: {
      ...firstStates(settings),
      ...loopStates(settings),
      ...(settings.approval && approvalStates(settings, settings.approval)),
      ...successStates(settings),
      ...rollbackStates(settings),
      ...endStates(settings),
    },
  };
}

/** First states. The input is validated before any task runs. */
function firstStates(settings: DefinitionSettings): States {
  const { preCheck } = settings;
  const fails = 'NotBegun';
  return {
    IsContinued: {
      Type: 'Choice',
      Choices: [{ Variable: '$.continued', IsPresent: true, Next: 'TakeOver' }],
      Default: 'TakeInput',
    },
    TakeOver: { Type: 'Pass', InputPath: '$.continued', Next: 'Advance' },
    TakeInput: {
      Type: 'Pass',
      Parameters: { 'input.$': '$' },
      Next: preCheck === undefined ? 'Begin' : 'Validate',
    },
    ...(preCheck !== undefined && {
      Validate: changeTask(settings, 'validate', { next: 'PreCheck', fails }),
      PreCheck: ownTask(settings, preCheck, { payload: { task: 'preCheck' }, next: 'Begin', fails }),
    }),
    Begin: changeTask(settings, 'begin', { next: 'Decide', fails }),
    NotBegun: endOf('notBegun', 'ShiftNotBegun', 'States.JsonToString($.failure)', settings),
  };
}
