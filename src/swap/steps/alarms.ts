import type { MatchOptions } from '../../core/match-options.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { SwapStep } from '../plan/step.js';
import { type MatchStepOptions, requireMethods } from './step-options.js';
import { switchStep } from './switch-resources.js';

/** Part of `CloudWatchTools` that `enableAlarms` and `disableAlarms` call. */
export interface SwapAlarms {
  /** Lists the stack's alarms. */
  listAlarms(
    stack: StackReference,
    options: MatchOptions,
  ): Promise<
    readonly {
      /** Name of the alarm. */
      readonly name: string;
      /** True while the actions of the alarm are enabled. */
      readonly actionsEnabled: boolean;
    }[]
  >;
  /** Enables the actions of the stack's alarms, or of some of them. */
  enableAlarmsActions(stack: StackReference, options: AlarmSwitchOptions): Promise<unknown>;
  /** Disables the actions of the stack's alarms, or of some of them. */
  disableAlarmsActions(stack: StackReference, options: AlarmSwitchOptions): Promise<unknown>;
}

/** Options of a switch of alarm actions. */
export interface AlarmSwitchOptions extends MatchOptions {
  /** Maximum wait while AWS refuses the change for now, in seconds. */
  readonly maxWaitSeconds?: number | undefined;
  /** Names of the alarms to switch. */
  readonly only?: readonly string[] | undefined;
}

/** Creates a step that switches the actions of the alarms of a stack. */
export function alarmStep(
  kind: 'enableAlarms' | 'disableAlarms',
  alarms: SwapAlarms,
  options: MatchStepOptions,
): SwapStep {
  requireMethods(kind, alarms, ['listAlarms', 'enableAlarmsActions', 'disableAlarmsActions']);
  return switchStep(
    {
      kind,
      noun: 'alarms',
      async list({ stack }, match) {
        const found = await alarms.listAlarms(stack, match);
        return found.map(({ name, actionsEnabled }) => ({ id: name, state: actionsEnabled ? 'on' : 'off' }));
      },
      change: ({ stack }, to, changes) =>
        alarms[to === 'on' ? 'enableAlarmsActions' : 'disableAlarmsActions'](stack, changes),
    },
    options,
  );
}
