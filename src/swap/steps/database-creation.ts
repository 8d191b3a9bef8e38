import * as v from 'valibot';
import { requireAllowed, sourceEntries } from '../../aurora/creation-options.js';
import type {
  CreateDatabaseOptions,
  DatabaseCreationState,
  DatabaseSource,
  DeleteCreatedDatabaseOptions,
} from '../../aurora/creation-types.js';
import type { DatabaseSettings } from '../../aurora/database-settings.js';
import type { CallOptions } from '../../core/aws-call.js';
import type { Permission } from '../../core/permissions.js';
import { strictObject } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { JsonValue, StepContext } from '../plan/step.js';
import { parseRecorded } from './recorded-state.js';
import { changeOptions, readOptions, type StepOptions, stepEntries } from './step-options.js';

/** Part of `AuroraTools` that `createDatabase` and `startOrCreateDatabase` call. */
export interface SwapDatabaseCreation {
  /** Returns the state of the creation of the stack's database. */
  getDatabaseCreation(
    stack: StackReference,
    options: CallOptions & { readonly creationId: string },
  ): Promise<DatabaseCreationState>;
  /** Creates the database of the stack, or continues its creation. */
  createDatabase(stack: StackReference, options: CreateDatabaseOptions): Promise<unknown>;
  /** Deletes the stack's database if it is of this creation. */
  deleteCreatedDatabase(stack: StackReference, options: DeleteCreatedDatabaseOptions): Promise<unknown>;
}

/** Options of `createDatabase` and `startOrCreateDatabase`. */
export interface CreateDatabaseStepOptions extends StepOptions {
  /** Source of the data: `'clone'` of the other stack's cluster, `'empty'`, or a snapshot. */
  readonly from: DatabaseSource;
  /**
   * Settings that differ from those of the other stack's database.
   * @default all settings are the other stack's
   */
  readonly settings?: DatabaseSettings | undefined;
}

/** Clones take minutes, restored snapshots up to hours, and the instances come afterwards. */
const defaultMaxWaitSeconds = 7200;

export const creationMethods = ['getDatabaseCreation', 'createDatabase', 'deleteCreatedDatabase'] as const;

const optionsSchema = strictObject({ ...stepEntries, ...sourceEntries });
const recordedSchema = v.object({
  state: v.picklist(['none', 'other', 'otherWithoutInstance', 'inProgress', 'complete', 'deleting']),
});

/** Condition of the permissions that each source needs. */
const conditions = { clone: 'databaseClone', empty: 'databaseEmpty', snapshot: 'databaseSnapshot' } as const;

/** The permissions without those of other sources. */
export function permissionsOfSource(
  permissions: readonly Permission[],
  from: DatabaseSource,
): readonly Permission[] {
  const present = conditions[typeof from === 'string' ? from : 'snapshot'];
  const others: readonly (string | undefined)[] = Object.values(conditions).filter((it) => it !== present);
  return permissions.filter(({ when }) => !others.includes(when));
}

/** @throws InvalidInputError */
export function parseCreationStep(kind: string, defaultName: string, options: CreateDatabaseStepOptions) {
  const subject = `${kind} options`;
  const {
    name = defaultName,
    maxWaitSeconds = defaultMaxWaitSeconds,
    from,
    settings,
    ...step
  } = requireAllowed(subject, parseInput(subject, optionsSchema, options));
  return { from, settings, step: { ...step, name, maxWaitSeconds } };
}

const inWords: Readonly<Record<Exclude<DatabaseCreationState, 'complete'>, string>> = {
  none: 'there is no cluster',
  other: 'the cluster is not of this swap',
  otherWithoutInstance: 'the cluster is not of this swap, and has no instance',
  inProgress: 'the cluster or one of its instances is not available yet',
  deleting: 'the cluster is being deleted',
};

/** Functions of a step that creates a database. The ID of the swap marks what it has created. */
export function creationFunctions(
  database: SwapDatabaseCreation,
  { from, settings, maxWaitSeconds }: Pick<CreateDatabaseStepOptions, 'from' | 'settings' | 'maxWaitSeconds'>,
) {
  const readState = (context: StepContext) =>
    database.getDatabaseCreation(context.stack, { ...readOptions(context), creationId: context.swapId });
  return {
    readState,
    isComplete: (context: StepContext, state: DatabaseCreationState) => {
      if (state !== 'complete') context.report?.(inWords[state]);
      return state === 'complete';
    },
    create: (context: StepContext) =>
      database.createDatabase(context.stack, {
        from,
        settings,
        creationId: context.swapId,
        signal: context.signal,
        maxWaitSeconds,
      }),
    remove: (context: StepContext) =>
      database.deleteCreatedDatabase(context.stack, {
        ...changeOptions(context),
        creationId: context.swapId,
      }),
    isRemoved: async (context: StepContext) => {
      const state = await readState(context);
      return state === 'none' || isOther(state);
    },
  };
}

/** True for a cluster that this swap did not create. */
export function isOther(state: DatabaseCreationState): boolean {
  return state === 'other' || state === 'otherWithoutInstance';
}

/** True unless this swap had a database before the step, which its undo keeps. Only one of its own is ever deleted. */
export function mayHaveCreated(step: string, before: JsonValue | undefined): boolean {
  const { state } = parseRecorded(step, recordedSchema, before);
  return state !== 'inProgress' && state !== 'complete';
}
