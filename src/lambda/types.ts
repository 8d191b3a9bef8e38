import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { CreateEventSourceMappingRequest, LambdaClient } from '@aws-sdk/client-lambda';
import type { CallOptions } from '../core/aws-call.js';
import type { MatchOptions } from '../core/match-options.js';
import type { ToolOptions } from '../core/tool-options.js';

/** The function of one stack. */
export interface LambdaStackOptions {
  /** The function's name, not its ARN. */
  readonly functionName: string;
  /**
   * The alias through which the stack uses the function. Only the alias's mappings, rules and metrics are read and changed.
   * @default the function itself: its mappings without those of aliases and versions, and the rules of all its ARNs
   */
  readonly alias?: string | undefined;
}

/** AWS clients of {@link LambdaTools}. */
export interface LambdaToolsClients {
  /** Reads functions and aliases, changes event source mappings. */
  readonly lambda: LambdaClient;
  /** Reads and changes rules. */
  readonly eventBridge: EventBridgeClient;
  /** Reads metrics. */
  readonly cloudWatch: CloudWatchClient;
}

/** Options of {@link LambdaTools}. */
export type LambdaToolsOptions = ToolOptions<LambdaStackOptions, LambdaToolsClients> & {
  /**
   * Names or ARNs of the event buses whose rules are switched.
   * @default ['default']
   */
  readonly eventBusNames?: readonly string[] | undefined;
};

/** Settings of a new event source mapping besides its function and its source, in AWS's own form. */
export type EventSourceMappingParameters = Omit<
  CreateEventSourceMappingRequest,
  'FunctionName' | 'EventSourceArn'
>;

/** Options of a method that creates or deletes an event source mapping. */
export interface EventMappingOptions extends CallOptions {
  /**
   * Seconds to wait while Lambda refuses the change for now, such as during another change of the mapping.
   * @default 300
   */
  readonly maxWaitSeconds?: number | undefined;
}

/** Options of a method that waits for all event source mappings of a stack. */
export interface EventMappingMatchOptions extends EventMappingOptions, MatchOptions {}

/** Options of a method that switches all event source mappings of a stack. */
export interface EventMappingSwitchOptions extends EventMappingMatchOptions {
  /**
   * UUIDs of the stack's mappings to switch. The others stay unchanged, and UUIDs without a mapping are ignored.
   * @default every mapping of the stack
   */
  readonly only?: readonly string[] | undefined;
}

/** Options of a method that switches all rules of a stack. */
export interface EventRuleOptions extends MatchOptions {
  /**
   * The stack's rules to switch. The others stay unchanged, and rules that do not exist are ignored.
   * @default every rule of the stack
   */
  readonly only?: readonly EventRule[] | undefined;
  /**
   * Seconds to wait while EventBridge refuses to change a rule because of another change of it.
   * @default 60
   */
  readonly maxWaitSeconds?: number | undefined;
}

/** A state in which an event source mapping stays. */
export type EventMappingState = 'Enabled' | 'Disabled';

/** Result of a switch of event source mappings, by UUID. */
export interface EventMappingReport {
  /** Mappings whose switch Lambda has accepted. */
  readonly changed: readonly string[];
  /** Mappings that were in the wanted state or changing to it, and mappings that are being deleted. */
  readonly unchanged: readonly string[];
}

/** An EventBridge rule. */
export interface EventRule {
  /** The bus, as it was named in the options. */
  readonly eventBusName: string;
  /** The rule's name, which is unique on its bus. */
  readonly name: string;
}

/** One rule of {@link LambdaTools.listRules}. */
export interface ListedRule extends EventRule {
  /** True in every enabled state. */
  readonly isEnabled: boolean;
  /**
   * Reason for which the rule is never switched: it belongs to an AWS service, or it targets the functions of both stacks.
   * Undefined for a rule that is switched.
   */
  readonly skipped?: 'managed' | 'shared';
}

/** Result of a switch of the rules that target a function. */
export interface EventRuleReport {
  /** Rules that were switched. */
  readonly changed: readonly EventRule[];
  /** Rules that were in the wanted state. */
  readonly unchanged: readonly EventRule[];
  /** Rules of an AWS service, which no other principal can switch. Their state is unchanged. */
  readonly skippedManaged: readonly EventRule[];
  /** Rules that target the functions of both stacks, so that neither stack can switch them alone. Their state is unchanged. */
  readonly skippedShared: readonly EventRule[];
}

/** The statistics of {@link LatestLambdaMetrics}, by metric. */
export interface LambdaMetricStatistics {
  /** Age of the last record of a batch in milliseconds; streams only. */
  readonly IteratorAge: 'Maximum';
  /** Invocations that ended in an error of the function. */
  readonly Errors: 'Sum';
  /** Instances of the function that ran at the same time. */
  readonly ConcurrentExecutions: 'Maximum';
  /** Invocations, including failed ones but not throttled ones. */
  readonly Invocations: 'Sum';
  /** Duration of an invocation in milliseconds. */
  readonly Duration: 'Average';
  /** Invocations that Lambda refused because of missing concurrency. */
  readonly Throttles: 'Sum';
}

/** The newest data point of a metric. */
export interface LatestMetric<Statistic extends string = string> {
  /** The beginning of the minute of the value. The last minute may still be filling. */
  readonly timestamp: Date;
  /** The value in the metric's own unit. */
  readonly value: number;
  /** The statistic over the minute's data. */
  readonly statistic: Statistic;
}

/** The newest data points of a function. A metric without data in the last five minutes has no entry. */
export type LatestLambdaMetrics = {
  readonly [Name in keyof LambdaMetricStatistics]?: LatestMetric<LambdaMetricStatistics[Name]>;
};
