import * as v from 'valibot';
import type { WaitOptions } from '../../core/poll-until.js';
import { strictObject } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SwapStep } from '../plan/step.js';
import { isOver } from './gone.js';
import { changeOptions, readOptions, requireMethods, type StepOptions, stepEntries } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Part of `DynamoTools` that `deleteTable` calls. */
export interface SwapTables {
  /** Deletes the stack's table. */
  deleteTable(
    stack: StackReference,
    options: WaitOptions & { readonly backup?: boolean | undefined },
  ): Promise<unknown>;
  /** Waits until the stack's table is gone. */
  waitForTableDeleted(stack: StackReference, options: WaitOptions): Promise<unknown>;
}

/** Options of `deleteTable`. */
export interface DeleteTableStepOptions extends StepOptions {
  /**
   * Takes an on-demand backup before the deletion.
   * @default false
   */
  readonly backup?: boolean | undefined;
}

const optionsSchema = strictObject({ ...stepEntries, backup: v.optional(v.boolean(), false) });

/**
 * Creates a step that deletes the stack's table with everything in it. It is done when the table is gone. There is no undo.
 *
 * @param options - `name` is `'delete table'`, and `maxWaitSeconds` is 900 by default.
 * @remarks IAM: the actions of `DynamoTools.deleteTable`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function deleteTable(tables: SwapTables, options: DeleteTableStepOptions = {}): SwapStep {
  requireMethods('deleteTable', tables, ['deleteTable', 'waitForTableDeleted']);
  const {
    name = 'delete table',
    maxWaitSeconds = 900,
    backup,
    ...settings
  } = parseInput('deleteTable options', optionsSchema, options);
  return {
    name,
    maxWaitSeconds,
    ...settings,
    deletes: true,
    undo: 'none',
    permissions: stepPermissions.deleteTable.filter((permission) => backup || !('when' in permission)),
    isDone: (context) =>
      isOver(tables.waitForTableDeleted(context.stack, { ...readOptions(context), maxWaitSeconds: 0 })),
    run: (context) => tables.deleteTable(context.stack, { ...changeOptions(context), backup }),
  };
}
