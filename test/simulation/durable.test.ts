import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import {
  type DurableChangeContext,
  type DurableOptions,
  type DurableRequest,
  type DurableResult,
  runDurably,
} from '../../src/durable/index.js';
import type { ShiftEvent, ShiftState } from '../../src/traffic/index.js';
import {
  AlbListenerRuleTarget,
  type Check,
  type ShiftRequest,
  TrafficShifter,
} from '../../src/traffic/index.js';
import { DurableJournal } from '../support/durable-journal.js';
import {
  type DurableRunner,
  durableFunction,
  makeRunner,
  setUpRunners,
  tearRunnersDown,
} from '../support/durable-runner.js';
import { answerOn, durableOnLocalEngine } from './engines/durable.js';
import { type EngineWorld, makeEngineWorld, restartWhenever } from './engines/engine-world.js';
import { inProcess } from './engines/in-process.js';
import { type EngineScenario, engineScenarios } from './engines/scenarios.js';

/** For hundreds of replays: the journal in memory is fast enough, the local engine is not. */
const tooLong = 'canary of hours: succeeds';

const linear: ShiftRequest = {
  incoming: 'green',
  strategy: { type: 'linear', stepPercent: 50, intervalSeconds: 120 },
};
const canary: ShiftRequest = {
  incoming: 'green',
  strategy: { type: 'canary', percent: 10, holdSeconds: 180 },
};
const shifts = [
  ['linear', linear, [0, 50, 100]],
  ['canary', canary, [0, 10, 100]],
] as const;

describe("local engine of AWS's SDK", () => {
  beforeAll(setUpRunners);

  afterAll(tearRunnersDown);

  const scenarios = engineScenarios.filter(({ name }) => name !== tooLong);

  test.each(scenarios.map((it) => [it.name, it] as const))('%s', async (_name, scenario) => {
    const world = makeEngineWorld(scenario);

    const { outcome } = await durableOnLocalEngine(world, scenario);

    expect({ outcome, greenPercents: percentsOf(world) }).toEqual(scenario.expected);
  });

  test.each(shifts)('%s: makes the same calls as in one process, replayed or not', async (_name, request) => {
    const [there, here] = [makeEngineWorld(scenarioOf(request)), makeEngineWorld(scenarioOf(request))];

    const execution = await runLocally(there, request);
    await inProcess(here, scenarioOf(request));

    expect(execution.getInvocations().length).toBeGreaterThan(3);
    expect(actionsIn(there)).toEqual(actionsIn(here));
  });

  test.each(shifts)(
    '%s: reaches the same end when the process dies at each call',
    async (_name, request, greenPercents) => {
      const callCount = await countCalls(request);
      expect(callCount).toBeGreaterThan(8);

      for (let atCall = 1; atCall <= callCount; atCall += 1) {
        const world = makeEngineWorld(scenarioOf(request, { faults: [{ kind: 'crashAfter', atCall }] }));
        const stop = restartWhenever(world.cloud);

        const execution = await runLocally(world, request);

        stop();
        expect([atCall, execution.getResult()?.outcome]).toEqual([atCall, 'succeeded']);
        expect(percentsOf(world)).toEqual(greenPercents);
      }
    },
    240_000,
  );

  test('rolls back when an approval is refused', async () => {
    const world = makeEngineWorld(scenarioOf(linear));
    const { clock } = world.cloud;

    const execution = await runLocally(world, { ...linear, approvalPercents: [50] }, (answer) => ({
      requestApproval: (_callbackId, { key }) => {
        clock.schedule(500, async () => {
          await clock.busy(() => answer(Number(key)).sendCallbackFailure({ ErrorMessage: 'No' }));
        });
      },
    }));

    expect(execution.getResult()).toMatchObject({
      outcome: 'rolledBack',
      reason: 'Not approved to go past 50 %: No',
    });
    expect(percentsOf(world)).toEqual([0, 50, 0]);
  });

  test('rolls back when an approval times out', async () => {
    const world = makeEngineWorld(scenarioOf(linear));

    // The local engine's callbacks time out in real time.
    const execution = await runLocally(world, { ...linear, approvalPercents: [50] }, () => ({
      requestApproval: () => {},
      approvalTimeoutSeconds: 1,
    }));

    expect(execution.getResult()).toMatchObject({
      outcome: 'rolledBack',
      reason: 'Not approved to go past 50 %: no answer within 1 s',
    });
    expect(percentsOf(world)).toEqual([0, 50, 0]);
  });

  test('succeeds with the outcome halted when a rollback fails', async () => {
    const denied = {
      kind: 'accessDenied',
      action: 'elasticloadbalancing:ModifyRule',
      atCall: 2,
      times: 1000,
    } as const;
    const world = makeEngineWorld(scenarioOf(linear, { faults: [denied] }));

    const execution = await runLocally(world, linear);

    expect(execution.getStatus()).toBe('SUCCEEDED');
    expect(execution.getResult()).toEqual({
      outcome: 'halted',
      reason: expect.stringContaining('Allow the IAM action elasticloadbalancing:ModifyRule'),
      state: expect.objectContaining({ phase: 'halted' }),
    });
    expect(world.presentGreenPercent()).toBe(50);
  });

  test('fails the execution without a call for a malformed request', async () => {
    const world = makeEngineWorld(scenarioOf(linear));

    const execution = await runLocally(world, { incoming: 'red' } as never);

    expect(execution.getStatus()).toBe('FAILED');
    expect(execution.getError().errorMessage).toContain('Invalid shift request');
    expect(world.cloud.calls).toEqual([]);
  });

  test('continues a shift that is too long in another execution', async () => {
    const request: ShiftRequest = {
      ...canary,
      strategy: { type: 'canary', percent: 10, holdSeconds: 3600 },
    };
    const world = makeEngineWorld(scenarioOf(request));
    const options = { clock: world.cloud.clock, operationLimit: 100, continueIn: 'shift:live' };
    const work = (event: DurableRequest<ShiftRequest, ShiftState>, context: DurableChangeContext) =>
      runDurably(context, world.makeShifter(), event, { ...options, logger: silentLogger });
    const { runner, run } = makeRunner<DurableRequest<ShiftRequest, ShiftState>, DurableResult<ShiftState>>(
      world.cloud,
      work,
    );
    runner.registerDurableFunction('shift:live', durableFunction(world.cloud, work));

    const execution = await run(request);

    expect(execution.getResult()?.outcome).toBe('succeeded');
    expect(execution.getOperations().length).toBeLessThanOrEqual(100);
    expect(percentsOf(world)).toEqual([0, 10, 100]);
  }, 120_000);
});

