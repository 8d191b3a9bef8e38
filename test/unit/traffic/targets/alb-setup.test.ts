import { isDeepStrictEqual } from 'node:util';
import { ModifyTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test, vi } from 'vitest';
import { ResourceStateError, ToolkitError } from '../../../../src/core/errors.js';
import type { SimulatedCloud } from '../../../../src/testing/index.js';
import { type ShiftState, TrafficShifter, type TrafficTarget } from '../../../../src/traffic/index.js';
import {
  allKinds,
  arrange,
  drive,
  stickinessOn,
  strategy,
  testInterruptions,
} from '../../../support/alb-setup-world.js';

describe.each(allKinds)('Changes of load balancer targets besides the weights: %s', (kind) => {
  test('adds the incoming group with the weight 0, and shifts when it is healthy', async () => {
    const world = arrange(kind);
    const unready = world.cloud.clock.now();

    const { outcome, seen } = await drive(world);

    expect(outcome).toBe('succeeded');
    expect(world.live().every(({ blue, green }) => blue === 0 && green === 100)).toBe(true);
    const attached = seen.findIndex((all) => all.every(({ green }) => green === 0));
    const shifted = seen.findIndex((all) => all.some(({ green = 0 }) => green > 0));
    expect(attached).toBeGreaterThanOrEqual(0);
    expect(shifted).toBeGreaterThan(attached);
    expect(world.cloud.clock.now()).toBeGreaterThan(unready);
  });

  test('rolls back and removes the group when it does not become healthy in time', async () => {
    const world = arrange(kind);
    const before = world.forwards();
    const shifter = new TrafficShifter({ target: world.target, clock: world.cloud.clock });
    const begun = await shifter.begin({ incoming: 'green', strategy });
    for (const green of world.greens) {
      for (const id of ['i-1', 'i-2']) {
        world.cloud.elasticLoadBalancing.setTargetHealth(green, id, { State: 'unhealthy' });
      }
    }

    const { outcome, state, seen } = await drive(world, { maxSetupSeconds: 120 }, begun);

    expect(outcome).toBe('rolledBack');
    expect(state?.reason).toMatch(/Not done within 120 s: .*0 of 2 healthy/);
    expect(seen.flat().every(({ green = 0 }) => green === 0)).toBe(true);
    expect(world.forwards()).toEqual(before);
  });

  test.each<[string, { readonly approvalPercents?: number[] }, number, number]>([
    ['the approval of the first step', { approvalPercents: [0] }, 0, 0],
    ['throttles', {}, 40, 0],
    ['throttles and a lost response', {}, 40, 3],
  ])('gives the group its whole time to become healthy after %s', async (_, request, throttles, lost) => {
    const world = arrange(kind);
    const { cloud, target, greens } = world;
    const shifter = new TrafficShifter({ target, clock: cloud.clock });
    let state = await shifter.begin({ incoming: 'green', strategy, ...request });
    const setHealth = (State: 'healthy' | 'unhealthy') => {
      for (const green of greens)
        for (const id of ['i-1', 'i-2']) cloud.elasticLoadBalancing.setTargetHealth(green, id, { State });
    };
    setHealth('unhealthy');
    const action = `elasticloadbalancing:Modify${kind === 'listener' ? 'Listener' : 'Rule'}`;
    if (throttles > 0) cloud.injectFault({ kind: 'throttle', action, times: throttles });
    if (lost > 0) cloud.injectFault({ kind: 'lostResponse', action, atCall: throttles + 1, times: lost });
    const start = cloud.clock.now();
    let attachedAt = Number.POSITIVE_INFINITY;
    let outcome: string | undefined;

    while (outcome === undefined) {
      const now = cloud.clock.now();
      const approved = now < start + 3_600_000 ? [] : ['0'];
      const progress = await shifter.advance(state, { approved }).catch((error: unknown) => {
        if (lost === 0) throw error;
        return { state, outcome, waitSeconds: 5 };
      });
      ({ state, outcome } = progress);
      if (world.live().every(({ green }) => green === 0)) attachedAt = Math.min(attachedAt, now);
      if (now >= attachedAt + 600_000) setHealth('healthy');
      await cloud.clock.sleep(progress.waitSeconds * 1000);
    }

    expect(attachedAt + 600_000 - start).toBeGreaterThan(900_000);
    expect(outcome).toBe('succeeded');
  });

  test('rolls back in time when AWS throttles each second reading of the health of a group that stays unhealthy', async () => {
    const { cloud, target } = arrange(kind);
    const shifter = new TrafficShifter({ target, clock: cloud.clock });
    let state = await shifter.begin({ incoming: 'green', strategy });
    // A process that stops before it has stored the state: the write is not counted.
    await shifter.advance(state);
    let readings = 0;
    vi.spyOn(target as Required<TrafficTarget>, 'readHealth').mockImplementation(async () => {
      readings += 1;
      if (readings % 2 === 0)
        throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
      return { healthy: 0, total: 2 };
    });
    let outcome: string | undefined;

    for (let calls = 0; outcome === undefined && calls < 200; calls += 1) {
      const progress = await shifter.advance(state);
      ({ state, outcome } = progress);
      await cloud.clock.sleep(progress.waitSeconds * 1000);
    }

    expect(outcome).toBe('rolledBack');
    expect(state.reason).toMatch(/Not done within 900 s: .*0 of 2 healthy/);
  });

  test('reads no health after a preparation when no healthy target is needed', async () => {
    const world = arrange(kind);
    const action = 'elasticloadbalancing:DescribeTargetHealth';
    world.cloud.injectFault({ kind: 'accessDenied', action });

    const { outcome } = await drive(world, { minimumHealthyCount: 0 });

    expect(outcome).toBe('succeeded');
    expect(world.cloud.calls.map((call) => call.action)).not.toContain(action);
  });

  test('rolls back when a group that needs no preparation is unhealthy at the first approval', async () => {
    const world = arrange(kind, { isNamed: true, detach: 'outgoing' });
    const { cloud, target, greens } = world;
    const before = world.forwards();
    const shifter = new TrafficShifter({ target, clock: cloud.clock });
    let state = await shifter.begin({ incoming: 'green', strategy, approvalPercents: [0] });
    for (const green of greens)
      for (const id of ['i-1', 'i-2'])
        cloud.elasticLoadBalancing.setTargetHealth(green, id, { State: 'unhealthy' });
    let outcome: string | undefined;

    while (outcome === undefined) {
      const progress = await shifter.advance(state, { approved: ['0'] });
      ({ state, outcome } = progress);
      expect(world.live().every(({ green }) => green === 0)).toBe(true);
      await cloud.clock.sleep(progress.waitSeconds * 1000);
    }

    expect(outcome).toBe('rolledBack');
    expect(state.reason).toContain('The green stack is no longer ready for traffic');
    expect(world.forwards()).toEqual(before);
  });

  test('changes nothing besides the weights when the actions name both groups', async () => {
    const world = arrange(kind, { isNamed: true });
    const state = await new TrafficShifter({ target: world.target, clock: world.cloud.clock }).begin({
      incoming: 'green',
      strategy,
    });

    expect(state.setup).toBeUndefined();
  });

  test('throws ResourceStateError for group stickiness without a decision, and writes nothing', async () => {
    const world = arrange(kind, { isSticky: true, isNamed: true });
    const before = world.forwards();

    await expect(drive(world)).rejects.toThrowError(ResourceStateError);
    await expect(drive(world)).rejects.toThrowError(
      /Set stickiness to 'disableWhileShifting'.*or to 'accept'/,
    );

    expect(world.forwards()).toEqual(before);
  });

  test('keeps group stickiness on when it is accepted', async () => {
    const world = arrange(kind, { isSticky: true, isNamed: true, stickiness: 'accept' });

    const { outcome, seen } = await drive(world);

    expect(outcome).toBe('succeeded');
    expect(seen.flat().every(({ isSticky }) => isSticky)).toBe(true);
  });

  test('switches group stickiness off for every share, and on again at the end', async () => {
    const world = arrange(kind, { isSticky: true, isNamed: true, stickiness: 'disableWhileShifting' });

    const { outcome, seen } = await drive(world);

    expect(outcome).toBe('succeeded');
    const split = seen.flat().filter(({ green = 0, blue = 0 }) => green > 0 && blue > 0);
    expect(split.length).toBeGreaterThan(0);
    expect(split.some(({ isSticky }) => isSticky)).toBe(false);
    for (const forward of world.forwards()) {
      expect(forward?.ForwardConfig?.TargetGroupStickinessConfig).toEqual(stickinessOn);
    }
  });

  test('throws ResourceStateError before a write when target stickiness forbids to switch it off', async () => {
    const world = arrange(kind, { isSticky: true, isNamed: true, stickiness: 'disableWhileShifting' });
    const before = world.forwards();
    await world.cloud.clients.elasticLoadBalancing.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: world.greens.at(-1),
        Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
      }),
    );

    await expect(drive(world)).rejects.toThrowError(/which AWS requires with target stickiness/);

    expect(world.forwards()).toEqual(before);
  });

  test('removes the outgoing group at the end, and a rollback after it restores everything', async () => {
    const world = arrange(kind, { detach: 'outgoing', isSticky: true, stickiness: 'disableWhileShifting' });
    const before = world.forwards();

    const { outcome, state } = await drive(world);

    expect(outcome).toBe('succeeded');
    expect(world.live().map(({ blue, green }) => [blue, green])).toEqual(
      world.live().map(() => [undefined, 100]),
    );
    const shifter = new TrafficShifter({ target: world.target, clock: world.cloud.clock });
    const progress = await shifter.rollBack(state as ShiftState, 'by hand');
    expect((await drive(world, {}, progress.state)).outcome).toBe('rolledBack');
    expect(world.forwards()).toEqual(before);
  });

  test.each([undefined, 'disableWhileShifting'] as const)(
    'throws ResourceStateError for group stickiness that was enabled after the begin: %s',
    async (stickiness) => {
      const world = arrange(kind, { ...(stickiness && { stickiness }) });
      const original = await world.target.readSetup?.('green');
      const change = { kind: 'prepare', incoming: 'green', original: original ?? {} } as const;
      await world.enableStickiness();
      const before = world.forwards();

      await expect(world.target.changeSetup?.(change)).rejects.toThrowError(
        /Group stickiness keeps clients.*It was switched on after the shift began/,
      );

      expect(world.forwards()).toEqual(before);
    },
  );

  test('restores the target after a rollback from weights that another writer set meanwhile', async () => {
    const world = arrange(kind, { isSticky: true, stickiness: 'disableWhileShifting' });
    const { cloud, target } = world;
    const before = world.forwards();
    const shifter = new TrafficShifter({ target, clock: cloud.clock });
    let state = await shifter.begin({ incoming: 'green', strategy });
    while (state.step < 0) ({ state } = await advance(shifter, state, cloud));
    ({ state } = await shifter.rollBack(state, 'by hand'));
    while (state.setup?.stage !== 'restoring') ({ state } = await advance(shifter, state, cloud));
    await target.writeWeights({ blue: 60, green: 40 });
    const halted = await drive(world, {}, state);

    const accepted = await shifter.rollBack(halted.state as ShiftState, 'again', { acceptLiveWeights: true });

    expect(halted.outcome).toBe('halted');
    expect((await drive(world, {}, accepted.state)).outcome).toBe('rolledBack');
    expect(world.forwards()).toEqual(before);
  });

  test('halts when the end of a shift is refused, and keeps the traffic on the incoming stack', async () => {
    const world = arrange(kind, { detach: 'outgoing', isNamed: true });
    const shifter = new TrafficShifter({ target: world.target, clock: world.cloud.clock });
    let state = await shifter.begin({ incoming: 'green', strategy });
    while (state.setup?.stage !== 'completing') {
      const progress = await shifter.advance(state);
      state = progress.state;
      await world.cloud.clock.sleep(progress.waitSeconds * 1000);
    }
    const action = `elasticloadbalancing:Modify${kind === 'listener' ? 'Listener' : 'Rule'}`;
    world.cloud.injectFault({ kind: 'accessDenied', action, times: 100 });

    const { outcome } = await drive(world, {}, state);

    expect(outcome).toBe('halted');
    expect(world.live().every(({ green }) => green === 100)).toBe(true);
    world.cloud.clearFaults();
    expect((await drive(world, {}, { ...state })).outcome).toBe('succeeded');
  });

  // A listener has one action.
  if (kind !== 'listener')
    test('restores every other action when one cannot be restored, and that one later', async () => {
      const world = arrange(kind, { isSticky: true, stickiness: 'disableWhileShifting' });
      const { cloud, target } = world;
      const before = world.forwards();
      const shifter = new TrafficShifter({ target, clock: cloud.clock });
      let { state } = await shifter.rollBack(await shifter.begin({ incoming: 'green', strategy }), 'by hand');
      const change = { incoming: 'green', original: state.setup?.original ?? {} } as const;
      await target.changeSetup?.({ ...change, kind: 'prepare' });
      while (state.setup?.stage !== 'restoring') ({ state } = await advance(shifter, state, cloud));
      cloud.injectFault({ kind: 'accessDenied', action: 'elasticloadbalancing:ModifyRule', times: 1 });

      const halted = await drive(world, {}, state);

      expect(halted.outcome).toBe('halted');
      const restored = world.forwards().map((it, index) => isDeepStrictEqual(it, before[index]));
      expect(restored.filter((it) => !it)).toHaveLength(1);
      expect((await drive(world, {}, halted.state)).outcome).toBe('rolledBack');
      expect(world.forwards()).toEqual(before);
    });

  test.each([
    ['serverError', 60, 'succeeded'],
    ['throttle', 60, 'succeeded'],
    ['serverError', 2_000, 'halted'],
    ['throttle', 2_000, 'halted'],
  ] as const)(
    'rolls back no healthy release when AWS fails its completion: %s, %i times',
    async (fault, times, wanted) => {
      const world = arrange(kind, { detach: 'outgoing', isNamed: true });
      const { cloud, target } = world;
      const action = `elasticloadbalancing:Modify${kind === 'listener' ? 'Listener' : 'Rule'}`;
      let isLast = false;

      const { outcome } = await new TrafficShifter({ target, clock: cloud.clock }).shiftTo(
        'green',
        strategy,
        {
          onEvent: (event) => {
            if (event.type !== 'weightsVerified' || event.weights.green < 100 || isLast) return;
            isLast = true;
            cloud.injectFault({ kind: fault, action, times });
          },
        },
      );

      expect(outcome).toBe(wanted);
      expect(world.live().every(({ green }) => green === 100)).toBe(true);
    },
  );

  test('halts a rollback by a target with other actions than the one that began the shift', async () => {
    const world = arrange(kind);
    const shifter = new TrafficShifter({ target: world.target, clock: world.cloud.clock });
    const begun = await shifter.begin({ incoming: 'green', strategy });
    const other = { ...begun, setup: { ...begun.setup, original: { 'arn:of:another:rule': {} } } };

    const { outcome, state, seen } = await drive(world, {}, other as ShiftState);

    expect(outcome).toBe('halted');
    expect(state?.reason).toMatch(/continue a shift with the target that began it/);
    expect(seen.flat().every(({ green = 0 }) => green === 0)).toBe(true);
  });

  // Its parts are targets of the other kinds.
  if (kind !== 'two load balancers')
    test('throws no TypeError for an original configuration of any form', async () => {
      const { target } = arrange(kind, { isSticky: true, stickiness: 'disableWhileShifting' });
      const read = await target.readSetup?.('green');
      for (const change of ['prepare', 'complete', 'restore'] as const)
        for (const original of replacements(read)) {
          const changing = target.changeSetup?.({
            kind: change,
            incoming: 'green',
            original: original as never,
          });
          const error: unknown = await changing?.then(
            () => undefined,
            (caught: unknown) => caught,
          );
          expect(error === undefined || ToolkitError.isInstance(error), JSON.stringify(original)).toBe(true);
        }
    });

  testInterruptions(kind, 5);
});

async function advance(shifter: TrafficShifter, state: ShiftState, { clock }: SimulatedCloud) {
  const progress = await shifter.advance(state);
  await clock.sleep(progress.waitSeconds * 1000);
  return progress;
}

/** Copies of plain JSON in which one value is another one. */
function replacements(json: unknown): unknown[] {
  const others = [null, 'text', [null], {}];
  if (typeof json !== 'object' || json === null) return others;
  const inner = Object.entries(json).flatMap(([key, value]) =>
    replacements(value).map((it) =>
      Array.isArray(json)
        ? json.map((old, index) => (String(index) === key ? it : old))
        : { ...json, [key]: it },
    ),
  );
  return [...others, ...inner];
}
