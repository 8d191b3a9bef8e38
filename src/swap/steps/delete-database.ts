import * as v from 'valibot';
import type { WaitOptions } from '../../core/poll-until.js';
import { strictObject } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SwapStep } from '../plan/step.js';
import { isOver } from './gone.js';
import { changeOptions, readOptions, requireMethods, type StepOptions, stepEntries } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Part of `AuroraTools` that `deleteDatabase` calls. */
export interface SwapDatabaseDeletion {
  /** Deletes the stack's cluster with its members. */
  deleteDatabase(
    stack: StackReference,
    options: WaitOptions & { readonly deleteAutomatedBackups?: boolean | undefined },
  ): Promise<unknown>;
  /** Waits until the stack's cluster is in a state. */
  waitForClusterState(stack: StackReference, state: 'deleted', options: WaitOptions): Promise<unknown>;
}

/** Options of {@link deleteDatabase}. */
export interface DeleteDatabaseStepOptions extends StepOptions {
  /**
   * False keeps the automated backups of the cluster.
   * @default as RDS does: they are deleted with the cluster, unless AWS Backup manages them
   */
  readonly deleteAutomatedBackups?: boolean | undefined;
}

const optionsSchema = strictObject({ ...stepEntries, deleteAutomatedBackups: v.optional(v.boolean()) });

/**
 * Creates a step that deletes the stack's database cluster with its members, with the final snapshot that the options of
 * `AuroraTools` ask for. It is done when the cluster is gone. RDS does not delete a stopped cluster: do not stop it before. There
 * is no undo.
 *
 * @param options - `name` is `'delete database'`, and `maxWaitSeconds` is 3600 by default.
 * @remarks IAM: the actions of `AuroraTools.deleteDatabase`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function deleteDatabase(
  database: SwapDatabaseDeletion,
  options: DeleteDatabaseStepOptions = {},
): SwapStep {
  requireMethods('deleteDatabase', database, ['deleteDatabase', 'waitForClusterState']);
  const {
    name = 'delete database',
    maxWaitSeconds = 3600,
    deleteAutomatedBackups,
    ...settings
  } = parseInput('deleteDatabase options', optionsSchema, options);
  const backups = deleteAutomatedBackups === undefined ? {} : { deleteAutomatedBackups };
  return {
    name,
    maxWaitSeconds,
    ...settings,
    deletes: true,
    undo: 'none',
    permissions: stepPermissions.deleteDatabase,
    isDone: (context) =>
      isOver(
        database.waitForClusterState(context.stack, 'deleted', {
          ...readOptions(context),
          maxWaitSeconds: 0,
        }),
      ),
    run: (context) => database.deleteDatabase(context.stack, { ...changeOptions(context), ...backups }),
  };
}
