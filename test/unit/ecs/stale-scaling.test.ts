import type { SuspendedState } from '@aws-sdk/client-application-auto-scaling';
import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { EcsTools } from '../../../src/ecs/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

const readTags = 'application-autoscaling:ListTagsForResource';
const readTargets = 'application-autoscaling:DescribeScalableTargets';
const readServices = 'ecs:DescribeServices';

const state = (
  DynamicScalingInSuspended: boolean,
  DynamicScalingOutSuspended: boolean,
  ScheduledScalingSuspended: boolean,
): Required<SuspendedState> => ({
  DynamicScalingInSuspended,
  DynamicScalingOutSuspended,
  ScheduledScalingSuspended,
});
const nothing = state(false, false, false);
const everything = state(true, true, true);

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  for (const name of ['blue', 'green']) cloud.ecs.addService({ cluster: 'shop', name, desiredCount: 3 });
});

function scale(suspendedState: SuspendedState = nothing) {
  return cloud.applicationAutoScaling.addTarget({
    namespace: 'ecs',
    resourceId: 'service/shop/green',
    dimension: 'ecs:service:DesiredCount',
    minCapacity: 2,
    maxCapacity: 6,
    suspendedState,
  });
}

/** The tool of one process. */
function createTools(logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }) {
  return new EcsTools({
    blue: { cluster: 'shop', service: 'blue', desiredCount: 3 },
    green: { cluster: 'shop', service: 'green', desiredCount: 3 },
    clients: cloud.clients,
    clock: cloud.clock,
    logger,
  });
}

describe('EcsTools with reads from before its own changes', () => {
  test('resumes the scaling after disable, enable, disable in quick succession', async () => {
    const target = scale();
    const tools = createTools();
    cloud.injectFault({ kind: 'staleRead', action: readTags, atCall: 3 });

    await tools.disableService('green');
    await tools.enableService('green');
    await tools.disableService('green');
    await cloud.clock.sleep(600_000);
    await tools.enableService('green');

    expect(target).toMatchObject({ suspendedState: nothing, tags: {} });
  });

  test('suspends the scaling again although the target is still shown as suspended', async () => {
    const target = scale();
    const tools = createTools();
    await tools.disableService('green');
    await tools.enableService('green');
    cloud.injectFault({ kind: 'staleRead', action: readTargets });

    await tools.disableService('green');

    await cloud.clock.sleep(600_000);
    expect(target.suspendedState).toEqual(everything);
    expect(cloud.ecs.service('shop', 'green').desiredCount).toBe(0);
    await createTools().enableService('green');
    expect(target).toMatchObject({ suspendedState: nothing, tags: {} });
  });

  test.each([1, 2])(
    'resumes the scaling that another process has suspended, after %d reads from before',
    async (times) => {
      const target = scale();
      const tools = createTools();
      // This process has read the tag before the other one wrote it.
      await tools.enableService('green');
      target.suspendedState = everything;
      await tools.enableService('green');
      target.suspendedState = nothing;
      await createTools().disableService('green');
      cloud.injectFault({ kind: 'staleRead', action: readTags, times });

      await tools.enableService('green');

      expect(target).toMatchObject({ suspendedState: nothing, tags: {} });
    },
  );

  test('leaves scaling suspended that its owner has suspended since, and warns', async () => {
    const target = scale();
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const tools = createTools(logger);
    await tools.disableService('green');
    await tools.enableService('green');
    target.suspendedState = everything;

    await tools.disableService('green');
    await createTools(logger).enableService('green');

    expect(target).toMatchObject({ suspendedState: everything, tags: {} });
    expect(logger.warn).toHaveBeenCalledWith('Left scaling suspended', {
      resource: 'service/shop/green',
      reason: expect.stringContaining('aws-blue-green-toolkit:suspended'),
    });
  });

  test('suspends scaling that its owner has resumed while the service was disabled', async () => {
    const target = scale();
    const tools = createTools();
    await tools.disableService('green');
    target.suspendedState = state(false, true, true);

    await tools.disableService('green');

    expect(target.suspendedState).toEqual(everything);
    await tools.enableService('green');
    expect(target.suspendedState).toEqual(state(false, true, true));
  });

  test('reaches the wanted state in any order of calls with any stale read', async () => {
    const outcomes = { runs: 0, stale: 0 };
    const step = fc.record({
      isDisable: fc.boolean(),
      pauseSeconds: fc.constantFrom(0, 0, 5, 1200),
      stale: fc.option(
        fc.record({
          action: fc.constantFrom(readTags, readTargets, readServices),
          atCall: fc.constantFrom(1, 2),
          times: fc.constantFrom(1, 2),
        }),
      ),
    });
    const before = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()).map((flags) => state(...flags));
    await fc.assert(
      fc.asyncProperty(before, fc.array(step, { minLength: 1, maxLength: 6 }), async (owners, steps) => {
        cloud = new SimulatedCloud();
        for (const name of ['blue', 'green'])
          cloud.ecs.addService({ cluster: 'shop', name, desiredCount: 3 });
        const target = scale(owners);
        const tools = createTools();
        for (const { isDisable, pauseSeconds, stale } of steps) {
          await cloud.clock.sleep(pauseSeconds * 1000);
          cloud.clearFaults();
          // No response is older.
          const isOld = stale !== null && pauseSeconds < 900;
          if (isOld) cloud.injectFault({ kind: 'staleRead', ...stale });
          await (isDisable ? tools.disableService('green') : tools.enableService('green'));
          outcomes.runs += 1;
          outcomes.stale += isOld ? 1 : 0;
        }
        await cloud.clock.sleep(600_000);

        const isDisabled = steps.at(-1)?.isDisable === true;
        expect(target.suspendedState).toEqual(isDisabled ? everything : owners);
        expect(cloud.ecs.service('shop', 'green').desiredCount).toBe(isDisabled ? 0 : 3);
        cloud.clearFaults();
        await createTools().enableService('green');
        expect(target).toMatchObject({ suspendedState: owners, tags: {} });
      }),
      { numRuns: 60 },
    );
    expect(outcomes.stale).toBeGreaterThan(60);
  });
});

describe('EcsTools.enableService', () => {
  test('warns when the maximum of the scaling is below the desired count', async () => {
    const target = scale();
    target.maxCapacity = 2;
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

    await createTools(logger).enableService('green');

    expect(cloud.ecs.service('shop', 'green').desiredCount).toBe(2);
    expect(logger.warn.mock.calls).toEqual([
      [
        'Limited desired count to maximum of scaling',
        { resource: 'shop/green', desiredCount: 3, maximum: 2 },
      ],
    ]);
  });

  test('logs the parts that stay suspended', async () => {
    scale(state(false, false, true));
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    await createTools().disableService('green');

    await createTools(logger).enableService('green');

    expect(logger.info).toHaveBeenCalledWith('Resumed scaling', {
      resource: 'service/shop/green',
      parts: 'DynamicScalingInSuspended DynamicScalingOutSuspended',
      suspended: 'ScheduledScalingSuspended',
      durationMs: expect.any(Number),
    });
  });
});
