import type { PlannedStep, SwapPlan } from '../plan/swap-plan.js';
import type { SwapRecordItem, SwapUnderWay } from '../record/types.js';
import type { OwnerStatus, TrafficPercents } from '../switches/types.js';

/**
 * Part of a swap that a caller carries out. Each lifecycle hook of a deployment has one; `follow` is for everything after the hooks,
 * and `all` for a swap in one process.
 */
export type SwapScope = 'prepare' | 'effect' | 'test' | 'gate' | 'verify' | 'follow' | 'all';

/** Scope of a lifecycle hook. */
export type HookScope = Exclude<SwapScope, 'follow' | 'all'>;

/** Result of a step's `isDone` or `isUndone`. */
export type StepAnswer = boolean | { readonly failure: string; readonly isFinal: boolean };

/** Facts outside the record, as read since the last change. A missing one was not asked. */
export interface Truth {
  readonly owner?: OwnerStatus;
  readonly isAnotherUnderWay?: boolean;
  readonly percents?: TrafficPercents;
  readonly answers: Readonly<Record<string, StepAnswer>>;
}

/** Settings of a swap that decide. */
export interface SwapRules {
  readonly kind: 'codeDeploy' | 'ecs' | 'shift';
  readonly bakeSeconds: number;
}

/** Input of a decision. */
export interface SwapView {
  readonly item: SwapRecordItem;
  readonly swap: SwapUnderWay;
  readonly plan: SwapPlan;
  readonly rules: SwapRules;
  readonly scope: SwapScope;
  readonly truth: Truth;
  readonly now: number;
}

/** Change of the record. Returns undefined when the change no longer applies. */
export type ItemChange = (item: SwapRecordItem) => SwapRecordItem | undefined;

/** Next action of a swap. */
export type Decision =
  | { readonly action: 'ask'; readonly question: 'owner' | 'another' | 'traffic' }
  | { readonly action: 'look'; readonly at: 'done' | 'undone'; readonly steps: readonly PlannedStep[] }
  | { readonly action: 'write'; readonly change: ItemChange }
  /** A change that was seen, for the next write. Until then another process sees it again. */
  | { readonly action: 'note'; readonly change: ItemChange }
  | { readonly action: 'run' | 'undo'; readonly steps: readonly PlannedStep[] }
  | { readonly action: 'shift'; readonly direction: 'forward' | 'back' }
  | { readonly action: 'returnTraffic' }
  /** Waits for a time, or for AWS. */
  | { readonly action: 'wait'; readonly until: number; readonly detail: string }
  /** The work of the scope is done. */
  | { readonly action: 'reached' }
  /** Nothing to do in this scope now. */
  | { readonly action: 'leave'; readonly detail: string };
