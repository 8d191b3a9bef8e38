import type { MatchOptions } from '../../core/match-options.js';
import { propagationTimes } from '../../core/propagation-times.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { SwapStep } from '../plan/step.js';
import { type MatchStepOptions, requireMethods } from './step-options.js';
import { switchStep } from './switch-resources.js';

/** Part of `SchedulerTools` that `enableSchedules` and `disableSchedules` call. */
export interface SwapSchedules {
  /** Lists the stack's schedules. */
  listSchedules(
    stack: StackReference,
    options: MatchOptions,
  ): Promise<
    readonly {
      /** Name of the schedule. */
      readonly name: string;
      /** True while the schedule is enabled. */
      readonly isEnabled: boolean;
    }[]
  >;
  /** Enables the stack's schedules, or some of them. */
  enableSchedules(stack: StackReference, options: ScheduleStepSwitchOptions): Promise<unknown>;
  /** Disables the stack's schedules, or some of them. */
  disableSchedules(stack: StackReference, options: ScheduleStepSwitchOptions): Promise<unknown>;
}

/** Options of a switch of schedules. */
export interface ScheduleStepSwitchOptions extends MatchOptions {
  /** Maximum wait while AWS refuses the change for now, in seconds. */
  readonly maxWaitSeconds?: number | undefined;
  /** Names of the schedules to switch. */
  readonly only?: readonly string[] | undefined;
}

/** Creates a step that switches the schedules of a stack. */
export function scheduleStep(
  kind: 'enableSchedules' | 'disableSchedules',
  schedules: SwapSchedules,
  options: MatchStepOptions,
): SwapStep {
  requireMethods(kind, schedules, ['listSchedules', 'enableSchedules', 'disableSchedules']);
  return switchStep(
    {
      kind,
      noun: 'schedules',
      propagationSeconds: propagationTimes.schedule,
      async list({ stack }, match) {
        const found = await schedules.listSchedules(stack, match);
        return found.map(({ name, isEnabled }) => ({ id: name, state: isEnabled ? 'on' : 'off' }));
      },
      change: ({ stack }, to, changes) =>
        schedules[to === 'on' ? 'enableSchedules' : 'disableSchedules'](stack, changes),
    },
    options,
  );
}
