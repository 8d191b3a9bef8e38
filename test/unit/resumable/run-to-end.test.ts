import { describe, expect, test, vi } from 'vitest';
import {
  type CutOverEvent,
  type CutOverRequest,
  type CutOverState,
  DnsCutOver,
} from '../../../examples/dns-cut-over/dns-cut-over.js';
import { AccessDeniedError, InvalidInputError } from '../../../src/core/errors.js';
import { type Resumable, type RunToEndOptions, runToEnd } from '../../../src/resumable/index.js';
import { TrafficShifter } from '../../../src/traffic/index.js';
import { FakeTarget } from '../../support/fake-target.js';
import { FakeZone } from '../../support/fake-zone.js';
import { JumpingClock } from '../../support/jumping-clock.js';

type Change = Resumable<CutOverRequest, CutOverState, CutOverEvent>;

const request = { name: 'shop.example.com', to: '192.0.2.2' };

function setUp() {
  const clock = new JumpingClock();
  const zone = new FakeZone();
  const change = new DnsCutOver(zone, clock);
  const run = (options: RunToEndOptions<CutOverState, CutOverEvent> = {}, resumable: Change = change) =>
    runToEnd(resumable, request, { clock, approved: ['change'], ...options });
  return { clock, zone, change, run };
}

/** The change with some methods replaced. */
function changed(change: DnsCutOver, methods: Partial<Change>): Change {
  const bound = {
    description: change.description,
    parseRequest: change.parseRequest.bind(change),
    parseState: change.parseState.bind(change),
    begin: change.begin.bind(change),
    advance: change.advance.bind(change),
    rollBack: change.rollBack.bind(change),
  };
  return { ...bound, ...methods };
}

const denied = () =>
  new AccessDeniedError({ action: 'route53:ChangeResourceRecordSets', resource: 'zone', cause: 0 });

