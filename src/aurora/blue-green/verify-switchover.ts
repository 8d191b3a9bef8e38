import type { CallOptions } from '../../core/aws-call.js';
import { identifierOf, type ObservedDeployment } from './observe.js';
import type { BlueGreenOperations } from './operations.js';
import type { BlueGreenState } from './state.js';
import { identityOf, type StepInput, type StepResult, sentences } from './step-result.js';
import type { DatabaseIdentity } from './types.js';

/** Result of a comparison of the names with the resource IDs. */
export type SwitchoverVerification =
  | { readonly isSwitchedOver: true; readonly old: DatabaseIdentity | undefined }
  | { readonly isSwitchedOver: false; readonly actual: string };

/** Compares the database that has the name of the production database now with the green one. */
export async function verifySwitchover(
  operations: BlueGreenOperations,
  { source, target }: BlueGreenState,
  deployment: ObservedDeployment | undefined,
  options: CallOptions,
): Promise<SwitchoverVerification> {
  const live = await operations.findIdentity(source.identifier, options);
  const former = deployment?.createdFor ?? source.resourceId;
  const isGreen =
    live !== undefined &&
    live.resourceId !== former &&
    (deployment === undefined ? live.resourceId === target?.resourceId : live.arn === deployment.targetArn);
  if (!isGreen) return { isSwitchedOver: false, actual: live?.resourceId ?? 'no database' };
  const oldArn = deployment?.sourceArn;
  const old = oldArn === undefined ? undefined : await operations.findIdentity(identifierOf(oldArn), options);
  // A database that was deleted since can have left its name to another one.
  return { isSwitchedOver: true, old: old?.resourceId === former ? old : undefined };
}

/** Result of a verified switchover. */
export function completed(
  { state, now }: Pick<StepInput, 'state' | 'now'>,
  old: DatabaseIdentity | undefined,
): StepResult {
  return {
    state: { ...state, switchedOverAt: now, ...(old !== undefined && { oldDatabase: identityOf(old) }) },
    events: [{ type: 'switchoverCompleted', ...(old !== undefined && { oldIdentifier: old.identifier }) }],
    isQuick: true,
  };
}

/** Reason of a halt because of names that belong to other databases than the status says. */
export function mismatch({ identifier }: DatabaseIdentity, wanted: string, actual: string): string {
  return sentences(
    `Name of ${identifier} does not match the switchover: expected ${wanted}, got ${actual}`,
    'Nothing more was changed',
    'Compare the databases by their resource IDs, then resume',
  );
}
