import type { Content, Markup } from './page/markup.js';

/** One change of a report. */
export interface ReportPart {
  /** Title, such as `Traffic shift to green`. */
  readonly title: string;
  readonly outcome: PartOutcome;
  /** First failure and its consequences. Absent when nothing failed. */
  readonly failure?: Failure | undefined;
  readonly facts: readonly (readonly [term: string, value: Content])[];
  readonly body: readonly Markup[];
}

/** Outcome in words. `open`: not ended, or without a verdict. */
export interface PartOutcome {
  readonly text: string;
  readonly kind: 'good' | 'bad' | 'open';
}

/** First failure of a change. */
export interface Failure {
  /** Time: milliseconds since 1970. Absent when it is unknown. */
  readonly at?: number | undefined;
  /** Time for a person, such as `00:07:03 after the beginning`. */
  readonly when?: string | undefined;
  /** Part that failed, such as `Check "errors" failed`. */
  readonly what: string;
  readonly detail?: string | undefined;
  /** Consequences, in order. */
  readonly consequences: readonly string[];
}
