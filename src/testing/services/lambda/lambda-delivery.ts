import * as v from 'valibot';
import { seconds, strictObject } from '../../../core/schemas.js';
import { parseInput } from '../../../core/validate.js';
import { type DeliveryTimes, deliveryTimes } from '../../cloud/deliveries.js';

/** The delivery of one asynchronous event to a function. */
export interface SimulatedLambdaDeliveryPlan {
  /**
   * Seconds after the event at which Lambda delivers it: `[0, 3600]` delivers it again an hour later, `[]` drops it.
   * @default [0]
   */
  readonly afterSeconds?: DeliveryTimes | undefined;
  /**
   * Seconds after which the first attempt dies, as one that runs out of memory.
   * @default never
   */
  readonly killAfterSeconds?: number | undefined;
}

/**
 * Plans the delivery of an asynchronous event. `number` counts the events from 1. Lambda delivers at least once, keeps an
 * event for up to 6 hours, and retries a failed attempt twice.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
 */
export type SimulatedLambdaDelivery = (
  event: unknown,
  number: number,
) => DeliveryTimes | SimulatedLambdaDeliveryPlan;

const planSchema = strictObject({
  afterSeconds: v.optional(deliveryTimes, [0]),
  killAfterSeconds: v.optional(seconds),
});

/**
 * Returns the plan with all its members.
 *
 * @throws InvalidInputError for a delivery that is malformed: the event would arrive as usual.
 */
export function planOf(delivery: DeliveryTimes | SimulatedLambdaDeliveryPlan): {
  readonly afterSeconds: DeliveryTimes;
  readonly killAfterSeconds?: number | undefined;
} {
  const subject = 'SimulatedLambda.deliverEvents result';
  if (Array.isArray(delivery)) return { afterSeconds: parseInput(subject, deliveryTimes, delivery) };
  return parseInput(subject, planSchema, delivery);
}