describe('journal in memory', () => {
  test.each(shifts)(
    '%s: reaches the same end when the process dies before and after each call',
    async (_name, request, greenPercents) => {
      const callCount = await countCalls(request);

      for (let atCall = 1; atCall <= callCount; atCall += 1) {
        for (const kind of ['crashBefore', 'crashAfter'] as const) {
          const world = makeEngineWorld(scenarioOf(request, { faults: [{ kind, atCall }] }));
          const { outcome } = await runOnJournal(world, request);

          expect([kind, atCall, outcome]).toEqual([kind, atCall, 'succeeded']);
          expect(percentsOf(world)).toEqual(greenPercents);
        }
      }
    },
  );

  test.each(shifts)(
    '%s: reaches the same end when the process dies before and after each call of its rollback',
    async (_name, request, [, percent]) => {
      const scenario = { failsFromPercent: 1 };
      const callCount = await countCalls(request, scenario);

      for (let atCall = 1; atCall <= callCount; atCall += 1) {
        for (const kind of ['crashBefore', 'crashAfter'] as const) {
          const world = makeEngineWorld(scenarioOf(request, { ...scenario, faults: [{ kind, atCall }] }));
          const { outcome } = await runOnJournal(world, request);

          expect([kind, atCall, outcome]).toEqual([kind, atCall, 'rolledBack']);
          expect(percentsOf(world)).toEqual([0, percent, 0]);
        }
      }
    },
  );

  test.each(shifts)(
    "%s: reaches the same end when the process dies before it has stored a step's result",
    async (_name, request, greenPercents) => {
      const steps = (await journalOf(makeEngineWorld(scenarioOf(request)), request)).entries.filter(
        ({ kind }) => kind === 'step',
      );

      for (const [index] of steps.entries()) {
        const world = makeEngineWorld(scenarioOf(request));
        const { outcome } = await runOnJournal(world, request, (keeping) => keeping === index);

        expect([index, outcome]).toEqual([index, 'succeeded']);
        expect(percentsOf(world)).toEqual(greenPercents);
      }
    },
  );

  test('repeats a step in the next invocation when the time of this one ends', async () => {
    const world = makeEngineWorld(scenarioOf(canary));
    const { clock } = world.cloud;
    const waits = [3600, 1];
    const slow: Check = {
      name: 'slow',
      evaluate: async ({ signal }) => {
        await clock.sleep((waits.shift() ?? 1) * 1000, signal);
        return { outcome: 'pass', detail: 'well' };
      },
    };
    const journal = new DurableJournal({ clock, timeoutMilliseconds: 900_000 });

    const { outcome } = await journal.run(work(world, canary, shifterWith(world, slow)));

    expect(outcome).toBe('succeeded');
    expect(journal.entries.filter(({ attempts }) => attempts > 0)).toEqual([
      expect.objectContaining({ attempts: 1, message: expect.stringContaining('time is nearly over') }),
    ]);
    expect(percentsOf(world)).toEqual([0, 10, 100]);
  });
});

