import {
  DescribeRulesCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { InvalidInputError, ResourceStateError } from '../../../../src/core/errors.js';
import { type FaultKind, SimulatedCloud, SimulatedCrash } from '../../../../src/testing/index.js';
import type { ShiftState } from '../../../../src/traffic/shift/shift-state.js';
import type { ShiftProgress, TrafficShifterOptions } from '../../../../src/traffic/shifter-options.js';
import { steps } from '../../../../src/traffic/strategies/steps.js';
import { AlbListenerRuleTarget } from '../../../../src/traffic/targets/alb-listener-rule.js';
import { TrafficShifter } from '../../../../src/traffic/traffic-shifter.js';
import type { TrafficWeights } from '../../../../src/traffic/types.js';

const modify = 'elasticloadbalancing:ModifyRule';

let cloud: SimulatedCloud;
let blue: string;
let green: string;
let listenerArn: string;
let ruleArns: string[];
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

beforeEach(() => {
  cloud = new SimulatedCloud();
  const { elasticLoadBalancing } = cloud;
  const addGroup = (name: string) => elasticLoadBalancing.addTargetGroup({ name, targets: ['i-1'] }).arn;
  blue = addGroup('blue');
  green = addGroup('green');
  listenerArn = elasticLoadBalancing.addListener({
    loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'shop' }).arn,
    defaultActions: [{ Type: 'forward', TargetGroupArn: blue }],
  }).arn;
  ruleArns = [10, 20, 30].map(
    (priority) =>
      elasticLoadBalancing.addRule({
        listenerArn,
        priority,
        conditions: [{ Field: 'path-pattern', Values: [`/${priority}/*`] }],
        actions: [{ Type: 'forward', TargetGroupArn: blue }],
      }).arn,
  );
});

function makeTarget(arns: readonly string[] = ruleArns) {
  return new AlbListenerRuleTarget({
    ruleArns: arns,
    blue: { targetGroupArn: blue },
    green: { targetGroupArn: green },
    clients: cloud.clients,
    clock: cloud.clock,
    logger,
  });
}

function makeShifter(options: Pick<TrafficShifterOptions, 'rollback'> = {}) {
  return new TrafficShifter({ target: makeTarget(), clock: cloud.clock, ...options });
}

/** Returns the weights of green, rule by rule. */
function greenWeights(): number[] {
  return ruleArns.map((arn) => cloud.elasticLoadBalancing.weightsInForce(arn)[green] ?? 0);
}

function setByHand(arn: string | undefined, weights: TrafficWeights): void {
  cloud.elasticLoadBalancing.changeActions(arn ?? '', () => [
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: blue, Weight: weights.blue },
          { TargetGroupArn: green, Weight: weights.green },
        ],
      },
    },
  ]);
}

async function untilDone(shifter: TrafficShifter, begun: ShiftState): Promise<ShiftProgress> {
  let progress = await shifter.advance(begun);
  while (progress.outcome === undefined) {
    await cloud.clock.sleep(progress.waitSeconds * 1000);
    progress = await shifter.advance(progress.state);
  }
  return progress;
}

