import * as v from 'valibot';
import {
  abortSignal,
  callOptionsEntries,
  functionOf,
  nonEmptyString,
  positiveCount,
  time,
} from '../core/schemas.js';

/** Keys of approvals. */
const approvedSchema = v.array(nonEmptyString);

/** Schema entries of `advance`. */
export const advanceEntries = {
  ...callOptionsEntries,
  approved: v.optional(approvedSchema, []),
  rollBackAt: v.optional(time),
};

/** Schema entries of the options that every run in one process has. */
export const runEntries = {
  ...callOptionsEntries,
  haltSignal: v.optional(abortSignal),
  onAbort: v.optional(v.picklist(['rollBack', 'halt']), 'rollBack'),
  onEvent: v.optional(functionOf<(event: never, state: never) => unknown>()),
  maxAttempts: v.optional(positiveCount, 5),
  maxRollbackAttempts: v.optional(positiveCount, 20),
};
