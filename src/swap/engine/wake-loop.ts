import { messageOf } from '../../core/describe-error.js';
import { classifyFailure } from '../../core/failures.js';
import type { SwapDependencies } from './swap-dependencies.js';

/** Time that a caller has. */
export interface WakeTime {
  readonly signal: AbortSignal;
  /** Returns the seconds until the caller's time is over. */
  remainingSeconds(): number;
}

/** Result of a wake. */
export type WakeResult =
  /** The work of the scope is done. */
  | { readonly status: 'reached' }
  /** The record has a verdict against the deployment, or the swap was refused before it began. */
  | { readonly status: 'refused'; readonly reason: string }
  /** The swap has nothing to do with the deployment, or waits for AWS. Nothing was changed for it. */
  | { readonly status: 'unchanged'; readonly reason: string }
  /** The caller's time was over first. The next call is useful after the wait. */
  | { readonly status: 'unfinished'; readonly reason: string; readonly waitSeconds: number };

/** A wait in seconds instead of a result. */
export interface Pause {
  readonly wait: number;
  readonly reason: string;
}

/** Longest pause that a caller waits for. */
export interface MaxPause {
  /** @default any pause within the caller's time */
  readonly maxPauseSeconds?: number;
}

/** Seconds between two attempts after a failure that may pass, or while another process has the claim. */
export const retrySeconds = 10;

/**
 * Repeats a read while it fails for now and the caller has time.
 *
 * @throws the last error.
 */
export async function retryRead<Result>(
  { clock }: SwapDependencies,
  { signal, remainingSeconds }: WakeTime,
  read: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const isOver = signal.aborted || retrySeconds >= remainingSeconds();
      if (isOver || classifyFailure(error) === 'final') throw error;
      await clock.sleep(retrySeconds * 1000, signal);
    }
  }
}

/** Repeats an attempt while it asks for a pause, or fails for now, until the caller's time is over. */
export async function repeat(
  { clock, logger, application }: SwapDependencies,
  { signal, remainingSeconds, maxPauseSeconds = Number.POSITIVE_INFINITY }: WakeTime & MaxPause,
  attempt: () => Promise<WakeResult | Pause>,
): Promise<WakeResult> {
  for (;;) {
    const result = await attempt().catch((error: unknown): Pause => {
      if (signal.aborted || classifyFailure(error) === 'final') throw error;
      const reason = messageOf(error);
      logger.warn('Call of the swap failed and will be retried', { resource: application, error: reason });
      return { wait: retrySeconds, reason };
    });
    if ('status' in result) return result;
    if (result.wait >= remainingSeconds() || result.wait > maxPauseSeconds)
      return { status: 'unfinished', reason: result.reason, waitSeconds: result.wait };
    if (result.wait > 0) await clock.sleep(result.wait * 1000, signal);
  }
}
