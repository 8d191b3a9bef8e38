import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ClientOptions } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { shiftDurably } from '../durable/shift-durably.js';
import type { DurableShiftContext } from '../durable/types.js';
import type { stepFunctionsHandler } from '../step-functions/step-functions-handler.js';
import type { StepFunctionsHandler } from '../step-functions/types.js';
import type { SecretSource } from '../traffic/checks/datadog-metric.js';

/** What the handler needs of a Lambda invocation's context; the `Context` of `@types/aws-lambda` fits. */
export interface CustomResourceContext {
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis(): number;
}

/** The clients that `managedListenerRuleHandler` works with. */
export interface ManagedListenerRuleClients {
  /** For the rules and their weights. */
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
  /** For the data of `CloudWatchMetric`. */
  readonly cloudWatch: CloudWatchClient;
}

/** The keys of Datadog's API. */
export interface DatadogKeys {
  /** The API key; never shown. */
  readonly apiKey: SecretSource;
  /** The application key, with the permission `timeseries_query`; never shown. */
  readonly appKey: SecretSource;
}

/** The part of the `SFNClient` of AWS's SDK that starts executions. */
export interface ExecutionStarter {
  /** Sends a `StartExecutionCommand`. */
  send(command: StartExecutionCommand, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/** Where a rollout goes that may outlast the Lambda. */
export interface Delegate {
  /**
   * The state machine: that of `stepFunctionsDefinition`, with this same function as its `functionArn` and its `report`.
   */
  readonly stateMachineArn: string;
  /** `stepFunctionsHandler` of `./step-functions`: handlers without a hand-over need not bundle it. */
  readonly steps: typeof stepFunctionsHandler;
  /**
   * A ready client.
   * @default an `SFNClient` with the `clientConfig`, loaded when it is first needed
   */
  readonly stepFunctions?: ExecutionStarter | undefined;
}

/** How `managedListenerRuleHandler` works, in whatever function. */
export type ListenerRuleOptions = ClientOptions<ManagedListenerRuleClients> & {
  /**
   * The keys for `DatadogMetric`.
   * @default those in the environment variables DATADOG_API_KEY and DATADOG_APPLICATION_KEY
   */
  readonly datadog?: DatadogKeys | undefined;
  /**
   * How requests to Datadog and the answer to CloudFormation are sent, such as through a proxy.
   * @default the global `fetch`
   */
  readonly fetch?: typeof fetch | undefined;
  /**
   * Seconds before the Lambda's own deadline at which a rollout that has not ended is rolled back, 1 or more. The first half
   * of them is for the rollback, the second half for the answer. Of a Lambda with a short time-out at most half of it is
   * taken.
   * @default 60
   */
  readonly deadlineMarginSeconds?: number | undefined;
  /**
   * Where changes, and above all failures, are logged to.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * How waits wait; how much time is left is always read from the Lambda context.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
};

/** How `managedListenerRuleHandler` works in an ordinary Lambda function. */
export type ManagedListenerRuleOptions = ListenerRuleOptions & {
  /**
   * Hands rollouts that may outlast the Lambda over to a state machine, which answers CloudFormation at the end.
   * @default none: every rollout has to end within the Lambda's time
   */
  readonly delegate?: Delegate | undefined;
  /** Not in an ordinary function. */
  readonly durable?: undefined;
};

/** How `managedListenerRuleHandler` works in a durable function. */
export type DurableListenerRuleOptions = ListenerRuleOptions & {
  /** `shiftDurably` of `./durable`: handlers without it need not bundle it. */
  readonly durable: typeof shiftDurably;
  /** A durable function needs none. */
  readonly delegate?: undefined;
};

/** What one invocation came to. */
export interface ManagedListenerRuleResult {
  /**
   * What CloudFormation was answered; `'delegated'` when an execution of the state machine is going to answer it;
   * `'unanswerable'` for an event that says of no place to answer to.
   */
  readonly status: 'SUCCESS' | 'FAILED' | 'delegated' | 'unanswerable';
  /** The rule's ARN; something else when there is no rule. */
  readonly physicalResourceId?: string;
  /** Why the status is not `SUCCESS`. */
  readonly reason?: string;
  /** Whether CloudFormation has confirmed the answer. */
  readonly isConfirmed: boolean;
}

/**
 * A Lambda handler that stands behind the custom resource. With a `delegate` it serves the state machine's tasks too, which
 * get the answers that belong to them.
 */
export type ManagedListenerRuleHandler = (
  event: unknown,
  context: CustomResourceContext,
) => Promise<ManagedListenerRuleResult | Awaited<ReturnType<StepFunctionsHandler>>>;

/** The handler of a durable function that stands behind the custom resource: to be wrapped in `withDurableExecution`. */
export type DurableListenerRuleHandler = (
  event: unknown,
  context: DurableShiftContext,
) => Promise<ManagedListenerRuleResult>;
