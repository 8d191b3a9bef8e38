import type { MatchOptions } from '../../core/match-options.js';
import type { WaitOptions } from '../../core/poll-until.js';
import { parseInput } from '../../core/validate.js';
import type { StepContext, SwapStep } from '../plan/step.js';
import { readOnce } from './read-once.js';
import { isSelected, parseSelection, selectionOf } from './recorded-state.js';
import { changeOptions, type MatchStepOptions, matchStepSchema, readOptions } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/**
 * State of a resource that is switched on and off. `other` is neither, and the step changes it. `fixed` is a resource that is never
 * switched.
 */
export type SwitchState = 'on' | 'turningOn' | 'off' | 'turningOff' | 'other' | 'fixed';

/** A resource that is switched on and off. */
export interface Switchable {
  readonly id: string;
  readonly state: SwitchState;
}

/** Access of a step to the resources of one kind. */
export interface SwitchAccess {
  readonly list: (
    context: StepContext,
    options: { readonly allowNone: boolean },
  ) => Promise<readonly Switchable[]>;
  /** Switches all resources of the stack, or some of them. */
  readonly change: (
    context: StepContext,
    to: 'on' | 'off',
    only: readonly string[] | undefined,
  ) => Promise<unknown>;
}

/** Functions of a step that switches resources. */
export interface SwitchFunctions {
  readonly isDone: NonNullable<SwapStep['isDone']>;
  readonly before: NonNullable<SwapStep['before']>;
  readonly run: SwapStep['run'];
  readonly undo: Exclude<SwapStep['undo'], 'none'>;
  readonly isUndone: NonNullable<SwapStep['isUndone']>;
}

const opposite = { on: 'off', off: 'on' } as const;
const turning = { on: 'turningOn', off: 'turningOff' } as const;

/**
 * Functions of a step that switches every resource of a stack on or off. Its undo switches back the resources that were
 * otherwise before. It leaves alone those that were as wanted.
 */
export function switchResources(
  name: string,
  to: 'on' | 'off',
  { list, change, allowNone }: SwitchAccess & { readonly allowNone: boolean },
): SwitchFunctions {
  const back = opposite[to];
  const settled: readonly SwitchState[] = [to, turning[to], 'fixed'];
  const listOnce = readOnce((context) => list(context, { allowNone: true }));
  return {
    async isDone(context) {
      const all = await listOnce(context);
      // Without a resource the change fails, and its error says why.
      return all.length === 0 ? allowNone : all.every(({ state }) => state === to || state === 'fixed');
    },
    async before(context) {
      const all = await listOnce(context);
      // This list refuses to be empty, and its error says why.
      if (all.length === 0) await list(context, { allowNone });
      const changed = all.filter(({ state }) => !settled.includes(state));
      return selectionOf(name, { all: idsOf(all), changed: idsOf(changed) });
    },
    run: (context) => change(context, to, undefined),
    async undo(context, before) {
      const selection = parseSelection(name, before);
      const changed = (await list(context, { allowNone: true })).filter(({ id }) =>
        isSelected(selection, id),
      );
      // The tool decides which of them are switched, because a read may be older than the change.
      if (changed.length > 0) await change(context, back, idsOf(changed));
    },
    async isUndone(context, before) {
      const selection = parseSelection(name, before);
      const all = await list(context, { allowNone: true });
      return all.every(({ id, state }) => !isSelected(selection, id) || state === back);
    },
  };
}

/** Pair of steps that switch resources of one kind. */
export interface SwitchStepKind {
  readonly kind: keyof typeof stepPermissions & `${'enable' | 'disable'}${string}`;
  /** Noun in the default name of the step. */
  readonly noun: string;
  readonly propagationSeconds?: number;
  readonly list: (context: StepContext, options: MatchOptions) => Promise<readonly Switchable[]>;
  /** Switches all resources of the stack, or only some of them. */
  readonly change: (
    context: StepContext,
    to: 'on' | 'off',
    options: WaitOptions & MatchOptions & { readonly only: readonly string[] | undefined },
  ) => Promise<unknown>;
}

/** Creates a step that switches every resource of a stack on or off. */
export function switchStep(
  { kind, noun, propagationSeconds, list, change }: SwitchStepKind,
  options: MatchStepOptions,
): SwapStep & SwitchFunctions {
  const to = kind.startsWith('enable') ? 'on' : 'off';
  const {
    name = `${to === 'on' ? 'enable' : 'disable'} ${noun}`,
    allowNone,
    ...settings
  } = parseInput(`${kind} options`, matchStepSchema, options);
  return {
    name,
    ...settings,
    ...(propagationSeconds !== undefined && { propagationSeconds }),
    switchesOff: to === 'off',
    permissions: stepPermissions[kind],
    ...switchResources(name, to, {
      allowNone,
      list: (context, match) => list(context, { ...readOptions(context), ...match }),
      change: (context, wanted, only) =>
        change(context, wanted, {
          ...changeOptions(context),
          allowNone: allowNone || only !== undefined,
          only,
        }),
    }),
  };
}

function idsOf(resources: readonly Switchable[]): string[] {
  return resources.map(({ id }) => id);
}
