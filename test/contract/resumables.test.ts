import { DnsCutOver } from '../../examples/dns-cut-over/dns-cut-over.js';
import type { SwapRequest } from '../../src/swap/swap-state.js';
import { TrafficShifter, type TrafficShifterOptions } from '../../src/traffic/index.js';
import type { ShiftRequest } from '../../src/traffic/shift/shift-request.js';
import { FakeTarget } from '../support/fake-target.js';
import { FakeZone } from '../support/fake-zone.js';
import { JumpingClock } from '../support/jumping-clock.js';
import { SwapWorld } from '../support/swap-world.js';
import { describeResumable } from './resumable.js';

const shiftRequest: ShiftRequest = {
  incoming: 'green',
  strategy: { type: 'linear', stepPercent: 50, intervalSeconds: 120 },
  approvalPercents: [0, 50],
};

const swapRequest: SwapRequest = { owner: { kind: 'run', id: 'run-1' } };

function shifterSetUp(options: Partial<TrafficShifterOptions> = {}) {
  const clock = new JumpingClock();
  const target = new FakeTarget({ clock });
  return {
    clock,
    request: shiftRequest,
    make: () => new TrafficShifter({ target, clock, ...options }),
    read: () => target.rule.weights,
    calls: () => target.calls.length,
    changes: () => target.writes.length,
    failAt: (call: number, kind: 'throw' | 'lostResponse' | 'crashBefore' | 'crashAfter') => {
      target.faults.set(call, { kind });
    },
  };
}

const shifterExpectations = {
  approvals: ['0', '50'],
  wanted: { blue: 0, green: 100 },
  malformed: [undefined, {}, { incoming: 'red' }, { ...shiftRequest, stratgy: 1 }],
};

describeResumable('TrafficShifter', shifterExpectations, () => shifterSetUp());

describeResumable('TrafficShifter with checks and a rollback in steps', shifterExpectations, () =>
  shifterSetUp({
    checks: [{ name: 'errors', evaluate: async () => ({ outcome: 'pass', detail: 'fine' }) }],
    rollback: { stepPercent: 20, intervalSeconds: 30 },
  }),
);

describeResumable(
  'DnsCutOver, a class of a user',
  { approvals: ['change'], wanted: '192.0.2.2', malformed: [{}, { name: 'shop.example.com', to: 7 }] },
  () => {
    const clock = new JumpingClock();
    const zone = new FakeZone();
    return {
      clock,
      request: { name: 'shop.example.com', to: '192.0.2.2' },
      make: () => new DnsCutOver(zone, clock),
      read: () => zone.address,
      calls: () => zone.calls,
      changes: () => zone.writes.length,
      failAt: (call, fault) => {
        zone.faults.set(call, fault);
      },
    };
  },
);

describeResumable(
  'StackSwap',
  {
    approvals: [],
    wanted: { live: 'green', 'blue readers': true, 'green database': true, 'green readers': true },
    malformed: [
      undefined,
      { incoming: 'red' },
      { owner: { kind: 'codeDeploy', id: 'd-1' } },
      { owner: { kind: 'run', id: 'run-1' }, stack: 'green' },
    ],
    rollsBackAtEnd: false,
  },
  () => {
    const world = new SwapWorld();
    let calls = 0;
    const faults = new Map<number, string>();
    const count = (kind: 'before' | 'after') => {
      if (kind === 'before') calls += 1;
      const fault = faults.get(calls);
      if (
        kind === 'before' ? fault === 'throw' || fault === 'crashBefore' : fault?.match(/lost|crashAfter/)
      ) {
        throw new Error('Simulated fault');
      }
    };
    world.record.around = (_kind, at) => count(at);
    world.around = (_call, at) => count(at);
    const plan = {
      prepare: [world.step('start database'), world.step('scale readers')],
      test: [world.test('smoke test')],
      retire: [],
    };
    return {
      clock: world.clock,
      request: swapRequest,
      make: () => world.swap({ ...plan, bakeSeconds: 60 }),
      read: () => ({
        live: world.target.rule.weights.green === 100 ? 'green' : 'blue',
        'blue readers': world.on.get('blue readers'),
        'green database': world.on.get('green database'),
        'green readers': world.on.get('green readers'),
      }),
      calls: () => calls,
      changes: () =>
        world.calls.filter(({ step }) => step !== 'smoke test').length + world.target.writes.length,
      failAt: (call: number, fault: string) => {
        faults.set(call, fault);
      },
    };
  },
);
