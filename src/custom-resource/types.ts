import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ClientOptions } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { runDurably } from '../durable/run-durably.js';
import type { DurableChangeContext } from '../durable/types.js';
import type { stepFunctionsHandler } from '../step-functions/step-functions-handler.js';
import type { StepFunctionsHandler } from '../step-functions/types.js';
import type { SecretSource } from '../traffic/checks/datadog-metric.js';

/** Part of a Lambda context that the handler reads. The `Context` of `@types/aws-lambda` fits. */
export interface CustomResourceContext {
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis(): number;
}

/** The clients of `managedListenerRuleHandler`. */
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

/** The state machine that continues a rollout which may outlast the Lambda function. */
export interface Delegate {
  /**
   * The state machine: that of `stepFunctionsDefinition`, with this same function as its `functionArn` and its `report`.
   */
  readonly stateMachineArn: string;
  /** `stepFunctionsHandler` of `./step-functions`: handlers without a delegate need not bundle it. */
  readonly steps: typeof stepFunctionsHandler;
  /**
   * A ready client.
   * @default an `SFNClient` with the `clientConfig`, loaded when it is first needed
   */
  readonly stepFunctions?: ExecutionStarter | undefined;
}

/** Options of `managedListenerRuleHandler` in any function. */
export type ListenerRuleOptions = ClientOptions<ManagedListenerRuleClients> & {
  /**
   * The keys for `DatadogMetric`.
   * @default those in the environment variables DATADOG_API_KEY and DATADOG_APPLICATION_KEY
   */
  readonly datadog?: DatadogKeys | undefined;
  /**
   * Origins besides Datadog's own that `DatadogMetric.Address` can name, such as the origin of a proxy. They receive the keys.
   * @default the address has to be an https URL of Datadog
   */
  readonly allowedDatadogOrigins?: readonly string[] | undefined;
  /**
   * Origins besides those of Amazon S3 that the `ResponseURL` of an event can have, such as `http://localhost:4566` of an
   * emulator.
   * @default a `ResponseURL` has to be an https URL of Amazon S3
   */
  readonly allowedResponseOrigins?: readonly string[] | undefined;
  /**
   * Sends the requests to Datadog and the response to CloudFormation, such as through a proxy.
   * @default the global `fetch`
   */
  readonly fetch?: typeof fetch | undefined;
  /**
   * Seconds before the Lambda's own deadline at which a rollout that has not ended is rolled back, 1 or more. The first half
   * of them is for the rollback, the second half for the response. At most half of the Lambda's time-out is used.
   * @default 60
   */
  readonly deadlineMarginSeconds?: number | undefined;
  /**
   * Logger of changes and failures.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time, and of waits. The time left in an invocation is always read from the Lambda context.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
};

/** Options of `managedListenerRuleHandler` in an ordinary Lambda function. */
export type ManagedListenerRuleOptions = ListenerRuleOptions & {
  /**
   * Delegates rollouts that may outlast the Lambda function to a state machine, which responds to CloudFormation at the end.
   * @default every rollout has to end within the Lambda's time
   */
  readonly delegate?: Delegate | undefined;
  /** Only in a durable function. */
  readonly durable?: undefined;
};

/** Options of `managedListenerRuleHandler` in a durable function. */
export type DurableListenerRuleOptions = ListenerRuleOptions & {
  /** `runDurably` of `./durable`: handlers without it need not bundle it. */
  readonly durable: typeof runDurably;
  /** Only in an ordinary function. */
  readonly delegate?: undefined;
};

/** Result of one invocation. */
export interface ManagedListenerRuleResult {
  /**
   * The response to CloudFormation; `'delegated'` when an execution of the state machine is going to respond; `'duplicate'`
   * when a later run of the same request is going to respond; `'unanswerable'` for an event whose `ResponseURL` is missing or
   * not one of CloudFormation.
   */
  readonly status: 'SUCCESS' | 'FAILED' | 'delegated' | 'duplicate' | 'unanswerable';
  /** The rule's ARN; another ID when there is no rule. */
  readonly physicalResourceId?: string;
  /** Reason of a status other than `SUCCESS`. */
  readonly reason?: string;
  /** True when CloudFormation has confirmed the response. */
  readonly isConfirmed: boolean;
}

/**
 * A Lambda handler behind the custom resource. With a `delegate` it serves the state machine's tasks too, and returns their
 * results.
 */
export type ManagedListenerRuleHandler = (
  event: unknown,
  context: CustomResourceContext,
) => Promise<ManagedListenerRuleResult | Awaited<ReturnType<StepFunctionsHandler>>>;

/** The handler of a durable function behind the custom resource. Wrap it in `withDurableExecution`. */
export type DurableListenerRuleHandler = (
  event: unknown,
  context: DurableChangeContext,
) => Promise<ManagedListenerRuleResult>;
