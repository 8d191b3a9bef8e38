import type { CallOptions } from '../../core/aws-call.js';
import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { StepContext, SwapStep } from '../plan/step.js';
import {
  readerBounds,
  restoringBounds,
  type SwapReaderBounds,
  type SwapReaderScaling,
} from './reader-scaling.js';
import { readOptions, requireMethods, type StepOptions, stepOptionsSchema } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Part of `AuroraTools` that `scaleOutReaders` calls. */
export interface SwapReaderScaleOut extends SwapReaderScaling {
  /** Counts the readers of the stack's cluster that are, or will be, in service. */
  getReaderCount(stack: StackReference, options: CallOptions): Promise<number>;
  /** Sets the auto scaling minimum to the number of readers that the partner has now. */
  scaleOut(stack: StackReference, options: CallOptions): Promise<SwapReaderBounds>;
}

/** Key in the memory of the step: the minimum that its own run has set. */
const minimumKey = 'minimum';

/**
 * Creates a step that sets the auto scaling minimum of the stack's cluster to the number of readers that the other stack has
 * now. It is done when the minimum is set and Application Auto Scaling has created the readers, or is creating them. Readers
 * that the other stack gets later do not matter.
 *
 * Its undo sets the bounds that were set before. The additional readers are removed by the scaling policy.
 *
 * @param options - `name` is `'scale out readers'` by default.
 * @remarks IAM: the actions of `AuroraTools.scaleOut`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function scaleOutReaders(database: SwapReaderScaleOut, options: StepOptions = {}): SwapStep {
  requireMethods('scaleOutReaders', database, [
    'getReaderBounds',
    'getReaderCount',
    'scaleOut',
    'setReaderBounds',
  ]);
  const { name = 'scale out readers', ...settings } = parseInput(
    'scaleOutReaders options',
    stepOptionsSchema,
    options,
  );
  const readBounds = readerBounds(database);
  return {
    name,
    ...settings,
    permissions: stepPermissions.scaleOutReaders,
    async isDone(context) {
      const { minimum, normalMinimum } = await readBounds(context);
      if (minimum < normalMinimum || minimum < (await wantedMinimum(database, context))) return false;
      return (await database.getReaderCount(context.stack, readOptions(context))) >= minimum;
    },
    async run(context) {
      const { minimum } = await database.scaleOut(context.stack, readOptions(context));
      context.memory[minimumKey] = minimum;
    },
    ...restoringBounds(name, database, readBounds),
  };
}

/** The minimum that the run of this swap has set. Before it, the number of readers of the other stack. */
async function wantedMinimum(database: SwapReaderScaleOut, context: StepContext): Promise<number> {
  const set = context.memory[minimumKey];
  if (typeof set === 'number') return set;
  return database.getReaderCount(partnerOf(context.stack), readOptions(context));
}
