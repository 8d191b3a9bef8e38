import { silentLogger } from '../../src/core/logger.js';
import {
  type DurableChangeContext,
  type DurableOptions,
  type DurableRequest,
  type DurableResult,
  runDurably,
} from '../../src/durable/index.js';
import type { ShiftEvent, ShiftRequest, ShiftState } from '../../src/traffic/index.js';
import { type Check, TrafficShifter, type TrafficShifterOptions } from '../../src/traffic/index.js';
import { DurableJournal, type JournalOptions } from './durable-journal.js';
import { FakeTarget, type FakeTargetOptions } from './fake-target.js';
import { JumpingClock } from './jumping-clock.js';

/** A rule in memory, and durable executions that move its weights. */
export interface DurableWorld {
  readonly clock: JumpingClock;
  readonly target: FakeTarget;
  readonly shifter: TrafficShifter;
  /** Creates an execution. */
  execution(options?: Omit<JournalOptions, 'clock'>): DurableJournal;
  /** Returns the body of a durable function. */
  handler(
    request: DurableRequest<ShiftRequest, ShiftState>,
    options?: DurableOptions<ShiftState, ShiftEvent>,
  ): (context: DurableChangeContext) => Promise<DurableResult<ShiftState>>;
}

/** A check that passes. */
export const passing: Check = {
  name: 'errors',
  evaluate: async () => ({ outcome: 'pass', detail: 'well' }),
};

export function makeDurableWorld(
  options: Partial<TrafficShifterOptions & FakeTargetOptions> = {},
): DurableWorld {
  const clock = new JumpingClock();
  const { weights: _w, scale: _s, delaySeconds: _d, healthy: _h, faults: _f, ...shifterOptions } = options;
  const target = new FakeTarget({ ...options, clock });
  const shifter = new TrafficShifter({
    checks: [passing],
    // Counts the operations of a hold without its guard.
    guardIntervalSeconds: 86_400,
    ...shifterOptions,
    target,
    clock,
  });
  return {
    clock,
    target,
    shifter,
    execution: (more) => new DurableJournal({ ...more, clock }),
    handler: (request, more) => (context) =>
      runDurably(context, shifter, request, { clock, logger: silentLogger, ...more }),
  };
}
