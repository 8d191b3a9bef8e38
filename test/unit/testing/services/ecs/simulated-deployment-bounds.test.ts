import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

const definition = (version: number) => ({
  family: 'web',
  networkMode: 'awsvpc' as const,
  requiresCompatibilities: ['FARGATE' as const],
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'app', image: `web:${version}` }],
});

interface Outcome {
  /** Most tasks that ran or started at the same time. */
  readonly most: number;
  /** Fewest tasks that ran at the same time. */
  readonly fewest: number;
  readonly rolloutState: string | undefined;
  readonly revision: string | undefined;
}

/** Rolls a service to its second revision, and counts its tasks every second. */
async function deploy(options: {
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly seconds?: number;
}): Promise<Outcome> {
  const { desiredCount, minimumHealthyPercent, maximumPercent, seconds = 400 } = options;
  const cloud = new SimulatedCloud();
  const service = cloud.ecs.addService({
    cluster: 'shop',
    name: 'web',
    desiredCount,
    taskDefinition: cloud.ecs.addTaskDefinition(definition(1)),
    settings: {
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
    },
  });
  const taskDefinition = cloud.ecs.addTaskDefinition(definition(2));
  await cloud.clients.ecs.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', taskDefinition }));
  let [most, fewest] = [0, Number.POSITIVE_INFINITY];
  const statuses = ['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING'];
  for (let second = 0; second < seconds; second += 1) {
    const tasks = cloud.ecs.tasks('shop').filter(({ lastStatus = '' }) => statuses.includes(lastStatus));
    most = Math.max(most, tasks.length);
    fewest = Math.min(fewest, tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').length);
    await cloud.clock.sleep(1000);
  }
  const [primary, ...others] = service.deployments;
  const rolloutState = others.length === 0 ? primary?.rolloutState : 'IN_PROGRESS';
  return { most, fewest, rolloutState, revision: primary?.taskDefinition.replace(/^.*:/, '') };
}

describe('A deployment of the SimulatedEcs', () => {
  test('makes no progress between 100 and 100 percent', async () => {
    const outcome = await deploy({ desiredCount: 2, minimumHealthyPercent: 100, maximumPercent: 100 });

    expect(outcome).toEqual({ most: 2, fewest: 2, rolloutState: 'IN_PROGRESS', revision: '2' });
  });

  test('stops an old task first between 0 and 100 percent', async () => {
    const outcome = await deploy({ desiredCount: 2, minimumHealthyPercent: 0, maximumPercent: 100 });

    expect(outcome).toMatchObject({ most: 2, rolloutState: 'COMPLETED', revision: '2' });
    expect(outcome.fewest).toBeLessThan(2);
  });

  test('starts a new task first between 100 and 200 percent', async () => {
    const outcome = await deploy({ desiredCount: 2, minimumHealthyPercent: 100, maximumPercent: 200 });

    expect(outcome).toMatchObject({ fewest: 2, rolloutState: 'COMPLETED', revision: '2' });
    expect(outcome.most).toBeGreaterThan(2);
  });

  test('keeps half of its tasks between 50 and 100 percent', async () => {
    const outcome = await deploy({ desiredCount: 4, minimumHealthyPercent: 50, maximumPercent: 100 });

    expect(outcome).toMatchObject({ most: 4, rolloutState: 'COMPLETED' });
    expect(outcome.fewest).toBeGreaterThanOrEqual(2);
  });

  test('rounds the minimum up and the maximum down', async () => {
    // At least 3 of 3, at most 4: one more at a time.
    const outcome = await deploy({ desiredCount: 3, minimumHealthyPercent: 67, maximumPercent: 150 });

    expect(outcome).toMatchObject({ most: 4, fewest: 3, rolloutState: 'COMPLETED' });
  });

  test('stays within any bounds', async () => {
    const bounds = fc.record({
      desiredCount: fc.integer({ min: 1, max: 6 }),
      minimumHealthyPercent: fc.constantFrom(0, 1, 34, 50, 75, 100),
      maximumPercent: fc.constantFrom(100, 125, 150, 200, 300),
    });
    await fc.assert(
      fc.asyncProperty(bounds, async (options) => {
        const { desiredCount, minimumHealthyPercent, maximumPercent } = options;
        const least = Math.ceil((desiredCount * minimumHealthyPercent) / 100);
        const limit = Math.floor((desiredCount * maximumPercent) / 100);

        const { most, fewest, rolloutState } = await deploy(options);

        expect(most).toBeLessThanOrEqual(limit);
        expect(fewest).toBeGreaterThanOrEqual(least);
        expect(rolloutState).toBe(least === limit ? 'IN_PROGRESS' : 'COMPLETED');
      }),
      { numRuns: 40 },
    );
  });
});
