import type { Clock, Logger, StackReference } from 'aws-blue-green-toolkit/core';
import { partnerOf } from 'aws-blue-green-toolkit/core';
import type { Check, CheckContext, TrafficWeights } from 'aws-blue-green-toolkit/traffic';

/** How {@link waitForChecks} waits. */
export interface WaitForChecksOptions {
  /** The stack that has to prove itself. */
  readonly incoming: StackReference;
  /** The weights under which the checks are made. */
  readonly weights: TrafficWeights;
  /** Evaluations in a row in which every check has to pass. */
  readonly successThreshold: number;
  /** Seconds between two evaluations. */
  readonly intervalSeconds: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Returns when every check has passed often enough in a row. A check that cannot tell makes the count begin anew, and the
 * signal says how long that may go on.
 *
 * @throws when a check fails, or cannot be made.
 */
export async function waitForChecks(checks: readonly Check[], options: WaitForChecksOptions): Promise<void> {
  const { incoming, weights, clock, logger, signal } = options;
  // What the metrics tell of the time before is not about this replacement.
  const weightsSince = clock.now();
  let successes = 0;
  while (successes < options.successThreshold) {
    await clock.sleep(options.intervalSeconds * 1000, signal);
    const context: CheckContext = {
      incoming,
      outgoing: partnerOf(incoming),
      weights,
      weightsSince,
      now: clock.now(),
      clock,
      logger,
      signal,
    };
    const results = await Promise.all(
      checks.map(async (check) => ({ name: check.name, ...(await check.evaluate(context)) })),
    );
    for (const { name, outcome, detail } of results) logger.info(`${name}: ${outcome}`, { detail });
    const failure = results.find(({ outcome }) => outcome === 'fail');
    if (failure !== undefined) throw new Error(`${failure.name}: ${failure.detail}`);
    successes = results.every(({ outcome }) => outcome === 'pass') ? successes + 1 : 0;
  }
}
