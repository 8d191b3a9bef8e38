import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import * as v from 'valibot';
import { resolveClients } from '../../core/clients.js';
import type { PossiblyMissing } from '../../core/not-found.js';
import { nonEmptyString, stackPair, strictObject } from '../../core/schemas.js';
import {
  clientOptionsOf,
  type ParsedClientOptions,
  type ToolOptions,
  toolOptionsEntries,
} from '../../core/tool-options.js';

/** Target group of a stack. */
export interface AlbStackOptions {
  /** ARN of the stack's target group. */
  readonly targetGroupArn: string;
}

/** Clients of the load balancer targets. */
export interface AlbTargetClients {
  /** Elastic Load Balancing, version 2: Application and Network Load Balancers. */
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
}

/** Options of both load balancer targets for the changes that a shift makes besides the weights. */
export interface AlbSetupOptions {
  /**
   * Decision for a forward action with group stickiness, which keeps clients in their target group until their cookie expires,
   * whatever the weights are. `disableWhileShifting` switches it off before the first step, and restores it after the last one
   * and after a rollback. `accept` leaves it on.
   * @default a shift of an action with group stickiness is refused
   */
  readonly stickiness?: 'accept' | 'disableWhileShifting' | undefined;
  /**
   * Target group to remove from the action at the end of a shift, when it has no traffic. Its health checks then end, and so do
   * the sessions of clients that are stuck to it.
   * @default none: it stays with the weight 0
   */
  readonly detach?: 'outgoing' | undefined;
}

/** Options of both load balancer targets. */
export type AlbTargetOptions = ToolOptions<AlbStackOptions, AlbTargetClients> & AlbSetupOptions;

/** Fields of {@link AlbTargetOptions}. */
export const albTargetEntries = {
  ...toolOptionsEntries,
  ...stackPair(strictObject({ targetGroupArn: nonEmptyString })),
  stickiness: v.optional(v.picklist(['accept', 'disableWhileShifting'])),
  detach: v.optional(v.literal('outgoing')),
};

/** Returns the client of a load balancer target. */
export function elasticLoadBalancingOf(options: ParsedClientOptions): ElasticLoadBalancingV2Client {
  return resolveClients<AlbTargetClients>(clientOptionsOf(options), {
    elasticLoadBalancing: ElasticLoadBalancingV2Client,
  }).elasticLoadBalancing;
}

/** Describes a target group that can be missing in a call. */
export function missingTargetGroup(resource: string): PossiblyMissing {
  return {
    errorName: 'TargetGroupNotFoundException',
    kind: 'Target group',
    resource,
    remedy: 'Check targetGroupArn of both stacks, and the Region and account of the client',
  };
}
