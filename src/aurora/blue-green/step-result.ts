import { truncate } from '../../core/truncate.js';
import type { NewBlueGreenEvent } from './events.js';
import type { ObservedDeployment } from './observe.js';
import type { BlueGreenState } from './state.js';
import type { DatabaseIdentity } from './types.js';

/** Result of one step. */
export interface StepResult {
  readonly state: BlueGreenState;
  readonly events?: readonly NewBlueGreenEvent[];
  /** True when the next step can follow at once. */
  readonly isQuick?: boolean;
  readonly end?: 'succeeded' | 'rolledBack' | { readonly halt: string };
  readonly isHeld?: boolean;
}

/** A decision with its readings. */
export interface StepInput {
  readonly state: BlueGreenState;
  readonly deployment: ObservedDeployment | undefined;
  readonly now: number;
}

/** Longest text in a state. */
export const maxCharacters = 1000;

/** A reason of several sentences. */
export function sentences(...parts: readonly string[]): string {
  return truncate(parts.join('. '), maxCharacters);
}

/** The identity alone, for the state. */
export function identityOf({ arn, identifier, resourceId }: DatabaseIdentity) {
  return { arn, identifier, resourceId };
}

/** No call of RDS takes a completed switchover back. */
export function pastReturn(state: BlueGreenState): StepResult {
  const { source, oldDatabase, rollbackReason } = state;
  const old = oldDatabase?.identifier ?? `${source.identifier}-old1`;
  const halt = sentences(
    `Switchover of ${source.identifier} is completed, and cannot be taken back: ${rollbackReason}`,
    `Keep ${old} (${source.resourceId}), which has the data up to the switchover`,
  );
  return { state, end: { halt } };
}
