import type { StepContext } from '../plan/step.js';

/**
 * Reads once for each context. A swap calls `isDone` and then `before` with the same one, so that both have the same state, for one
 * read.
 */
export function readOnce<State>(
  read: (context: StepContext) => Promise<State>,
): (context: StepContext) => Promise<State> {
  const readings = new WeakMap<StepContext, Promise<State>>();
  return (context) => {
    const reading = readings.get(context) ?? read(context);
    readings.set(context, reading);
    return reading;
  };
}
