import type { SwapStep } from '../plan/step.js';
import {
  type CreateDatabaseStepOptions,
  creationFunctions,
  creationMethods,
  mayHaveCreated,
  parseCreationStep,
  permissionsOfSource,
  type SwapDatabaseCreation,
} from './database-creation.js';
import { requireMethods } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/**
 * Creates a step that creates the stack's database: a clone of the other stack's cluster, a restored snapshot, or an empty one. It is
 * done when the cluster and all its instances are available. A cluster that exists already fails the step, unless this swap has
 * created it: its data may be old. Use `startOrCreateDatabase` to take it.
 *
 * Its undo deletes what this swap has created, without a final snapshot, and nothing else.
 *
 * @param options - `name` is `'create database'`, and `maxWaitSeconds` is 7200 by default.
 * @remarks IAM: the actions of `AuroraTools.createDatabase` and `deleteCreatedDatabase`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function createDatabase(database: SwapDatabaseCreation, options: CreateDatabaseStepOptions): SwapStep {
  requireMethods('createDatabase', database, creationMethods);
  const { from, settings, step } = parseCreationStep('createDatabase', 'create database', options);
  const { maxWaitSeconds, name } = step;
  const { readState, isComplete, create, remove, isRemoved } = creationFunctions(database, {
    from,
    settings,
    maxWaitSeconds,
  });
  return {
    ...step,
    permissions: permissionsOfSource(stepPermissions.createDatabase, from),
    isDone: async (context) => isComplete(context, await readState(context)),
    before: async (context) => ({ state: await readState(context) }),
    run: create,
    async undo(context, before) {
      if (mayHaveCreated(name, before)) await remove(context);
    },
    async isUndone(context, before) {
      return !mayHaveCreated(name, before) || (await isRemoved(context));
    },
  };
}
