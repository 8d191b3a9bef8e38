import { ToolkitError } from '../../core/errors.js';
import type { JsonValue, StepContext, SwapStep } from '../plan/step.js';
import {
  type CreateDatabaseStepOptions,
  creationFunctions,
  creationMethods,
  isOther,
  mayHaveCreated,
  parseCreationStep,
  permissionsOfSource,
  type SwapDatabaseCreation,
} from './database-creation.js';
import { databasePowerStep, powerMethods, type SwapDatabasePower } from './database-power.js';
import { readOptions, requireMethods } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/**
 * Creates a step that starts the stack's database cluster, or creates the database when there is none. It is done when the cluster is
 * available, and for a created one when its instances are too. A cluster that exists is started with the data that it has; one without
 * an instance fails the step, because it serves nothing. One that is being deleted is waited for, and then created.
 *
 * Its undo deletes a database that this swap has created, and nothing else. A cluster that was started is stopped again.
 *
 * @param options - `name` is `'start or create database'`, and `maxWaitSeconds` is 7200 by default.
 * @remarks IAM: the actions of `AuroraTools.createDatabase`, `deleteCreatedDatabase`, `startDatabase` and `stopDatabase`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function startOrCreateDatabase(
  database: SwapDatabaseCreation & SwapDatabasePower,
  options: CreateDatabaseStepOptions,
): SwapStep {
  requireMethods('startOrCreateDatabase', database, [...creationMethods, ...powerMethods]);
  const { from, settings, step } = parseCreationStep(
    'startOrCreateDatabase',
    'start or create database',
    options,
  );
  const { maxWaitSeconds, name } = step;
  const power = databasePowerStep('startDatabase', database, step);
  const creation = creationFunctions(database, { from, settings, maxWaitSeconds });
  return {
    ...step,
    permissions: permissionsOfSource(stepPermissions.startOrCreateDatabase, from),
    async isDone(context) {
      const state = await creation.readState(context);
      return state === 'other' ? power.isDone(context) : creation.isComplete(context, state);
    },
    async before(context) {
      const state = await creation.readState(context);
      return state === 'other' ? { state, power: await power.before(context) } : { state };
    },
    async run(context) {
      const isToStart =
        (await creation.readState(context)) === 'other' && !(await isLeaving(database, context));
      await (isToStart ? power.run(context) : creation.create(context));
    },
    async undo(context, before) {
      if (!mayHaveCreated(name, before)) return;
      if (!isOther(await creation.readState(context))) await creation.remove(context);
      else if (hasPower(before)) await power.undo(context, before.power);
    },
    async isUndone(context, before) {
      if (!mayHaveCreated(name, before)) return true;
      const state = await creation.readState(context);
      if (!isOther(state)) return state === 'none';
      return !hasPower(before) || power.isUndone(context, before.power);
    },
  };
}

/** True for a cluster that is being deleted, or is gone since the last read. */
async function isLeaving(database: SwapDatabasePower, context: StepContext): Promise<boolean> {
  try {
    return (await database.getClusterState(context.stack, readOptions(context))) === 'deleting';
  } catch (error) {
    if (ToolkitError.isInstance(error) && error.code === 'RESOURCE_NOT_FOUND') return true;
    throw error;
  }
}

/** True when the swap found a cluster that it did not create, and recorded its power. */
function hasPower(before: JsonValue | undefined): before is { readonly power: JsonValue } {
  return typeof before === 'object' && before !== null && 'power' in before;
}