describe('Class: AlbListenerRuleTarget', () => {
  describe('constructor', () => {
    test.each([
      ['no rule', { ruleArns: [] }],
      ['a rule twice', { ruleArns: ['a', 'a'] }],
      ['an empty ARN', { ruleArns: [''] }],
      ['the same target group in both stacks', { ruleArns: ['a'], green: { targetGroupArn: 'b' } }],
    ])('throws InvalidInputError for %s', (_, options) => {
      const make = () =>
        new AlbListenerRuleTarget({
          blue: { targetGroupArn: 'b' },
          green: { targetGroupArn: 'g' },
          clients: cloud.clients,
          ...options,
        });

      expect(make).toThrowError(InvalidInputError);
    });

    test('describes every rule by its name', () => {
      const [one = '', two = ''] = ruleArns.map((arn) => arn.split('listener-rule/')[1]);

      expect(makeTarget(ruleArns.slice(0, 2)).description).toBe(`ALB listener rule ${one} and ${two}`);
    });
  });

  describe('Method: readWeights', () => {
    test('throws ResourceStateError for a default rule, and names AlbListenerTarget', async () => {
      const { defaultRuleArn } = cloud.elasticLoadBalancing.listener(listenerArn);

      const read = makeTarget([defaultRuleArn]).readWeights();

      await expect(read).rejects.toThrowError(/default rule.*AlbListenerTarget/);
    });

    test('throws ResourceNotFoundError when a rule does not exist', async () => {
      await expect(makeTarget(['arn:gone']).readWeights()).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        message: expect.stringContaining('arn:gone'),
        cause: { name: 'RuleNotFoundException' },
      });
    });

    test('throws when a rule is missing in the response', async () => {
      const send = cloud.clients.elasticLoadBalancing;
      const { Rules = [] } = await send.send(new DescribeRulesCommand({ RuleArns: ruleArns.slice(0, 1) }));
      cloud.clients.elasticLoadBalancing.middlewareStack.add(
        () => async () => ({ response: {}, output: { $metadata: {}, Rules } }),
        { step: 'initialize', name: 'leavesRulesOut' },
      );

      await expect(makeTarget().readWeights()).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        resource: ruleArns[1],
      });
    });

    test('throws ResourceStateError when the rules differ', async () => {
      setByHand(ruleArns[1], { blue: 50, green: 50 });

      await expect(makeTarget().readWeights()).rejects.toThrowError(ResourceStateError);
    });
  });

  describe('Method: writeWeights', () => {
    test('writes the same weights to every rule, whatever each had', async () => {
      setByHand(ruleArns[1], { blue: 50, green: 50 });

      await makeTarget().writeWeights({ blue: 90, green: 10 });

      expect(greenWeights()).toEqual([10, 10, 10]);
    });

    test.each([
      { name: 'the first', atCall: 1 },
      { name: 'the second', atCall: 2 },
      { name: 'the last', atCall: 3 },
    ])('restores every rule when AWS rejects $name', async ({ atCall }) => {
      const before = ruleArns.map((arn) => cloud.elasticLoadBalancing.rule(arn));
      cloud.injectFault({ kind: 'accessDenied', action: modify, atCall });

      await expect(makeTarget().writeWeights({ blue: 90, green: 10 })).rejects.toMatchObject({
        name: 'AccessDeniedError',
      });

      expect(ruleArns.map((arn) => cloud.elasticLoadBalancing.rule(arn))).toEqual(before);
    });

    test.each(['lostResponse', 'timeout', 'throttle'] as const)(
      'restores a rule that may have been changed (%s)',
      async (kind) => {
        setByHand(ruleArns[0], { blue: 100, green: 0 });
        cloud.injectFault({ kind, action: modify, atCall: 2, times: 3 });

        await expect(makeTarget().writeWeights({ blue: 90, green: 10 })).rejects.toThrowError();

        expect(greenWeights()).toEqual([0, 0, 0]);
      },
    );

    test('restores the rules when aborted between two writes', async () => {
      const controller = new AbortController();
      logger.info.mockClear();
      cloud.clients.elasticLoadBalancing.middlewareStack.add(
        (next, context) => async (args) => {
          const result = await next(args);
          if (context['commandName'] === 'ModifyRuleCommand') controller.abort(new Error('enough'));
          return result;
        },
        { step: 'initialize', name: 'abortsAfterTheFirstWrite' },
      );

      await expect(
        makeTarget().writeWeights({ blue: 90, green: 10 }, { signal: controller.signal }),
      ).rejects.toMatchObject({ name: 'OperationAbortedError' });

      expect(greenWeights()).toEqual([0, 0, 0]);
      expect(logger.info).toHaveBeenCalledWith('Restored previous weights', {
        resource: ruleArns[0],
        durationMs: expect.any(Number),
      });
    });

    test('throws the first error when the rules cannot be restored', async () => {
      logger.warn.mockClear();
      cloud.injectFault({ kind: 'accessDenied', action: modify, atCall: 2, times: 9 });

      await expect(makeTarget().writeWeights({ blue: 90, green: 10 })).rejects.toMatchObject({
        name: 'AccessDeniedError',
        resource: ruleArns[1],
      });

      expect(greenWeights()).toEqual([10, 0, 0]);
      expect(logger.warn).toHaveBeenCalledTimes(1);
    });

    describe('in a rollback', () => {
      const rollBack = () => makeTarget().writeWeights({ blue: 100, green: 0 }, { isRollback: true });

      beforeEach(() => {
        for (const arn of ruleArns) setByHand(arn, { blue: 90, green: 10 });
      });

      test.each([
        { name: 'the first', atCall: 1, left: [10, 0, 0] },
        { name: 'the second', atCall: 2, left: [0, 10, 0] },
        { name: 'the last', atCall: 3, left: [0, 0, 10] },
      ])('writes every other rule when AWS rejects $name', async ({ atCall, left }) => {
        cloud.injectFault({ kind: 'accessDenied', action: modify, atCall });

        await expect(rollBack()).rejects.toMatchObject({ resource: ruleArns[atCall - 1] });

        expect(greenWeights()).toEqual(left);
      });

      test('throws a passing failure before a final one', async () => {
        cloud.injectFault({ kind: 'accessDenied', action: modify, atCall: 1 });
        cloud.injectFault({ kind: 'timeout', action: modify, atCall: 2, times: 9 });

        await expect(rollBack()).rejects.not.toMatchObject({ name: 'AccessDeniedError' });
      });

      test('writes nothing when aborted', async () => {
        const signal = AbortSignal.abort(new Error('enough'));
        const writing = makeTarget().writeWeights({ blue: 100, green: 0 }, { isRollback: true, signal });

        await expect(writing).rejects.toMatchObject({ name: 'OperationAbortedError' });
        expect(greenWeights()).toEqual([10, 10, 10]);
      });
    });

    test('logs one line for the change', async () => {
      logger.info.mockClear();
      const target = makeTarget(ruleArns.slice(0, 1));

      await target.writeWeights({ blue: 90, green: 10 });

      expect(logger.info.mock.calls).toEqual([
        [
          'Changed traffic weights',
          {
            resource: target.description,
            from: 'blue 100 %, green 0 %',
            to: 'blue 90 %, green 10 %',
            durationMs: expect.any(Number),
          },
        ],
      ]);
    });
  });

  describe('in a shift', () => {
    const strategy = steps([
      { percent: 10, holdSeconds: 60 },
      { percent: 100, holdSeconds: 0 },
    ]);

    beforeEach(() => {
      for (const arn of ruleArns) setByHand(arn, { blue: 100, green: 0 });
    });

    test('continues when resumed after a crash between two rules', async () => {
      for (const kind of ['crashBefore', 'crashAfter'] as const satisfies readonly FaultKind[]) {
        for (const atCall of [1, 2, 3, 4, 5, 6]) {
          for (const arn of ruleArns) setByHand(arn, { blue: 100, green: 0 });
          cloud.clearFaults();
          cloud.injectFault({ kind, action: modify, atCall });
          let state = await makeShifter().begin({ incoming: 'green', strategy });
          const crash = (async () => {
            for (;;) {
              const { state: next, waitSeconds, outcome } = await makeShifter().advance(state);
              state = next;
              if (outcome !== undefined) return;
              await cloud.clock.sleep(waitSeconds * 1000);
            }
          })();
          await expect(crash).rejects.toThrowError(SimulatedCrash);
          cloud.restart();

          const { state: end } = await untilDone(makeShifter(), state);

          expect([kind, atCall, end.phase]).toEqual([kind, atCall, 'succeeded']);
          expect(greenWeights()).toEqual([100, 100, 100]);
        }
      }
    });

    test('rolls back all rules after a crash between two of them', async () => {
      for (const atCall of [1, 2, 3]) {
        for (const arn of ruleArns) setByHand(arn, { blue: 100, green: 0 });
        cloud.clearFaults();
        cloud.injectFault({ kind: 'crashAfter', action: modify, atCall });
        const state = await makeShifter().begin({ incoming: 'green', strategy });
        await expect(makeShifter().advance(state)).rejects.toThrowError(SimulatedCrash);
        cloud.restart();

        const turned = await makeShifter().rollBack(state, 'the process died');
        const { state: end } =
          turned.outcome !== undefined ? turned : await untilDone(makeShifter(), turned.state);

        expect(end.phase).toBe('rolledBack');
        expect(greenWeights()).toEqual([0, 0, 0]);
      }
    });

    test('rolls back the other rules when AWS rejects one, and completes the rollback later', async () => {
      const begun = await makeShifter().begin({ incoming: 'green', strategy });
      const { state } = await makeShifter().advance(begun);
      cloud.injectFault({ kind: 'accessDenied', action: modify, atCall: 3 });

      const { state: halted } = await makeShifter().rollBack(state, 'enough');
      expect(halted).toMatchObject({ phase: 'halted', reason: expect.stringContaining('denied') });
      expect(greenWeights()).toEqual([0, 0, 10]);
      const { state: end } = await makeShifter().advance(halted);

      expect(end.phase).toBe('rolledBack');
      expect(greenWeights()).toEqual([0, 0, 0]);
    });

    test('rolls back all rules after a crash during the rollback', async () => {
      for (const atCall of [4, 5, 6]) {
        for (const arn of ruleArns) setByHand(arn, { blue: 100, green: 0 });
        cloud.clearFaults();
        cloud.injectFault({ kind: 'crashAfter', action: modify, atCall });
        const begun = await makeShifter().begin({ incoming: 'green', strategy });
        const { state } = await makeShifter().advance(begun);
        await expect(makeShifter().rollBack(state, 'enough')).rejects.toThrowError(SimulatedCrash);
        cloud.restart();

        const turned = await makeShifter().rollBack(state, 'enough');
        const { state: end } =
          turned.outcome !== undefined ? turned : await untilDone(makeShifter(), turned.state);

        expect(end.phase).toBe('rolledBack');
        expect(greenWeights()).toEqual([0, 0, 0]);
      }
    });

    test('halts on drift of one of the rules, and writes nothing', async () => {
      const shifter = makeShifter();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy }));
      setByHand(ruleArns[2], { blue: 30, green: 70 });
      await cloud.clock.sleep(60_000);
      const writes = cloud.calls.filter(({ action }) => action === modify).length;

      const { state: end } = await untilDone(shifter, state);

      expect(end.phase).toBe('halted');
      expect(end.reason).toContain('blue 30 %, green 70 %');
      expect(greenWeights()).toEqual([10, 10, 70]);
      expect(cloud.calls.filter(({ action }) => action === modify)).toHaveLength(writes);
    });

    test('rolls back all rules when the drift of one is accepted', async () => {
      const shifter = makeShifter();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy }));
      setByHand(ruleArns[1], { blue: 30, green: 70 });
      setByHand(ruleArns[2], { blue: 60, green: 40 });

      const { state: end } = await shifter.rollBack(state, 'enough', { acceptLiveWeights: true });

      expect(end).toMatchObject({ phase: 'rolledBack', reason: 'enough' });
      expect(greenWeights()).toEqual([0, 0, 0]);
    });

    test.each([
      // 60 % for all rules would raise two of them.
      { byHand: [10, 80, 40], firstStep: [0, 0, 0] },
      { byHand: [80, 80, 80], firstStep: [60, 60, 60] },
    ])(
      'first writes $firstStep % when $byHand % are accepted and rolled back in steps',
      async ({ byHand, firstStep }) => {
        const shifter = makeShifter({ rollback: { stepPercent: 20, intervalSeconds: 1 } });
        const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy }));
        for (const [index, share] of byHand.entries()) {
          setByHand(ruleArns[index], { blue: 100 - share, green: share });
        }

        const first = await shifter.rollBack(state, 'enough', { acceptLiveWeights: true });

        expect(greenWeights()).toEqual(firstStep);
        const { state: end } = first.outcome !== undefined ? first : await untilDone(shifter, first.state);
        expect(end.phase).toBe('rolledBack');
        expect(greenWeights()).toEqual([0, 0, 0]);
      },
    );

    test('throws for a rollback that accepts a removed target group', async () => {
      const shifter = makeShifter();
      const { state } = await shifter.advance(await shifter.begin({ incoming: 'green', strategy }));
      cloud.elasticLoadBalancing.changeActions(ruleArns[1] ?? '', () => [
        { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_302', Host: 'example.com' } },
      ]);

      await expect(shifter.rollBack(state, 'enough', { acceptLiveWeights: true })).rejects.toThrowError(
        ResourceStateError,
      );
    });

    test('makes one read, one write per rule, and one verifying read for each step', async () => {
      const shifter = makeShifter();
      const begun = await shifter.begin({ incoming: 'green', strategy });
      const since = cloud.calls.length;

      await shifter.advance(begun);

      const read = 'elasticloadbalancing:DescribeRules';
      expect(cloud.calls.slice(since).map(({ action }) => action)).toEqual([
        read,
        modify,
        modify,
        modify,
        read,
      ]);
    });
  });

  describe('a target group that no rule names yet', () => {
    const makeSticky = () =>
      cloud.clients.elasticLoadBalancing.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: green,
          Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
        }),
      );

    test('is not in use: its health allows a shift', async () => {
      const [rule = ''] = ruleArns;

      expect(await makeTarget([rule]).readHealth('green')).toMatchObject({ healthy: 1, total: 1 });
    });

    test('throws ResourceStateError before a write when AWS would reject it', async () => {
      await makeSticky();

      const shift = makeShifter().shiftTo('green', steps([{ percent: 100, holdSeconds: 0 }]));

      await expect(shift).rejects.toThrowError(
        /The traffic cannot be split between the two target groups: expected group stickiness.*target stickiness on arn:.*green/,
      );
      expect(greenWeights()).toEqual([0, 0, 0]);
    });

    test('is logged with a warning when it is added', async () => {
      logger.warn.mockClear();

      await makeTarget().writeWeights({ blue: 90, green: 10 });

      expect(
        logger.warn.mock.calls.map(([message, data]) => [message, data.resource, data.targetGroup]),
      ).toEqual(ruleArns.map((arn) => ['Added a target group before its first health check', arn, green]));
    });
  });
});
