import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import type { WaitOptions } from '../../core/poll-until.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { JsonValue, SwapStep } from '../plan/step.js';
import { readOnce } from './read-once.js';
import { parseRecorded } from './recorded-state.js';
import {
  changeOptions,
  readOptions,
  requireMethods,
  type StepOptions,
  stepOptionsSchema,
} from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Part of `AuroraTools` that `startDatabase` and `stopDatabase` call. */
export interface SwapDatabasePower {
  /** Returns the present state of the stack's cluster. */
  getClusterState(stack: StackReference, options: CallOptions): Promise<string>;
  /** Starts the stack's cluster. */
  startDatabase(stack: StackReference, options: WaitOptions): Promise<unknown>;
  /** Stops the stack's cluster. */
  stopDatabase(stack: StackReference, options: WaitOptions): Promise<unknown>;
}

/** Clusters take minutes for each change; half an hour is more than the slowest that AWS documents. */
const defaultMaxWaitSeconds = 1800;

/**
 * States of a started cluster. A snapshot of a running cluster does not interrupt it, and the swap must not fail because of one.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html
 */
const started: readonly string[] = ['available', 'backing-up'];

/** States of a cluster that does not run and will not by itself. */
const off: readonly string[] = ['stopped', 'stopping', 'inaccessible-encryption-credentials-recoverable'];

const recordedSchema = v.object({ state: v.string() });

export const powerMethods = ['getClusterState', 'startDatabase', 'stopDatabase'] as const;

/** A step with all functions of a step that switches the power. */
interface PowerStep extends SwapStep {
  readonly isDone: NonNullable<SwapStep['isDone']>;
  readonly before: NonNullable<SwapStep['before']>;
  readonly undo: Exclude<SwapStep['undo'], 'none'>;
  readonly isUndone: NonNullable<SwapStep['isUndone']>;
}

/** Creates a step that starts or stops the cluster of a stack. Its undo restores the power that the cluster had before. */
export function databasePowerStep(
  kind: 'startDatabase' | 'stopDatabase',
  database: SwapDatabasePower,
  options: StepOptions,
): PowerStep {
  requireMethods(kind, database, powerMethods);
  const isStart = kind === 'startDatabase';
  const {
    name = isStart ? 'start database' : 'stop database',
    maxWaitSeconds = defaultMaxWaitSeconds,
    ...settings
  } = parseInput(`${kind} options`, stepOptionsSchema, options);
  const readState = readOnce((context) => database.getClusterState(context.stack, readOptions(context)));
  const wasOn = (before: JsonValue | undefined) =>
    !off.includes(parseRecorded(name, recordedSchema, before).state);
  return {
    name,
    maxWaitSeconds,
    ...settings,
    switchesOff: !isStart,
    permissions: stepPermissions[kind],
    async isDone(context) {
      const state = await readState(context);
      context.report?.(`the cluster is ${state}`);
      return (isStart ? started : ['stopped']).includes(state);
    },
    before: async (context) => ({ state: await readState(context) }),
    run: (context) => database[kind](context.stack, changeOptions(context)),
    async undo(context, before) {
      if (wasOn(before) === isStart) return;
      await database[isStart ? 'stopDatabase' : 'startDatabase'](context.stack, changeOptions(context));
    },
    async isUndone(context, before) {
      if (wasOn(before) === isStart) return true;
      return (isStart ? ['stopped'] : started).includes(await readState(context));
    },
  };
}
