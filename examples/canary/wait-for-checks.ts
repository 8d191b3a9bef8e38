import type { Clock, Logger, StackReference } from 'aws-blue-green-toolkit/core';
import { partnerOf } from 'aws-blue-green-toolkit/core';
import type { Check, CheckContext, TrafficWeights } from 'aws-blue-green-toolkit/traffic';

/** Options of {@link waitForChecks}. */
export interface WaitForChecksOptions {
  /** The stack under test. */
  readonly incoming: StackReference;
  /** Weights for the context of the checks. */
  readonly weights: TrafficWeights;
  /** Number of consecutive evaluations that every check has to pass. */
  readonly successThreshold: number;
  /** Seconds between two evaluations. */
  readonly intervalSeconds: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Returns when every check has passed often enough in a row. An inconclusive check restarts the count; the signal limits the wait.
 *
 * @throws Error when a check fails or throws.
 */
export async function waitForChecks(checks: readonly Check[], options: WaitForChecksOptions): Promise<void> {
  const { incoming, weights, clock, logger, signal } = options;
  // Earlier metrics are not those of this replacement.
  const weightsSince = clock.now();
  let successes = 0;
  while (successes < options.successThreshold) {
    await clock.sleep(options.intervalSeconds * 1000, signal);
    const context: CheckContext = {
      incoming,
      outgoing: partnerOf(incoming),
      weights,
      weightsSince,
      startedAt: weightsSince,
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
