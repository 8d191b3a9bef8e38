import { messageOf } from '../core/describe-error.js';
import type { Logger } from '../core/logger.js';
import type { SafeResumable } from './safe-resumable.js';
import type { Outcome, Progress, StateSummary } from './types.js';

/** Facts about a change that a driver keeps beside its state. */
export interface Standing {
  /** Reason of a rollback or halt. */
  readonly reason?: string;
  readonly isRollingBack: boolean;
}

/** Facts about a change after a call. */
export interface FullStanding extends Standing {
  readonly isComplete: boolean;
  readonly mayHaveSucceeded: boolean;
  readonly outcome?: Outcome;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Combines the summary of a state with the facts that the driver knows. The change was already called, so a summary that fails
 * must not lose the state: the end then counts as incomplete, and nothing is removed.
 */
export function standingOf<Request, State, Event>(
  resumable: SafeResumable<Request, State, Event>,
  { state, outcome: ended }: Pick<Progress<State, Event>, 'state' | 'outcome'>,
  known: Standing,
  logger: Logger,
): FullStanding {
  const summary = summarize(resumable, state, logger);
  const outcome = ended ?? summary.outcome;
  const reason = outcome === 'succeeded' ? undefined : (summary.reason ?? known.reason);
  return {
    isRollingBack: summary.isRollingBack || known.isRollingBack,
    isComplete: summary.isComplete,
    mayHaveSucceeded: summary.mayHaveSucceeded ?? true,
    details: summary.details,
    ...(outcome && { outcome }),
    ...(reason !== undefined && { reason }),
  };
}

function summarize<Request, State, Event>(
  resumable: SafeResumable<Request, State, Event>,
  state: State,
  logger: Logger,
): StateSummary {
  const unknown = { isRollingBack: false, details: {} };
  try {
    return resumable.summarize(state) ?? { ...unknown, isComplete: true };
  } catch (error) {
    logger.error('Could not summarize the state', {
      resource: resumable.description,
      error: messageOf(error),
    });
    return { ...unknown, isComplete: false };
  }
}
