import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { ToolOptions } from '../core/tool-options.js';

/** The alarms of one stack, told by their names. */
export interface CloudWatchStackOptions {
  /** How the names of the stack's alarms begin. */
  readonly alarmNamePrefix: string;
  /**
   * How they end, when the prefix alone does not tell them.
   * @default any ending
   */
  readonly alarmNameSuffix?: string | undefined;
}

/** The clients that {@link CloudWatchTools} works with. */
export interface CloudWatchToolsClients {
  /** For the alarms. */
  readonly cloudWatch: CloudWatchClient;
}

/** How {@link CloudWatchTools} is made. */
export type CloudWatchToolsOptions = ToolOptions<CloudWatchStackOptions, CloudWatchToolsClients>;

/** What became of a stack's alarms, by name. */
export interface AlarmActionsReport {
  /** The alarms whose actions were switched. */
  readonly changed: readonly string[];
  /** The alarms whose actions were as wanted already. */
  readonly unchanged: readonly string[];
}
