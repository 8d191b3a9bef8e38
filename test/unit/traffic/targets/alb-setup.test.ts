import { type Action, ModifyTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { MultipleFailuresError, ResourceStateError } from '../../../../src/core/errors.js';
import { SimulatedCrash } from '../../../../src/testing/cloud/faults.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  AlbListenerRuleTarget,
  AlbListenerTarget,
  type AlbSetupOptions,
  type Check,
  CompositeTarget,
  type ShiftState,
  steps,
  TrafficShifter,
  type TrafficShifterOptions,
  type TrafficTarget,
} from '../../../../src/traffic/index.js';

const stickinessOn = { Enabled: true, DurationSeconds: 600 };
const strategy = steps([
  { percent: 10, holdSeconds: 60 },
  { percent: 100, holdSeconds: 60 },
]);

/** Check that fails from 100 % on. */
const failsAtEnd: Check = {
  name: 'health',
  evaluate: async ({ weights }) => ({ outcome: weights.green === 100 ? 'fail' : 'pass', detail: 'measured' }),
};

interface Arrangement extends AlbSetupOptions {
  readonly isSticky?: boolean;
  readonly isNamed?: boolean;
}

type Kind = 'rules' | 'listener' | 'two load balancers';
const allKinds: readonly Kind[] = ['rules', 'listener', 'two load balancers'];

/** Load balancer whose actions forward to blue, and optionally to green with the weight 0. */
function arrange(kind: Kind, { isSticky = false, isNamed = false, ...options }: Arrangement = {}) {
  const cloud = new SimulatedCloud();
  const elb = cloud.elasticLoadBalancing;
  const holders: { readonly arn: string; readonly blue: string; readonly green: string }[] = [];
  const loadBalancer = (name: string): TrafficTarget => {
    const group = (stack: string) =>
      elb.addTargetGroup({ name: `${name}-${stack}`, targets: ['i-1', 'i-2'] }).arn;
    const [blue, green] = [group('blue'), group('green')];
    const forward: Action = {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: blue, Weight: isNamed ? 100 : 7 },
          ...(isNamed ? [{ TargetGroupArn: green, Weight: 0 }] : []),
        ],
        ...(isSticky && { TargetGroupStickinessConfig: stickinessOn }),
      },
    };
    const { arn: listenerArn } = elb.addListener({
      loadBalancerArn: elb.addLoadBalancer({ name }).arn,
      defaultActions: [forward],
    });
    const stacks = {
      blue: { targetGroupArn: blue },
      green: { targetGroupArn: green },
      clients: cloud.clients,
      clock: cloud.clock,
      ...options,
    };
    if (kind === 'listener') {
      holders.push({ arn: listenerArn, blue, green });
      return new AlbListenerTarget({ listenerArn, ...stacks });
    }
    const ruleArns = [10, 20].map(
      (priority) =>
        elb.addRule({
          listenerArn,
          priority,
          conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [`/${priority}/*`] } }],
          actions: [forward],
        }).arn,
    );
    for (const arn of ruleArns) holders.push({ arn, blue, green });
    return new AlbListenerRuleTarget({ ruleArns, ...stacks });
  };
  const target =
    kind === 'two load balancers'
      ? new CompositeTarget({
          targets: [loadBalancer('public'), loadBalancer('internal')],
          clock: cloud.clock,
        })
      : loadBalancer('shop');
  const forwards = () =>
    holders.map(({ arn }) => {
      const held = kind === 'listener' ? elb.listener(arn) : elb.rule(arn);
      const actions: readonly Action[] = 'defaultActions' in held ? held.defaultActions : held.actions;
      return structuredClone(actions.find(({ Type }) => Type === 'forward'));
    });
  /** Weights by stack, and whether stickiness is on, of each action. */
  const live = () =>
    forwards().map((forward, index) => {
      const weight = (arn: string | undefined) =>
        forward?.ForwardConfig?.TargetGroups?.find(({ TargetGroupArn }) => TargetGroupArn === arn)?.Weight;
      return {
        blue: weight(holders[index]?.blue),
        green: weight(holders[index]?.green),
        isSticky: forward?.ForwardConfig?.TargetGroupStickinessConfig?.Enabled === true,
      };
    });
  return { cloud, target, forwards, live, greens: [...new Set(holders.map(({ green }) => green))] };
}

