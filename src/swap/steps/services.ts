import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import { wholeNumber } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { JsonValue, SwapStep } from '../plan/step.js';
import { readOnce } from './read-once.js';
import { parseRecorded } from './recorded-state.js';
import { readOptions, requireMethods, type StepOptions, stepOptionsSchema } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Counts of a service, and the state of its scaling. */
export interface SwapServiceCounts {
  /** Number of tasks that the service wants. */
  readonly desiredCount: number;
  /** Number of running tasks. */
  readonly runningCount: number;
  /** Desired count of the enabled service. */
  readonly enabledCount: number;
  /** State of its automatic scaling. */
  readonly scaling: 'none' | 'running' | 'suspended' | 'suspendedByOwner';
}

/** Part of `EcsTools` that `enableService` and `disableService` call. */
export interface SwapServices {
  /** Returns the counts of the stack's service. */
  getServiceCounts(stack: StackReference, options: CallOptions): Promise<SwapServiceCounts>;
  /** Sets the desired count of the stack's service, and resumes its scaling. */
  enableService(
    stack: StackReference,
    options: CallOptions & {
      /** Number of tasks that the service wants. */
      readonly desiredCount?: number | undefined;
    },
  ): Promise<unknown>;
  /** Suspends the scaling of the stack's service, and sets its desired count to 0. */
  disableService(stack: StackReference, options: CallOptions): Promise<unknown>;
}

const recordedSchema = v.object({ desiredCount: wholeNumber });

/** Creates a step that enables or disables the service of a stack. */
export function serviceStep(
  kind: 'enableService' | 'disableService',
  services: SwapServices,
  options: StepOptions,
): SwapStep {
  requireMethods(kind, services, ['getServiceCounts', 'enableService', 'disableService']);
  const isEnabling = kind === 'enableService';
  const { name = isEnabling ? 'enable service' : 'disable service', ...settings } = parseInput(
    `${kind} options`,
    stepOptionsSchema,
    options,
  );
  const read = readOnce((context) => services.getServiceCounts(context.stack, readOptions(context)));
  const countBefore = (before: JsonValue | undefined) =>
    parseRecorded(name, recordedSchema, before).desiredCount;
  return {
    name,
    ...settings,
    switchesOff: !isEnabling,
    permissions: stepPermissions[kind],
    isDone: async (context) => (isEnabling ? isEnabled : isDisabled)(await read(context)),
    before: async (context) => ({ desiredCount: (await read(context)).desiredCount }),
    run: (context) => services[kind](context.stack, readOptions(context)),
    async undo(context, before) {
      const desiredCount = countBefore(before);
      if (desiredCount > 0) {
        await services.enableService(context.stack, { ...readOptions(context), desiredCount });
      } else if (isEnabling) {
        await services.disableService(context.stack, readOptions(context));
      }
    },
    async isUndone(context, before) {
      const desiredCount = countBefore(before);
      const counts = await read(context);
      return desiredCount > 0 ? hasCount(counts, desiredCount) : !isEnabling || isDisabled(counts);
    },
  };
}

function isEnabled(counts: SwapServiceCounts): boolean {
  return hasCount(counts, counts.enabledCount);
}

function isDisabled({ desiredCount, runningCount, scaling }: SwapServiceCounts): boolean {
  return desiredCount === 0 && runningCount === 0 && scaling !== 'running';
}

/** True when the tasks run. Scaling may have raised the count, and is never overruled. */
function hasCount({ desiredCount, runningCount, scaling }: SwapServiceCounts, wanted: number): boolean {
  const isSet = scaling === 'none' ? desiredCount === wanted : desiredCount >= wanted;
  return isSet && runningCount >= desiredCount && scaling !== 'suspended';
}