/** A scenario without expectations. */
function scenarioOf(request: ShiftRequest, rest: Partial<EngineScenario> = {}): EngineScenario {
  return { name: 'of this file', request, expected: { outcome: 'succeeded', greenPercents: [] }, ...rest };
}

function percentsOf(world: EngineWorld): number[] {
  return world.greenPercents().map(({ greenPercent }) => greenPercent);
}

function actionsIn({ cloud }: EngineWorld): string[] {
  return cloud.calls.map(({ action }) => action);
}

function work(
  world: EngineWorld,
  request: DurableRequest<ShiftRequest, ShiftState>,
  shifter = world.makeShifter(),
) {
  const { clock } = world.cloud;
  return (context: DurableChangeContext) =>
    runDurably(context, shifter, request, { clock, logger: silentLogger });
}

function shifterWith(
  { cloud: { clients, clock }, ruleArn, blueTargetGroupArn, greenTargetGroupArn }: EngineWorld,
  check: Check,
): TrafficShifter {
  const target = new AlbListenerRuleTarget({
    ruleArns: [ruleArn],
    blue: { targetGroupArn: blueTargetGroupArn },
    green: { targetGroupArn: greenTargetGroupArn },
    clients,
    clock,
  });
  return new TrafficShifter({ target, checks: [check], clock });
}

async function runLocally(
  world: EngineWorld,
  request: DurableRequest<ShiftRequest, ShiftState>,
  options: (
    answer: (percent: number) => ReturnType<typeof answerOn>,
  ) => DurableOptions<ShiftState, ShiftEvent> = () => ({}),
) {
  const { clock } = world.cloud;
  const made: DurableRunner<DurableRequest<ShiftRequest, ShiftState>, DurableResult<ShiftState>> = makeRunner(
    world.cloud,
    (event, context) =>
      runDurably(context, world.makeShifter(), event, {
        clock,
        logger: silentLogger,
        ...options((percent) => answerOn(made.runner, percent)),
      }),
  );
  return made.run(request);
}

async function runOnJournal(world: EngineWorld, request: ShiftRequest, dies?: (keeping: number) => boolean) {
  const stop = restartWhenever(world.cloud);
  const journal = new DurableJournal({ clock: world.cloud.clock, ...(dies && { dies }) });
  try {
    return await journal.run(work(world, request));
  } finally {
    stop();
  }
}

async function journalOf(world: EngineWorld, request: ShiftRequest): Promise<DurableJournal> {
  const journal = new DurableJournal({ clock: world.cloud.clock });
  await journal.run(work(world, request));
  return journal;
}

async function countCalls(request: ShiftRequest, rest: Partial<EngineScenario> = {}): Promise<number> {
  const world = makeEngineWorld(scenarioOf(request, rest));
  await journalOf(world, request);
  return world.cloud.calls.length;
}
