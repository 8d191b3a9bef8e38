import { isThrottle } from '../core/failures.js';
import { maxThrottles } from '../traffic/shift/throttling.js';
import type { PauseSettings } from './parse-pause-options.js';
import type { EcsPauseState } from './pause-state.js';
import { rollBackTime } from './work-on-pause.js';

const maxPauseSeconds = 60;

/** A throttled run, and the seconds until its next call. */
interface ThrottledRun {
  readonly state: EcsPauseState;
  readonly waitSeconds: number;
}

/**
 * Returns the wait after AWS has throttled a call. ECS holds the deployment at its pause meanwhile, so a throttle does not roll it back.
 * Undefined for any other failure, for a rollback, after too many throttles in a row, and when the wait would end too late for the rollback
 * of an undecided pause.
 */
export function throttledRun(
  error: unknown,
  before: EcsPauseState,
  settings: Pick<PauseSettings, 'clock' | 'intervalSeconds' | 'expiryMarginSeconds'>,
): ThrottledRun | undefined {
  const throttles = (before.throttles ?? 0) + 1;
  if (!isThrottle(error) || before.rollbackReason !== undefined || throttles > maxThrottles) return undefined;
  const { clock, intervalSeconds } = settings;
  const limitSeconds = Math.max(intervalSeconds, maxPauseSeconds);
  const waitSeconds = Math.min(intervalSeconds * 2 ** (throttles - 1), limitSeconds);
  const { pause } = before;
  const isTooLate = pause !== undefined && clock.now() + waitSeconds * 1000 >= rollBackTime(pause, settings);
  return isTooLate ? undefined : { state: { ...before, throttles }, waitSeconds };
}