describe('runToEnd', () => {
  test('returns the outcome, the last state and all events', async () => {
    const { run, zone } = setUp();

    expect(await run()).toEqual({
      outcome: 'succeeded',
      state: expect.objectContaining({ phase: 'forward', from: '192.0.2.1' }),
      history: [
        { type: 'changed', address: '192.0.2.2' },
        { type: 'done', address: '192.0.2.2' },
      ],
    });
    expect(zone.writes).toEqual(['192.0.2.2']);
  });

  test('waits for the seconds that the change asks for', async () => {
    const { run, clock } = setUp();
    const before = clock.now();

    await run();

    expect(clock.now() - before).toBe(3_600_000);
  });

  test('passes each event to the listener, with the state after it', async () => {
    const { run } = setUp();
    const seen: unknown[] = [];

    await run({
      onEvent: ({ type }, { version }) => seen.push([type, version]),
    });

    expect(seen).toEqual([
      ['changed', 1],
      ['done', 1],
    ]);
  });

  test('retries a failure, and succeeds', async () => {
    const { run, zone, clock } = setUp();
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    for (const call of [2, 3, 4, 5]) zone.faults.set(call, 'throw');
    const before = clock.now();

    const { outcome } = await run({ logger });

    expect(outcome).toBe('succeeded');
    expect(clock.now() - before).toBe(3_640_000);
    expect(logger.warn.mock.calls[0]).toEqual([
      'Step of the change failed and will be retried',
      { resource: 'DNS cut-over', error: 'The call failed (throw)' },
    ]);
  });

  test('rolls back after too many failures in a row', async () => {
    const { run, zone } = setUp();
    for (const call of [2, 3, 4]) zone.faults.set(call, 'throw');

    expect(await run({ maxAttempts: 3 })).toMatchObject({
      outcome: 'rolledBack',
      reason: 'The change cannot proceed: The call failed (throw)',
    });
    expect(zone.address).toBe('192.0.2.1');
  });

  test('rolls back at once after a final failure', async () => {
    const { run, change } = setUp();
    let isDenied = true;
    const advance: DnsCutOver['advance'] = (state, options) => {
      if (isDenied) {
        isDenied = false;
        throw denied();
      }
      return change.advance(state, options);
    };

    const { outcome, reason } = await run({}, changed(change, { advance }));

    expect([outcome, reason]).toEqual([
      'rolledBack',
      expect.stringContaining('route53:ChangeResourceRecordSets'),
    ]);
  });

  test('halts when the rollback fails as well, and keeps the last state', async () => {
    const { run, zone } = setUp();
    for (let call = 2; call < 40; call += 1) zone.faults.set(call, 'throw');

    const { outcome, reason, state } = await run({ maxAttempts: 2, maxRollbackAttempts: 3 });

    expect([outcome, reason]).toEqual([
      'halted',
      'The change cannot proceed: The call failed (throw); the rollback failed: The call failed (throw)',
    ]);
    expect(state).toMatchObject({ phase: 'forward' });
    expect(zone.calls).toBe(1 + 2 + 3);
  });

  test('rolls back after an abort, although the signal stays aborted', async () => {
    const { run, zone, clock } = setUp();
    const controller = new AbortController();
    clock.schedule(60, () => controller.abort(new Error('Enough')));

    expect(await run({ signal: controller.signal })).toMatchObject({
      outcome: 'rolledBack',
      reason: 'Aborted: Enough',
    });
    expect(zone.writes).toEqual(['192.0.2.2', '192.0.2.1']);
  });

  test.each([{ onAbort: 'halt' as const, key: 'signal' }, { key: 'haltSignal' }])(
    'halts after an abort and changes nothing more ($key)',
    async ({ key, ...options }) => {
      const { run, zone, clock } = setUp();
      const controller = new AbortController();
      clock.schedule(60, () => controller.abort(new Error('Enough')));

      const result = await run({ ...options, [key]: controller.signal });

      expect(result).toMatchObject({ outcome: 'halted', reason: 'Aborted: Enough' });
      expect(zone.writes).toEqual(['192.0.2.2']);
    },
  );

  test('halts during a rollback when the process ends', async () => {
    const { run, zone, clock } = setUp();
    const [stop, end] = [new AbortController(), new AbortController()];
    clock.schedule(60, () => stop.abort(new Error('Enough')));
    clock.schedule(120, () => end.abort(new Error('The process ends')));

    const { outcome, reason, state } = await run({ signal: stop.signal, haltSignal: end.signal });

    expect([outcome, reason]).toEqual(['halted', 'Aborted: The process ends']);
    expect(state).toMatchObject({ phase: 'back' });
    expect(zone.writes).toEqual(['192.0.2.2', '192.0.2.1']);
  });

  test('halts even when the change cannot halt by itself, or its halt throws', async () => {
    const broken = () => {
      throw new Error('No');
    };
    for (const methods of [{}, { halt: broken }]) {
      const { run, change } = setUp();

      const { outcome } = await run({ haltSignal: AbortSignal.abort() }, changed(change, methods));

      expect(outcome).toBe('halted');
    }
  });

  test('throws the error of a clock that cannot sleep, after a rollback', async () => {
    const { run, zone } = setUp();
    const clock = { now: () => 0, sleep: () => Promise.reject(new Error('No timers')) };

    await expect(run({ clock })).rejects.toThrow('No timers');
    expect(zone.address).toBe('192.0.2.1');
  });

  describe('approvals', () => {
    test('asks until the change is approved', async () => {
      const { run, clock } = setUp();
      const before = clock.now();
      const isApproved = vi.fn(() => clock.now() - before >= 600_000);

      expect((await run({ approved: [], isApproved })).outcome).toBe('succeeded');
      expect(isApproved).toHaveBeenCalledTimes(11);
      expect(isApproved.mock.calls[0]).toEqual([
        { key: 'change', detail: 'point shop.example.com to 192.0.2.2' },
        { signal: undefined },
      ]);
    });

    test('rolls back when the approval is refused', async () => {
      const { run, zone } = setUp();

      expect(await run({ approved: [], isApproved: () => 'refused' })).toMatchObject({
        outcome: 'rolledBack',
        reason: 'Not approved: refused to point shop.example.com to 192.0.2.2',
      });
      expect(zone.address).toBe('192.0.2.1');
    });

    test('rolls back when nothing can approve', async () => {
      const { run } = setUp();

      expect(await run({ approved: [] })).toMatchObject({
        outcome: 'rolledBack',
        reason: expect.stringContaining('isApproved'),
      });
    });

    test('rolls back when isApproved always throws', async () => {
      const { run, clock } = setUp();
      const isApproved = vi.fn(() => Promise.reject<boolean>(new Error('No connection')));
      const before = clock.now();

      expect(await run({ approved: [], isApproved })).toMatchObject({
        outcome: 'rolledBack',
        reason: 'The change cannot proceed: No connection',
      });
      expect(isApproved).toHaveBeenCalledTimes(5);
      expect(clock.now() - before).toBeLessThan(7_200_000);
    });

    test('rejects a request whose approvals nothing can give, before the first call', async () => {
      const clock = new JumpingClock();
      const target = new FakeTarget({ clock });
      const shift = {
        incoming: 'green',
        strategy: 'CodeDeployDefault.ECSAllAtOnce',
        approvalPercents: [0, 50],
      } as const;

      const running = runToEnd(new TrafficShifter({ target, clock }), shift, { clock });

      await expect(running).rejects.toThrowError(InvalidInputError);
      await expect(running).rejects.toThrowError(
        'Invalid runToEnd options: isApproved: expected a function, because the request needs approvals (0, 50), got nothing',
      );
      expect(target.calls).toEqual([]);
    });
  });

  test('rolls a shift back at rollBackAt', async () => {
    const clock = new JumpingClock();
    const target = new FakeTarget({ clock });
    const strategy = { type: 'canary', percent: 10, holdSeconds: 3600 } as const;

    const { outcome, reason } = await runToEnd(
      new TrafficShifter({ target, clock }),
      { incoming: 'green', strategy },
      { clock, rollBackAt: clock.now() + 600_000 },
    );

    expect([outcome, reason]).toEqual(['rolledBack', 'Not done by 2026-01-01T00:10:00.000Z']);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['no state', { waitSeconds: 0, events: [] }],
    ['a negative wait', { state: {}, waitSeconds: -1, events: [] }],
    ['a wait that is no number', { state: {}, waitSeconds: Number.NaN, events: [] }],
    ['no list of events', { state: {}, waitSeconds: 0, events: 'none' }],
    ['an unknown outcome', { state: {}, waitSeconds: 0, events: [], outcome: 'done' }],
    ['an approval without a key', { state: {}, waitSeconds: 0, events: [], heldAt: { detail: 'go on' } }],
  ])('never decides from a malformed result: %s', async (_, result) => {
    const { run, change } = setUp();
    let isFirst = true;
    const advance: DnsCutOver['advance'] = async (state, options) => {
      if (!isFirst) return change.advance(state, options);
      isFirst = false;
      return result as never;
    };

    const { outcome, history } = await run({}, changed(change, { advance }));

    expect([outcome, history.length]).toEqual(['succeeded', 2]);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['an unknown option', () => setUp().run({ maxAttemps: 3 } as never)],
    ['a malformed approval', () => setUp().run({ approved: [50] as never })],
    ['a malformed listener', () => setUp().run({ onEvent: 'log' as never })],
    ['a limit of 0', () => setUp().run({ maxAttempts: 0 })],
    ['a malformed time', () => setUp().run({ rollBackAt: Number.NaN })],
    ['no change', () => runToEnd(undefined as never, request)],
    ['a change without advance', () => runToEnd({ begin: () => {} } as never, request)],
    ['a request that the change rejects', () => runToEnd(setUp().change, {} as never)],
    ['options that are none', () => runToEnd(setUp().change, request, null as never)],
  ])('throws InvalidInputError for %s, before the first call', async (_, run) => {
    await expect(run()).rejects.toThrowError(InvalidInputError);
  });

  test('names the nearest known option', async () => {
    await expect(setUp().run({ maxAttemps: 3 } as never)).rejects.toThrowError('maxAttempts');
  });
});
