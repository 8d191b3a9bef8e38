import { describe, expect, test } from 'vitest';
import {
  type CutOverEvent,
  type CutOverState,
  DnsCutOver,
} from '../../examples/dns-cut-over/dns-cut-over.js';
import { silentLogger } from '../../src/core/logger.js';
import { type DurableOptions, runDurably } from '../../src/durable/index.js';
import {
  type ExecutionInput,
  type StepFunctionsDefinitionOptions,
  type StepFunctionsHandlerOptions,
  stepFunctionsDefinition,
  stepFunctionsHandler,
} from '../../src/step-functions/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { DurableJournal } from '../support/durable-journal.js';
import { makeContext } from '../support/ecs-hook.js';
import { FakeZone } from '../support/fake-zone.js';
import { type Dependencies, execute } from '../support/state-machine.js';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:cut-over';
const ownFunctionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:own';
const hour = 3600;
const request = { name: 'shop.example.com', to: '192.0.2.2' };
const detail = 'point shop.example.com to 192.0.2.2';

function makeWorld() {
  const { clock } = new SimulatedCloud();
  const zone = new FakeZone();
  // Each call has a new object, as in another process.
  return { clock, zone, make: () => new DnsCutOver(zone, clock, 3 * hour), startedAt: clock.now() };
}

type World = ReturnType<typeof makeWorld>;

/** Runs the change in a state machine, whose state is JSON between two tasks. */
async function runInStateMachine(
  { clock, make }: World,
  options: {
    readonly handler?: StepFunctionsHandlerOptions<ExecutionInput, CutOverState, CutOverEvent>;
    readonly definition?: Partial<StepFunctionsDefinitionOptions>;
    readonly answer?: Dependencies['answer'];
  } = {},
) {
  const own: unknown[] = [];
  const events: CutOverEvent[] = [];
  const handler = stepFunctionsHandler(make, {
    clock,
    logger: silentLogger,
    onEvent: (event) => events.push(event),
    ...options.handler,
  });
  const execution = await execute(
    stepFunctionsDefinition({
      functionArn,
      finish: ownFunctionArn,
      cleanUp: ownFunctionArn,
      ...options.definition,
    }),
    { request, ticket: 'OPS-1' },
    {
      clock,
      functions: {
        [functionArn]: (payload) => handler(JSON.parse(JSON.stringify(payload)), makeContext(clock)),
        [ownFunctionArn]: (payload) => void own.push(payload),
      },
      ...(options.answer && { answer: options.answer }),
    },
  );
  return { execution, own, types: events.map(({ type }) => type) };
}

/** Runs the change in a durable execution. */
async function runInDurableFunction(
  { clock, make }: World,
  options: DurableOptions<CutOverState, CutOverEvent>,
  journal: DurableJournal = new DurableJournal({ clock }),
) {
  return journal.run((context) =>
    runDurably(context, make(), request, { clock, logger: silentLogger, ...options }),
  );
}

const secondsOf = ({ clock, startedAt }: World) => (clock.now() - startedAt) / 1000;

describe("A user's own class in a state machine", () => {
  test('waits three hours for its approval and three for the TTL, and is finished', async () => {
    const world = makeWorld();
    const asked: unknown[] = [];

    const run = await runInStateMachine(world, {
      handler: {
        isApproved: (question) => {
          asked.push(question);
          return secondsOf(world) >= 3 * hour;
        },
      },
    });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(secondsOf(world)).toBe(6 * hour);
    expect(asked.length).toBeGreaterThan(100);
    expect(asked[0]).toMatchObject({ key: 'change', detail, input: { request, ticket: 'OPS-1' } });
    expect(run.types).toEqual(['changed', 'done']);
    expect(world.zone.writes).toEqual(['192.0.2.2']);
    expect(run.own).toMatchObject([{ task: 'finish', details: {}, input: { request } }]);
  });

  test('is approved once by a task token', async () => {
    const world = makeWorld();
    const questions: unknown[] = [];

    const run = await runInStateMachine(world, {
      definition: { approval: { functionArn: ownFunctionArn, timeoutSeconds: 4 * hour } },
      answer: async ({ Payload }) => {
        questions.push(Payload);
        await world.clock.sleep(3 * hour * 1000);
        return { approved: true };
      },
    });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(secondsOf(world)).toBe(6 * hour);
    expect(questions).toEqual([
      {
        taskToken: expect.any(String),
        execution: expect.any(String),
        key: 'change',
        detail,
        input: { request, ticket: 'OPS-1' },
      },
    ]);
  });

  test('is rolled back when its approval is refused', async () => {
    const world = makeWorld();

    const run = await runInStateMachine(world, { handler: { isApproved: () => 'refused' } });

    expect(run.execution).toMatchObject({
      status: 'FAILED',
      error: 'ShiftRolledBack',
      cause: `Not approved: refused to ${detail}`,
    });
    expect(world.zone.address).toBe('192.0.2.1');
    expect(run.own).toMatchObject([{ task: 'cleanUp' }]);
  });

  test('is rolled back when nothing can approve it', async () => {
    const world = makeWorld();

    const run = await runInStateMachine(world);

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: expect.stringContaining('isApproved'),
    });
    expect(world.zone.address).toBe('192.0.2.1');
  });

  test('is rolled back when its calls keep failing, with the reason', async () => {
    const world = makeWorld();
    for (let call = 2; call <= 7; call += 1) world.zone.faults.set(call, 'lostResponse');

    const run = await runInStateMachine(world, { handler: { isApproved: () => true } });

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: expect.stringContaining('The response was lost'),
    });
    expect(world.zone.address).toBe('192.0.2.1');
    expect(run.types).toEqual(['changed', 'rolledBack']);
  });

  test('continues in further executions, with its approval', async () => {
    const world = makeWorld();

    const run = await runInStateMachine(world, {
      definition: { continueAfterCalls: 10 },
      handler: { isApproved: () => secondsOf(world) >= 3 * hour },
    });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(secondsOf(world)).toBe(6 * hour);
    expect(world.zone.writes).toEqual(['192.0.2.2']);
  });
});

