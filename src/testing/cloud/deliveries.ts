import * as v from 'valibot';
import { seconds, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';

/** Times of the deliveries of one event, in seconds after it. */
export type DeliveryTimes = readonly number[];

/** Schema of {@link DeliveryTimes}. */
export const deliveryTimes = v.array(seconds);

/** Chances of a delivery that AWS does not promise. */
export interface RandomDeliveryOptions {
  /** The same seed gives the same deliveries. */
  readonly seed: number;
  /**
   * Percent of the events that are delivered twice.
   * @default 0
   */
  readonly duplicatePercent?: number | undefined;
  /**
   * Percent of the events that are lost.
   * @default 0
   */
  readonly lostPercent?: number | undefined;
  /**
   * The longest delay of a delivery in seconds. Events whose delays differ may arrive in another order.
   * @default 0
   */
  readonly maxDelaySeconds?: number | undefined;
  /**
   * The longest time between both deliveries of an event.
   * @default 21600, the 6 hours for which Lambda keeps an event
   */
  readonly maxDuplicateSeconds?: number | undefined;
}

const percent = v.pipe(
  v.number(),
  v.check((value) => value >= 0 && value <= 100, '0 to 100 percent'),
);
const optionsSchema = strictObject({
  seed: v.pipe(
    v.number(),
    v.check((value) => Number.isFinite(value), 'a finite number'),
  ),
  duplicatePercent: v.optional(percent, 0),
  lostPercent: v.optional(percent, 0),
  maxDelaySeconds: v.optional(seconds, 0),
  maxDuplicateSeconds: v.optional(seconds, 21_600),
});

/**
 * Returns a plan for `cloud.eventBridge.deliverEvents` or `cloud.lambda.deliverEvents` that loses, delays and repeats
 * events. It is deterministic: the same seed and the same order of events give the same deliveries.
 *
 * @throws InvalidInputError for an option that is missing, unknown or malformed.
 */
export function randomDeliveries(options: RandomDeliveryOptions): () => DeliveryTimes {
  const { seed, duplicatePercent, lostPercent, maxDelaySeconds, maxDuplicateSeconds } = parseInput(
    'randomDeliveries options',
    optionsSchema,
    options,
  );
  const random = createRandom(seed);
  return () => {
    const [isLost, isDuplicate] = [random() * 100 < lostPercent, random() * 100 < duplicatePercent];
    const first = Math.round(random() * maxDelaySeconds);
    const second = first + Math.round(random() * maxDuplicateSeconds);
    if (isLost) return [];
    return isDuplicate ? [first, second] : [first];
  };
}

/** Mulberry32, a small generator of numbers from 0 to 1. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
