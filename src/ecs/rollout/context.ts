import type { ECSClient } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsCall, CallOptions } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import type { ServiceName } from '../read-service.js';
import type { RolloutEvent } from './events.js';

/** An event before its time is known. */
export type Untimed<Event extends RolloutEvent> = Event extends RolloutEvent ? Omit<Event, 'at'> : never;

/** What every part of a rollout works with. */
export interface RolloutContext extends CallOptions {
  readonly ecs: ECSClient;
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The service, as AWS is asked for it. */
  readonly name: ServiceName;
  /** The service, as errors and log lines name it. */
  readonly resource: string;
  /** Notes what happened; of a change also how many milliseconds it took, for the log. */
  readonly tell: (event: Untimed<RolloutEvent>, durationMs?: number) => void;
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
 * The same without the signal: for what has to be done after an abort, too, and for changes, because AWS may still carry
 * out one that was cut off.
 */
export function unstoppable(context: RolloutContext): RolloutContext {
  const { signal: _signal, ...rest } = context;
  return rest;
}
