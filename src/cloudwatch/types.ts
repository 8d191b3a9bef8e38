import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CallOptions } from '../core/aws-call.js';
import type { MatchOptions } from '../core/match-options.js';
import type { ToolOptions } from '../core/tool-options.js';

/** The alarms of one stack, by their names. */
export interface CloudWatchStackOptions {
  /** The beginning of the names of the stack's alarms. */
  readonly alarmNamePrefix: string;
  /**
   * The end of the names, when the prefix alone does not identify the stack's alarms.
   * @default any ending
   */
  readonly alarmNameSuffix?: string | undefined;
}

/** AWS clients of {@link CloudWatchTools}. */
export interface CloudWatchToolsClients {
  /** Reads and changes alarms. */
  readonly cloudWatch: CloudWatchClient;
}

/** Options of {@link CloudWatchTools}. */
export type CloudWatchToolsOptions = ToolOptions<CloudWatchStackOptions, CloudWatchToolsClients>;

/** Options of a method that switches the actions of all alarms of a stack. */
export interface AlarmActionsOptions extends MatchOptions {
  /**
   * Seconds to wait while CloudWatch refuses a change for now.
   * @default 25
   */
  readonly maxWaitSeconds?: number | undefined;
  /**
   * Names of the stack's alarms to switch. The others stay unchanged, and names without an alarm are ignored.
   * @default every alarm of the stack
   */
  readonly only?: readonly string[] | undefined;
}

/** One alarm of {@link CloudWatchTools.listAlarms}. */
export interface StackAlarm {
  /** Name of the alarm. */
  readonly name: string;
  /** True when the alarm acts on a change of its state. */
  readonly actionsEnabled: boolean;
}

/** Result of a switch of a stack's alarms, by name. */
export interface AlarmActionsReport {
  /** Alarms whose actions were switched. */
  readonly changed: readonly string[];
  /** Alarms whose actions were as wanted. */
  readonly unchanged: readonly string[];
}

/** Options of {@link CloudWatchTools.muteAlarms}. */
export interface MuteAlarmsOptions extends AlarmActionsOptions {
  /**
   * Minutes after which the muting ends by itself: 1 to 21600, which are 15 days.
   * @default 60
   */
  readonly durationMinutes?: number | undefined;
}

/** Options of {@link CloudWatchTools.listMutedAlarms}. */
export interface ListMutedAlarmsOptions extends CallOptions {
  /**
   * True to list also alarms that a rule will mute, from the next whole minute on.
   * @default false
   */
  readonly includeScheduled?: boolean | undefined;
}

/** Result of {@link CloudWatchTools.muteAlarms}. */
export interface AlarmMuting {
  /** Names of the alarm mute rules, one for each 100 alarms. */
  readonly muteRules: readonly string[];
  /** Names of the muted alarms. */
  readonly alarms: readonly string[];
  /** Start of the muting: the next whole minute. */
  readonly from: Date;
  /** End of the muting. */
  readonly until: Date;
}
