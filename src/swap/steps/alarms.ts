import type { MatchOptions } from '../../core/match-options.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SwapStep } from '../plan/step.js';
import {
  changeOptions,
  type MatchStepOptions,
  matchStepSchema,
  readOptions,
  requireMethods,
} from './step-options.js';
import { stepPermissions } from './step-permissions.js';
import { switchResources } from './switch-resources.js';

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
  const isEnabling = kind === 'enableAlarms';
  const {
    name = isEnabling ? 'enable alarms' : 'disable alarms',
    allowNone,
    ...settings
  } = parseInput(`${kind} options`, matchStepSchema, options);
  return {
    name,
    ...settings,
    switchesOff: !isEnabling,
    permissions: stepPermissions[kind],
    ...switchResources(name, isEnabling ? 'on' : 'off', {
      allowNone,
      async list(context, match) {
        const found = await alarms.listAlarms(context.stack, { ...readOptions(context), ...match });
        return found.map((alarm) => ({ id: alarm.name, state: alarm.actionsEnabled ? 'on' : 'off' }));
      },
      change: (context, to, only) =>
        alarms[to === 'on' ? 'enableAlarmsActions' : 'disableAlarmsActions'](context.stack, {
          ...changeOptions(context),
          allowNone: allowNone || only !== undefined,
          only,
        }),
    }),
  };
}
