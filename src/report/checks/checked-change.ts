import type { StackReference } from '../../core/stack-reference.js';
import type { TimeSpan } from '../chart/scale.js';
import type { Evaluation } from '../input/shift-schema.js';

/** Evaluations of a change, all or those of one check. */
export interface CheckedChange {
  readonly evaluations: readonly Evaluation[];
  readonly span: TimeSpan;
  readonly startedAt: number;
  /** The stack, or the end itself when the history does not have the direction. */
  readonly incoming: StackReference | 'incoming';
  readonly outgoing: StackReference | 'outgoing';
}
