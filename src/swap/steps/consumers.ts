import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import type { WaitOptions } from '../../core/poll-until.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { JsonValue, StepContext, SwapStep } from '../plan/step.js';
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

/** Part of `KinesisTools` that `registerConsumer` and `deregisterConsumer` call. */
export interface SwapConsumers {
  /** Returns the stack's consumer, or undefined when it is not registered. */
  describeConsumer(
    stack: StackReference,
    options: CallOptions,
  ): Promise<
    | {
        /** Status of the consumer. */
        readonly status: string;
      }
    | undefined
  >;
  /** Registers the stack's consumer. */
  registerConsumer(stack: StackReference, options: WaitOptions): Promise<unknown>;
  /** Deregisters the stack's consumer. */
  deregisterConsumer(stack: StackReference, options: WaitOptions): Promise<unknown>;
}

const recordedSchema = v.object({ isRegistered: v.boolean() });

/** Creates a step that registers or deregisters the consumer of a stack. */
export function consumerStep(
  kind: 'registerConsumer' | 'deregisterConsumer',
  consumers: SwapConsumers,
  options: StepOptions,
): SwapStep {
  requireMethods(kind, consumers, ['describeConsumer', 'registerConsumer', 'deregisterConsumer']);
  const isRegistration = kind === 'registerConsumer';
  const { name = isRegistration ? 'register consumer' : 'deregister consumer', ...settings } = parseInput(
    `${kind} options`,
    stepOptionsSchema,
    options,
  );
  const readStatus = readOnce(
    async (context) => (await consumers.describeConsumer(context.stack, readOptions(context)))?.status,
  );
  const isIn = async (context: StepContext, registered: boolean) => {
    const status = await readStatus(context);
    return registered ? status === 'ACTIVE' : status === undefined;
  };
  const wasRegistered = (before: JsonValue | undefined) =>
    parseRecorded(name, recordedSchema, before).isRegistered;
  return {
    name,
    ...settings,
    switchesOff: !isRegistration,
    permissions: stepPermissions[kind],
    isDone: (context) => isIn(context, isRegistration),
    async before(context) {
      const status = await readStatus(context);
      return { isRegistered: status !== undefined && status !== 'DELETING' };
    },
    run: (context) => consumers[kind](context.stack, changeOptions(context)),
    async undo(context, before) {
      if (wasRegistered(before) === isRegistration) return;
      await consumers[isRegistration ? 'deregisterConsumer' : 'registerConsumer'](
        context.stack,
        changeOptions(context),
      );
    },
    async isUndone(context, before) {
      return wasRegistered(before) === isRegistration || isIn(context, !isRegistration);
    },
  };
}
