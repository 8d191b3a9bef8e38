import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { CreateEventSourceMappingRequest, LambdaClient } from '@aws-sdk/client-lambda';
import type { CallOptions } from '../core/aws-call.js';
import type { ToolOptions } from '../core/tool-options.js';

/** The function of one stack. */
export interface LambdaStackOptions {
  /** The function's name, not its ARN. */
  readonly functionName: string;
  /**
   * The alias through which the stack uses the function: then only what belongs to the alias is looked at and changed.
   * @default the function itself, without its aliases and versions
   */
  readonly alias?: string | undefined;
}

/** The clients that {@link LambdaTools} works with. */
export interface LambdaToolsClients {
  /** For the functions, their aliases and event source mappings. */
  readonly lambda: LambdaClient;
  /** For the rules. */
  readonly eventBridge: EventBridgeClient;
  /** For the metrics. */
  readonly cloudWatch: CloudWatchClient;
}

/** How {@link LambdaTools} is made. */
export type LambdaToolsOptions = ToolOptions<LambdaStackOptions, LambdaToolsClients> & {
  /**
   * The names or ARNs of the event buses whose rules are switched.
   * @default ['default']
   */
  readonly eventBusNames?: readonly string[] | undefined;
};

/** The settings of a new event source mapping besides its function and its source, in AWS's own form. */
export type EventSourceMappingParameters = Omit<
  CreateEventSourceMappingRequest,
  'FunctionName' | 'EventSourceArn'
>;

/** How a method that changes event source mappings goes about it. */
export interface EventMappingOptions extends CallOptions {
  /**
   * Seconds to wait for a transition of a mapping that has to end before the mapping can be changed.
   * @default 300
   */
  readonly maxWaitSeconds?: number | undefined;
}

/** The state in which an event source mapping stays. */
export type EventMappingState = 'Enabled' | 'Disabled';

/** What became of a function's event source mappings, by UUID. */
export interface EventMappingReport {
  /** The mappings that are being switched. */
  readonly changed: readonly string[];
  /** The mappings that were in the wanted state, or on the way there, already; and those that are being deleted. */
  readonly unchanged: readonly string[];
}

/** An EventBridge rule. */
export interface EventRule {
  /** The bus, as it was named in the options. */
  readonly eventBusName: string;
  /** The rule's name, which is its own on that bus alone. */
  readonly name: string;
}

/** What became of the rules that target a function. */
export interface EventRuleReport {
  /** The rules that were switched. */
  readonly changed: readonly EventRule[];
  /** The rules that were in the wanted state already. */
  readonly unchanged: readonly EventRule[];
  /** The rules that belong to an AWS service, which alone may switch them; their state is as it was. */
  readonly skippedManaged: readonly EventRule[];
  /** The rules that target the functions of both stacks, so that neither can switch them alone; their state is as it was. */
  readonly skippedShared: readonly EventRule[];
}

/** The statistics of {@link LatestLambdaMetrics}, by metric. */
export interface LambdaMetricStatistics {
  /** The age of the last record of a batch in milliseconds; streams only. */
  readonly IteratorAge: 'Maximum';
  /** Invocations that ended in an error of the function. */
  readonly Errors: 'Sum';
  /** Instances of the function that worked at the same time. */
  readonly ConcurrentExecutions: 'Maximum';
  /** Invocations, the failed ones too, but not the throttled ones. */
  readonly Invocations: 'Sum';
  /** Milliseconds that the function took. */
  readonly Duration: 'Average';
  /** Invocations that Lambda refused for want of concurrency. */
  readonly Throttles: 'Sum';
}

/** The newest data point of a metric. */
export interface LatestMetric<Statistic extends string = string> {
  /** The beginning of the minute that the value is about. The last minute may still be filling. */
  readonly timestamp: Date;
  /** The value in the metric's own unit. */
  readonly value: number;
  /** What the value is of the minute's data. */
  readonly statistic: Statistic;
}

/** The newest data points of a function. A metric without data in the last five minutes has no entry. */
export type LatestLambdaMetrics = {
  readonly [Name in keyof LambdaMetricStatistics]?: LatestMetric<LambdaMetricStatistics[Name]>;
};