describe("A user's own class in a durable function", () => {
  test('waits three hours for its approval and three for the TTL', async () => {
    const world = makeWorld();
    const journal = new DurableJournal({ clock: world.clock });
    const events: string[] = [];
    const asked: unknown[] = [];

    const result = await runInDurableFunction(
      world,
      {
        onEvent: ({ type }) => events.push(type),
        requestApproval: (callbackId, question) => {
          asked.push(question);
          world.clock.schedule(3 * hour, () => journal.answer(callbackId, { result: '' }));
        },
      },
      journal,
    );

    expect(result).toEqual({ outcome: 'succeeded', state: expect.objectContaining({ phase: 'forward' }) });
    expect(secondsOf(world)).toBeGreaterThanOrEqual(6 * hour);
    expect(secondsOf(world)).toBeLessThan(6.1 * hour);
    expect(asked).toEqual([
      { key: 'change', detail, state: expect.anything(), timeoutSeconds: 86_400, signal: undefined },
    ]);
    expect(events).toEqual(['changed', 'done']);
  });

  test.each([
    [
      'refused',
      (callbackId: string, journal: DurableJournal) =>
        journal.answer(callbackId, { result: '{"approved":false,"reason":"No"}' }),
    ],
    [
      'not requested',
      () => {
        throw new Error('No');
      },
    ],
  ] as const)('is rolled back when its approval is %s', async (_, requestApproval) => {
    const world = makeWorld();
    const journal = new DurableJournal({ clock: world.clock });

    const result = await runInDurableFunction(
      world,
      { requestApproval: (callbackId) => requestApproval(callbackId, journal) },
      journal,
    );

    expect(result).toMatchObject({ outcome: 'rolledBack', reason: expect.stringContaining(`${detail}: No`) });
    expect(world.zone.address).toBe('192.0.2.1');
  });

  test('is rolled back when nothing can approve it', async () => {
    const world = makeWorld();

    const result = await runInDurableFunction(world, {});

    expect(result).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringContaining('requestApproval is missing'),
    });
  });

  test('halts when the rollback fails, with both reasons', async () => {
    const world = makeWorld();
    for (let call = 2; call < 60; call += 1) world.zone.faults.set(call, 'throw');
    const journal = new DurableJournal({ clock: world.clock });

    const result = await runInDurableFunction(
      world,
      { requestApproval: (callbackId) => journal.answer(callbackId, { result: '' }) },
      journal,
    );

    expect(result).toMatchObject({
      outcome: 'halted',
      reason:
        'The change cannot proceed: The call failed (throw); the rollback failed: The call failed (throw)',
    });
  });

  test('ends the same when the process stops at any operation', async () => {
    const usual = makeWorld();
    const first = new DurableJournal({ clock: usual.clock });
    const approve = (journal: DurableJournal) => ({
      requestApproval: (callbackId: string) => journal.answer(callbackId, { result: '' }),
    });
    await runInDurableFunction(usual, approve(first), first);
    for (let call = 1; call <= usual.zone.calls; call += 1) {
      for (const fault of ['crashBefore', 'crashAfter'] as const) {
        const world = makeWorld();
        world.zone.faults.set(call, fault);
        const journal = new DurableJournal({ clock: world.clock });

        const { outcome } = await runInDurableFunction(world, approve(journal), journal);

        expect([call, fault, outcome, world.zone.address]).toEqual([call, fault, 'succeeded', '192.0.2.2']);
      }
    }
  });
});
