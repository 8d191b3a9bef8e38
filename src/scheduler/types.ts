import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { MatchOptions } from '../core/match-options.js';
import type { ToolOptions } from '../core/tool-options.js';

/** Schedules of one stack, by their group and their names: at least one of the two. */
export interface SchedulerStackOptions {
  /**
   * Schedule group.
   * @default 'default'
   */
  readonly groupName?: string | undefined;
  /**
   * Beginning of the names of the stack's schedules.
   * @default every schedule of the group, which must then be another one than `default`
   */
  readonly namePrefix?: string | undefined;
}

/** AWS clients of {@link SchedulerTools}. */
export interface SchedulerToolsClients {
  /** Reads and changes schedules. */
  readonly scheduler: SchedulerClient;
}

/** Options of {@link SchedulerTools}. */
export type SchedulerToolsOptions = ToolOptions<SchedulerStackOptions, SchedulerToolsClients>;

/** Options of a method that switches the schedules of a stack. */
export interface ScheduleSwitchOptions extends MatchOptions {
  /**
   * Names of the stack's schedules to switch. The others stay unchanged, and names without a schedule are ignored.
   * @default every schedule of the stack
   */
  readonly only?: readonly string[] | undefined;
  /**
   * Seconds to wait while EventBridge Scheduler refuses a change because of another change of the schedule.
   * @default 60
   */
  readonly maxWaitSeconds?: number | undefined;
}

/** Result of a switch of schedules, by name. */
export interface ScheduleReport {
  /** Schedules that were switched. */
  readonly changed: readonly string[];
  /** Schedules that were in the wanted state. */
  readonly unchanged: readonly string[];
  /**
   * Schedules that another program changed while they were switched: they are not as this tool wrote them. Compare them with their
   * definition.
   */
  readonly changedMeanwhile: readonly string[];
}

/** One schedule of {@link SchedulerTools.listSchedules}. */
export interface StackSchedule {
  /** Name, unique in its group. */
  readonly name: string;
  /** True while the schedule is enabled. */
  readonly isEnabled: boolean;
}
