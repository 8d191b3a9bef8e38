import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expectTypeOf, test } from 'vitest';
import { EcsTools, type EcsToolsOptions } from '../../src/ecs/index.js';
import { EcsRollout, type EcsRolloutOptions } from '../../src/ecs-rollout/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';

declare const ecs: ECSClient;
declare const applicationAutoScaling: ApplicationAutoScalingClient;
declare const elasticLoadBalancing: ElasticLoadBalancingV2Client;
declare const sqs: SQSClient;

const service = { cluster: 'shop', service: 'web', desiredCount: 2 };
const stacks = { blue: service, green: service };
const clientConfig = { region: 'eu-west-1', maxAttempts: 5 };

describe('the clients of a tool that works with several', () => {
  test('can all be ready, or all be made by the tool', () => {
    expectTypeOf({ ...stacks }).toExtend<EcsToolsOptions>();
    expectTypeOf({
      ...stacks,
      clients: { ecs, applicationAutoScaling },
    }).toExtend<EcsToolsOptions>();
    expectTypeOf({ ...stacks, clientConfig }).toExtend<EcsToolsOptions>();
    expectTypeOf({ ...stacks, clients: {}, clientConfig }).toExtend<EcsToolsOptions>();
  });

  test('can be ready in part, with a configuration for the other', () => {
    new EcsTools({ ...stacks, clients: { ecs }, clientConfig });
    new EcsTools({ ...stacks, clients: { applicationAutoScaling }, clientConfig });
    new EcsTools({ ...stacks, clients: { ecs } });
    new EcsRollout({ ...service, clients: { ecs }, clientConfig });
    new EcsRollout({ ...service, clients: { elasticLoadBalancing } });
  });

  test('cannot all be ready beside a configuration', () => {
    // @ts-expect-error: no client is left for the configuration
    new EcsTools({ ...stacks, clients: { ecs, applicationAutoScaling }, clientConfig });
    // @ts-expect-error: no client is left for the configuration
    new EcsRollout({ ...service, clients: { ecs, elasticLoadBalancing }, clientConfig });
  });

  test('are clients of the right service', () => {
    // @ts-expect-error: this is the client of another service
    new EcsTools({ ...stacks, clients: { ecs: sqs } });
  });

  test('can be those of a simulated cloud, which has more of them', () => {
    const { clients, clock } = new SimulatedCloud();

    expectTypeOf({ ...stacks, clients, clock }).toExtend<EcsToolsOptions>();
    expectTypeOf({ ...service, clients, clock }).toExtend<EcsRolloutOptions>();
  });
});

describe('the configuration of clients', () => {
  test('has only what every client understands', () => {
    // @ts-expect-error: only SQS knows this
    new EcsTools({ ...stacks, clientConfig: { region: 'eu-west-1', useQueueUrlAsEndpoint: false } });
  });
});
