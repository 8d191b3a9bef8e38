import type { ECSClient } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsCall, CallOptions } from '../core/aws-call.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { ServiceName } from '../ecs/ecs-service.js';
import type { RolloutEvent } from './events.js';
import type { Leftovers } from './leftovers.js';

/** An event without its time. */
export type Untimed<Event extends RolloutEvent> = Event extends RolloutEvent ? Omit<Event, 'at'> : never;

/** Dependencies of every part of a rollout. */
export interface RolloutContext extends CallOptions {
  readonly ecs: ECSClient;
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The service, as AWS calls name it. */
  readonly name: ServiceName;
  /** The service, as errors and log lines name it. */
  readonly resource: string;
  /** Canaries and targets that this run has to remove. */
  readonly leftovers: Leftovers;
  /** Emits an event. The duration of a change, in milliseconds, is for its log line. */
  readonly emit: (event: Untimed<RolloutEvent>, durationMs?: number) => void;
}

/** One call to ECS. */
export function ecsCall(operation: string, { resource, signal }: RolloutContext): AwsCall {
  return { action: `ecs:${operation}`, resource, signal };
}

/** One call to Elastic Load Balancing. */
export function elbCall(operation: string, resource: string, { signal }: RolloutContext): AwsCall {
  return { action: `elasticloadbalancing:${operation}`, resource, signal };
}

/**
 * The context without its signal: for work that is necessary after an abort, too, and for changes, because AWS may still make
 * one whose call was cut off.
 */
export function unstoppable(context: RolloutContext): RolloutContext {
  const { signal: _signal, ...rest } = context;
  return rest;
}
