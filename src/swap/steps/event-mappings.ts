import type { CallOptions } from '../../core/aws-call.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SwapStep } from '../plan/step.js';
import {
  changeOptions,
  type MatchStepOptions,
  matchStepSchema,
  readOptions,
  requireMethods,
} from './step-options.js';
import { stepPermissions } from './step-permissions.js';
import { type SwitchState, switchResources } from './switch-resources.js';

/** Part of `LambdaTools` that `enableEventMapping` and `disableEventMapping` call. */
export interface SwapEventMappings {
  /** Lists every event source mapping of the stack's function. */
  listEventSourceMappings(
    stack: StackReference,
    options: CallOptions,
  ): Promise<readonly { readonly UUID?: string | undefined; readonly State?: string | undefined }[]>;
  /** Enables the stack's mappings, or some of them. */
  enableEventMapping(stack: StackReference, options: MappingSwitchOptions): Promise<unknown>;
  /** Disables the stack's mappings, or some of them. */
  disableEventMapping(stack: StackReference, options: MappingSwitchOptions): Promise<unknown>;
}

/** Options of a switch of event source mappings. */
export interface MappingSwitchOptions extends CallOptions {
  readonly maxWaitSeconds?: number | undefined;
  readonly allowNone?: boolean | undefined;
  /** UUIDs of the mappings to switch. */
  readonly only?: readonly string[] | undefined;
}

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
  requireMethods(kind, mappings, ['listEventSourceMappings', 'enableEventMapping', 'disableEventMapping']);
  const isEnabling = kind === 'enableEventMapping';
  const {
    name = isEnabling ? 'enable event mapping' : 'disable event mapping',
    allowNone,
    ...settings
  } = parseInput(`${kind} options`, matchStepSchema, options);
  return {
    name,
    ...settings,
    permissions: stepPermissions[kind],
    ...switchResources(name, isEnabling ? 'on' : 'off', {
      allowNone,
      async list(context) {
        const found = await mappings.listEventSourceMappings(context.stack, readOptions(context));
        // A mapping that is being deleted neither needs nor accepts a change.
        return found
          .filter(({ State }) => State !== 'Deleting')
          .map(({ UUID = '', State = '' }) => ({ id: UUID, state: states[State] ?? 'other' }));
      },
      change: (context, to, only) =>
        mappings[to === 'on' ? 'enableEventMapping' : 'disableEventMapping'](context.stack, {
          ...changeOptions(context),
          allowNone: allowNone || only !== undefined,
          only,
        }),
    }),
  };
}
