import type { CallOptions } from '../../core/aws-call.js';
import { ToolkitError } from '../../core/errors.js';
import type { WaitOptions } from '../../core/poll-until.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { StepContext, SwapStep } from '../plan/step.js';
import { isOver } from './gone.js';
import { StepFailedError } from './step-failed-error.js';
import { type MatchStepOptions, readOptions, requireMethods } from './step-options.js';
import { type SwitchState, switchStep } from './switch-resources.js';

/** Part of `LambdaTools` that `enableEventMapping` and `disableEventMapping` call. */
export interface SwapEventMappings {
  /** Lists every event source mapping of the stack's function. */
  listEventSourceMappings(
    stack: StackReference,
    options: CallOptions,
  ): Promise<
    readonly {
      /** ID of the mapping. */
      readonly UUID?: string | undefined;
      /** State of the mapping. */
      readonly State?: string | undefined;
    }[]
  >;
  /** Waits until every mapping of the stack's function is in a state. */
  waitForEventMappingState(
    stack: StackReference,
    state: 'Enabled' | 'Disabled',
    options: WaitOptions & {
      /** True when no mapping may match. */
      readonly allowNone?: boolean | undefined;
    },
  ): Promise<unknown>;
  /** Enables the stack's mappings, or some of them. */
  enableEventMapping(stack: StackReference, options: MappingSwitchOptions): Promise<unknown>;
  /** Disables the stack's mappings, or some of them. */
  disableEventMapping(stack: StackReference, options: MappingSwitchOptions): Promise<unknown>;
}

/** Options of a switch of event source mappings. */
export interface MappingSwitchOptions extends CallOptions {
  /** Maximum wait while AWS refuses the change for now, in seconds. */
  readonly maxWaitSeconds?: number | undefined;
  /** True when no mapping may match. */
  readonly allowNone?: boolean | undefined;
  /** UUIDs of the mappings to switch. */
  readonly only?: readonly string[] | undefined;
}

/** Key in the memory of the step: Lambda has accepted the change. */
const acceptedKey = 'accepted';

const states: Readonly<Record<string, SwitchState>> = {
  Enabled: 'on',
  Enabling: 'turningOn',
  Disabled: 'off',
  Disabling: 'turningOff',
};

/** Creates a step that switches the event source mappings of a stack. */
export function eventMappingStep(
  kind: 'enableEventMapping' | 'disableEventMapping',
  mappings: SwapEventMappings,
  options: MatchStepOptions,
): SwapStep {
  requireMethods(kind, mappings, [
    'listEventSourceMappings',
    'waitForEventMappingState',
    'enableEventMapping',
    'disableEventMapping',
  ]);
  const step = switchStep(
    {
      kind,
      noun: 'event mapping',
      async list({ stack }, { signal }) {
        const found = await mappings.listEventSourceMappings(stack, { signal });
        // A mapping that is being deleted neither needs nor accepts a change.
        return found
          .filter(({ State }) => State !== 'Deleting')
          .map(({ UUID = '', State = '' }) => ({ id: UUID, state: states[State] ?? 'other' }));
      },
      change: ({ stack }, to, changes) =>
        mappings[to === 'on' ? 'enableEventMapping' : 'disableEventMapping'](stack, changes),
    },
    options,
  );
  return {
    ...step,
    async isDone(context) {
      if (context.memory[acceptedKey] !== true) return step.isDone(context);
      return hasArrived(mappings, kind === 'enableEventMapping' ? 'Enabled' : 'Disabled', context);
    },
    async run(context) {
      await step.run(context);
      context.memory[acceptedKey] = true;
    },
  };
}

/** True when every mapping is in the state. Throws when one has fallen back, with the reason of Lambda. */
async function hasArrived(
  mappings: SwapEventMappings,
  state: 'Enabled' | 'Disabled',
  context: StepContext,
): Promise<boolean> {
  // Without a mapping, the change itself has failed or was allowed to find none.
  const options = { ...readOptions(context), maxWaitSeconds: 0, allowNone: true };
  try {
    return await isOver(mappings.waitForEventMappingState(context.stack, state, options));
  } catch (error) {
    if (!ToolkitError.isInstance(error) || error.code !== 'RESOURCE_STATE') throw error;
    const { resource = 'event source mapping', expected, actual, remedy } = error;
    throw new StepFailedError(`Event source mapping ${resource} fell back`, {
      resource,
      expected,
      actual,
      remedy,
      cause: error,
    });
  }
}
