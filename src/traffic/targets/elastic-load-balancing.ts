import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
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

/** Options of both load balancer targets. */
export type AlbTargetOptions = ToolOptions<AlbStackOptions, AlbTargetClients>;

/** Fields of {@link AlbTargetOptions}. */
export const albTargetEntries = {
  ...toolOptionsEntries,
  ...stackPair(strictObject({ targetGroupArn: nonEmptyString })),
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
