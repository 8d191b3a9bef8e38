import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import * as v from 'valibot';
import { nonEmptyString, stackPair } from '../../core/schemas.js';
import type { ToolOptions } from '../../core/tool-options.js';

/** What stands for a stack behind a load balancer. */
export interface AlbStackOptions {
  /** The ARN of the stack's target group. */
  readonly targetGroupArn: string;
}

/** The clients that the load balancer targets work with. */
export interface AlbTargetClients {
  /** Elastic Load Balancing, version 2: Application and Network Load Balancers. */
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
}

/** What both load balancer targets are made from. */
export type AlbTargetOptions = ToolOptions<AlbStackOptions, AlbTargetClients>;

/** The part of the options that both load balancer targets check. */
export const albStacks = stackPair(v.object({ targetGroupArn: nonEmptyString }));
