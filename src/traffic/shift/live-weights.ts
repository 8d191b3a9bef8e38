import { throwIfAborted } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ToolkitError, UnexpectedResponseError } from '../../core/errors.js';
import { sleep } from '../../core/sleep.js';
import type { ReadWeightsOptions, TrafficTarget, TrafficWeights } from '../types.js';
import { isPair } from '../weights.js';
import type { Reading } from './decision.js';

const readAgainSeconds = 2;

/** What has to be known to read a target until it shows what is wanted. */
export interface LiveWeightsOptions extends ReadWeightsOptions {
  readonly target: TrafficTarget;
  readonly clock: Clock;
  /** Seconds for which an unwanted answer is doubted: it may be an old one. */
  readonly propagationSeconds: number;
  readonly isWanted: (reading: Reading) => boolean;
}

/** The weights that a target tells; nothing is guessed in place of an answer that makes no sense. */
export async function readWeights(
  target: TrafficTarget,
  options: ReadWeightsOptions,
): Promise<TrafficWeights> {
  const weights = await target.readWeights(options);
  if (isPair(weights)) return weights;
  throw new UnexpectedResponseError({
    action: 'readWeights',
    resource: target.description,
    field: 'weights that are 100 % together',
    actual: JSON.stringify(weights),
  });
}

/** Reads until the wanted weights are there, or until the time is up: then the last reading counts. */
export async function readUntil(options: LiveWeightsOptions): Promise<Reading> {
  const { target, clock, isWanted, signal, expected } = options;
  const resource = target.description;
  const deadline = clock.now() + options.propagationSeconds * 1000;
  for (;;) {
    throwIfAborted({ signal, resource });
    const reading = await read(target, { signal, expected });
    if (isWanted(reading) || clock.now() >= deadline) return reading;
    const remaining = deadline - clock.now();
    await sleep(clock, Math.min(readAgainSeconds * 1000, remaining), { signal, resource });
  }
}

/** A target that is not what it has to be (other destinations, gone) is an answer; everything else is a failed call. */
async function read(target: TrafficTarget, options: ReadWeightsOptions): Promise<Reading> {
  try {
    return { weights: await readWeights(target, options) };
  } catch (error) {
    if (!ToolkitError.isInstance(error)) throw error;
    if (error.code !== 'RESOURCE_STATE' && error.code !== 'RESOURCE_NOT_FOUND') throw error;
    return { problem: error.message };
  }
}
