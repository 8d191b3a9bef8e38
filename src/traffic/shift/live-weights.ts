import { throwIfAborted } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ToolkitError } from '../../core/errors.js';
import type { ReadWeightsOptions, TrafficTarget } from '../types.js';
import type { Reading } from './decision.js';

const readAgainSeconds = 2;

/** Options of {@link readUntil}. */
export interface LiveWeightsOptions extends ReadWeightsOptions {
  readonly target: TrafficTarget;
  readonly clock: Clock;
  /** Seconds for which an unwanted reading is ignored, because it may be stale. */
  readonly propagationSeconds: number;
  readonly isWanted: (reading: Reading) => boolean;
}

/** Reads until the wanted weights are live, or until the time is over. Returns the last reading. */
export async function readUntil(options: LiveWeightsOptions): Promise<Reading> {
  const { target, clock, isWanted, signal, expected, propagationSeconds } = options;
  const resource = target.description;
  const elapsed = new ElapsedTime(clock);
  for (;;) {
    throwIfAborted({ signal, resource });
    const reading = await read(target, { signal, expected });
    const remaining = propagationSeconds - elapsed.seconds;
    if (isWanted(reading) || remaining <= 0) return reading;
    await elapsed.sleepSeconds(Math.min(readAgainSeconds, remaining), { signal, resource });
  }
}

/**
 * True when the target shows the wanted weights for twice the propagation time. A single reading may be stale. Without other
 * evidence, the readings must stay the same for longer than any write needs to become visible.
 */
export async function verifyLiveWeights(options: LiveWeightsOptions): Promise<boolean> {
  const isUnwanted = (reading: Reading) => !options.isWanted(reading);
  const propagationSeconds = options.propagationSeconds * 2;
  return options.isWanted(await readUntil({ ...options, propagationSeconds, isWanted: isUnwanted }));
}

/** Reads once. A target that has other destinations or does not exist is a reading; any other error is thrown. */
async function read(target: TrafficTarget, options: ReadWeightsOptions): Promise<Reading> {
  try {
    return { weights: await target.readWeights(options) };
  } catch (error) {
    if (!ToolkitError.isInstance(error)) throw error;
    if (error.code !== 'RESOURCE_STATE' && error.code !== 'RESOURCE_NOT_FOUND') throw error;
    return { problem: error.message };
  }
}