type World = ReturnType<typeof arrange>;

function isCrash(error: unknown): boolean {
  if (error instanceof MultipleFailuresError) return error.errors.some(isCrash);
  return error instanceof SimulatedCrash;
}

/** Drives a shift to its end as an engine does, and returns the actions after each call. */
async function drive(world: World, options: Partial<TrafficShifterOptions> = {}, from?: ShiftState) {
  const { cloud, target, live } = world;
  const shifter = () => new TrafficShifter({ target, clock: cloud.clock, ...options });
  const seen: ReturnType<World['live']>[] = [];
  let crashes = 0;
  let state = from;
  let outcome: string | undefined;
  while (outcome === undefined) {
    try {
      if (state === undefined) {
        state = await shifter().begin({ incoming: 'green', strategy });
        continue;
      }
      const stored: ShiftState = JSON.parse(JSON.stringify(state));
      const progress = await shifter().advance(stored);
      ({ state, outcome } = progress);
      await cloud.clock.sleep(progress.waitSeconds * 1000);
    } catch (error) {
      if (!isCrash(error)) throw error;
      crashes += 1;
      cloud.restart();
    }
    seen.push(live());
  }
  return { outcome, seen, crashes, state, calls: cloud.calls.length };
}

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

  const endings = [
    ['succeeded', {}],
    ['rolledBack', { checks: [failsAtEnd] }],
  ] as const;
  const arrangements: readonly Arrangement[] = [
    {},
    { isSticky: true, stickiness: 'disableWhileShifting', detach: 'outgoing' },
  ];
  // One of a composite's targets is as good as another: the arrangement with every change is enough.
  const matrix = kind === 'two load balancers' ? arrangements.slice(-1) : arrangements;
  const table = endings.flatMap(([ending, options]) =>
    matrix.map((arrangement) => ({ ending, options, arrangement })),
  );

  test.each(table)(
    'is right wherever the process stops: $ending, $arrangement',
    async ({ ending, options, arrangement }) => {
      const straight = arrange(kind, arrangement);
      const before = straight.forwards();
      const undisturbed = await drive(straight, options);
      expect(undisturbed.outcome).toBe(ending);
      const after = ending === 'rolledBack' ? before : straight.forwards();
      expect(straight.forwards()).toEqual(after);

      const wrong: string[] = [];
      for (const fault of ['crashBefore', 'crashAfter'] as const) {
        for (let atCall = 1; atCall <= undisturbed.calls; atCall += 1) {
          const world = arrange(kind, arrangement);
          world.cloud.injectFault({ kind: fault, atCall });
          const { outcome, crashes } = await drive(world, options);
          const isRight = outcome === ending && JSON.stringify(world.forwards()) === JSON.stringify(after);
          if (!isRight || crashes !== 1) wrong.push(`${fault} at call ${atCall}: ${outcome}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );

  test.each(endings)('is right after a stale or lost response to any call: %s', async (ending, options) => {
    const arrangement = arrangements.at(-1);
    const straight = arrange(kind, arrangement);
    const before = straight.forwards();
    const { calls } = await drive(straight, options);
    const after = ending === 'rolledBack' ? before : straight.forwards();

    const wrong: string[] = [];
    for (const fault of ['staleRead', 'lostResponse', 'throttle'] as const) {
      for (let atCall = 1; atCall <= calls; atCall += 1) {
        const world = arrange(kind, arrangement);
        world.cloud.injectFault({ kind: fault, atCall });
        const { outcome } = await drive(world, options);
        const isRight = outcome === ending && JSON.stringify(world.forwards()) === JSON.stringify(after);
        if (!isRight) wrong.push(`${fault} at call ${atCall}: ${outcome}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
