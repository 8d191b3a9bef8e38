import type { JsonValue, SwapStep } from '../plan/step.js';
import {
  type CreateDatabaseStepOptions,
  creationFunctions,
  creationMethods,
  mayHaveCreated,
  parseCreationStep,
  permissionsOfSource,
  type SwapDatabaseCreation,
} from './database-creation.js';
import { databasePowerStep, powerMethods, type SwapDatabasePower } from './database-power.js';
import { requireMethods } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/**
 * Creates a step that starts the stack's database cluster, or creates the database when there is none. It is done when the cluster is
 * available, and for a created one when its instances are too. A cluster that exists is started with the data that it has.
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
      const isOther = (await creation.readState(context)) === 'other';
      await (isOther ? power.run(context) : creation.create(context));
    },
    async undo(context, before) {
      if (!mayHaveCreated(name, before)) return;
      const isOther = (await creation.readState(context)) === 'other';
      if (!isOther) await creation.remove(context);
      else if (hasPower(before)) await power.undo(context, before.power);
    },
    async isUndone(context, before) {
      if (!mayHaveCreated(name, before)) return true;
      const state = await creation.readState(context);
      if (state !== 'other') return state === 'none';
      return !hasPower(before) || power.isUndone(context, before.power);
    },
  };
}

/** True when the swap found a cluster that it did not create, and recorded its power. */
function hasPower(before: JsonValue | undefined): before is { readonly power: JsonValue } {
  return typeof before === 'object' && before !== null && 'power' in before;
}
