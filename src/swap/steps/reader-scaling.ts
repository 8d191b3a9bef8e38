import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import { wholeNumber } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { SwapStep } from '../plan/step.js';
import { readOnce } from './read-once.js';
import { parseRecorded } from './recorded-state.js';
import { readOptions } from './step-options.js';

/** Auto scaling bounds of the readers of a cluster. */
export interface SwapReaderBounds {
  /** Minimum number of readers. */
  readonly minimum: number;
  /** Maximum number of readers. */
  readonly maximum: number;
}

/** Part of `AuroraTools` that the undo of `scaleOutReaders` and `scaleInReaders` calls. */
export interface SwapReaderScaling {
  /** Returns the present bounds, and the minimum that a scale-in sets. */
  getReaderBounds(
    stack: StackReference,
    options: CallOptions,
  ): Promise<
    SwapReaderBounds & {
      /** Minimum outside of a swap. */
      readonly normalMinimum: number;
    }
  >;
  /** Sets the bounds. */
  setReaderBounds(stack: StackReference, bounds: SwapReaderBounds, options: CallOptions): Promise<unknown>;
}

const boundsSchema = v.object({ minimum: wholeNumber, maximum: wholeNumber });

/** Reads the bounds, once for each context. */
export function readerBounds(database: SwapReaderScaling) {
  return readOnce((context) => database.getReaderBounds(context.stack, readOptions(context)));
}

/** Functions of a step that record the bounds before a change, and set them again. */
export function restoringBounds(
  name: string,
  database: SwapReaderScaling,
  read: ReturnType<typeof readerBounds>,
): Pick<SwapStep, 'before' | 'isUndone'> & { readonly undo: Exclude<SwapStep['undo'], 'none'> } {
  return {
    async before(context) {
      const { minimum, maximum } = await read(context);
      return { minimum, maximum };
    },
    async undo(context, before) {
      const bounds = parseRecorded(name, boundsSchema, before);
      await database.setReaderBounds(context.stack, bounds, readOptions(context));
    },
    async isUndone(context, before) {
      const bounds = parseRecorded(name, boundsSchema, before);
      const { minimum, maximum } = await read(context);
      return minimum === bounds.minimum && maximum === bounds.maximum;
    },
  };
}
