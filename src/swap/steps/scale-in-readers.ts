import type { CallOptions } from '../../core/aws-call.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SwapStep } from '../plan/step.js';
import { readerBounds, restoringBounds, type SwapReaderScaling } from './reader-scaling.js';
import { readOptions, requireMethods, type StepOptions, stepOptionsSchema } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Part of `AuroraTools` that `scaleInReaders` calls. */
export interface SwapReaderScaleIn extends SwapReaderScaling {
  /** Sets the auto scaling minimum back to its normal value. */
  scaleIn(stack: StackReference, options: CallOptions): Promise<unknown>;
}

/**
 * Creates a step that sets the auto scaling minimum of the stack's cluster back to its normal value. Readers are removed when the
 * scaling policy finds that they are not needed, so the step may run on the stack that has the traffic. Its undo sets the bounds
 * that were set before.
 *
 * @param options - `name` is `'scale in readers'` by default.
 * @remarks IAM: the actions of `AuroraTools.scaleIn`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function scaleInReaders(database: SwapReaderScaleIn, options: StepOptions = {}): SwapStep {
  requireMethods('scaleInReaders', database, ['getReaderBounds', 'scaleIn', 'setReaderBounds']);
  const { name = 'scale in readers', ...settings } = parseInput(
    'scaleInReaders options',
    stepOptionsSchema,
    options,
  );
  const readBounds = readerBounds(database);
  return {
    name,
    ...settings,
    permissions: stepPermissions.scaleInReaders,
    async isDone(context) {
      const { minimum, normalMinimum } = await readBounds(context);
      return minimum === normalMinimum;
    },
    run: (context) => database.scaleIn(context.stack, readOptions(context)),
    ...restoringBounds(name, database, readBounds),
  };
}
