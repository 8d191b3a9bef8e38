import {
  type Action,
  ModifyListenerCommand,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import { MultipleFailuresError } from '../../src/core/errors.js';
import { SimulatedCrash } from '../../src/testing/cloud/faults.js';
import { SimulatedCloud } from '../../src/testing/index.js';
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
} from '../../src/traffic/index.js';

export const stickinessOn = { Enabled: true, DurationSeconds: 600 };
export const strategy = steps([
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

export type Kind = 'rules' | 'listener' | 'two load balancers';
export const allKinds: readonly Kind[] = ['rules', 'listener', 'two load balancers'];

/** Load balancer whose actions forward to blue, and optionally to green with the weight 0. */
export function arrange(kind: Kind, { isSticky = false, isNamed = false, ...options }: Arrangement = {}) {
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
  /** Enables group stickiness as another writer would. */
  const enableStickiness = async () => {
    for (const [index, { arn }] of holders.entries()) {
      const forward = forwards()[index] ?? { Type: 'forward' as const };
      const actions: Action[] = [
        {
          ...forward,
          ForwardConfig: { ...forward.ForwardConfig, TargetGroupStickinessConfig: stickinessOn },
        },
      ];
      const client = cloud.clients.elasticLoadBalancing;
      if (kind === 'listener')
        await client.send(new ModifyListenerCommand({ ListenerArn: arn, DefaultActions: actions }));
      else await client.send(new ModifyRuleCommand({ RuleArn: arn, Actions: actions }));
    }
  };
  return {
    cloud,
    target,
    forwards,
    live,
    enableStickiness,
    greens: [...new Set(holders.map(({ green }) => green))],
  };
}

export type World = ReturnType<typeof arrange>;

function isCrash(error: unknown): boolean {
  if (error instanceof MultipleFailuresError) return error.errors.some(isCrash);
  return error instanceof SimulatedCrash;
}

/** Drives a shift to its end as an engine does, and returns the actions after each call. */
export async function drive(world: World, options: Partial<TrafficShifterOptions> = {}, from?: ShiftState) {
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

/** Stops the process, and loses or ages a response, at every `every`-th call of a shift. */
export function testInterruptions(kind: Kind, every: number): void {
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
      for (const [index, fault] of (['crashBefore', 'crashAfter'] as const).entries()) {
        for (const atCall of pointsIn(undisturbed.calls, every, index)) {
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
    for (const [index, fault] of (['staleRead', 'lostResponse', 'throttle'] as const).entries()) {
      for (const atCall of pointsIn(calls, every, index)) {
        const world = arrange(kind, arrangement);
        world.cloud.injectFault({ kind: fault, atCall });
        const { outcome } = await drive(world, options);
        const isRight = outcome === ending && JSON.stringify(world.forwards()) === JSON.stringify(after);
        if (!isRight) wrong.push(`${fault} at call ${atCall}: ${outcome}`);
      }
    }
    expect(wrong).toEqual([]);
  });
}

/** Every `every`-th call; another kind of fault begins at another call. */
function pointsIn(calls: number, every: number, kind: number): number[] {
  const all = Array.from({ length: calls }, (_, index) => index + 1);
  return all.filter((call) => call % every === (kind * 2 + 1) % every);
}
