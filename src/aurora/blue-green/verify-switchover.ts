import type { CallOptions } from '../../core/aws-call.js';
import { identifierOf, type ObservedDeployment } from './observe.js';
import type { BlueGreenOperations } from './operations.js';
import type { BlueGreenState } from './state.js';
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
