import type { SwapDependencies } from '../engine/swap-dependencies.js';
import type { StepGroup, SwapPlan } from '../plan/swap-plan.js';
import type { SwapRecordItem } from '../record/types.js';
import { codeDeployHookSeconds } from '../switches/hook-limits.js';
import type { StepPreview } from './preview-steps.js';

/** A wait of a swap whose length is known beforehand. */
export interface WaitPreview {
  /** Reason of the wait. */
  readonly waitsFor: string;
  /** Length of the wait in seconds. */
  readonly seconds: number;
}

/** Time of lifecycle hooks, and the time that their work needs. */
export interface HookTimePreview {
  /** Names of the hooks, or of the stages of ECS. */
  readonly hooks: string;
  /** Their work. */
  readonly work: string;
  /** Seconds that AWS waits for the hooks. */
  readonly limitSeconds: number;
  /** Seconds that the work needs at least: its propagation times. */
  readonly minSeconds: number;
  /** Seconds that the work needs when each step takes its whole `maxWaitSeconds`. */
  readonly maxSeconds: number;
  /** `maybe`: the time is too short when steps take their whole `maxWaitSeconds`. */
  readonly suffices: 'yes' | 'maybe' | 'no';
}

/** Times of a preview. */
export interface PreviewTimes {
  /** Waits whose length is known: until an earlier swap and `prepare` are in effect, the holds of `shiftTraffic`, the bake. */
  readonly waits: readonly WaitPreview[];
  /** Sum of the waits, without the holds of the traffic shift. */
  readonly waitSeconds: number;
  /**
   * Earliest time at which the swap can have ended, in the form of ISO 8601. The time of the calls, of steps until they are done, and of
   * a deployment of AWS comes on top.
   */
  readonly earliestEnd: string;
  /** Time of the hooks. Empty for `shiftTraffic`. */
  readonly hooks: readonly HookTimePreview[];
}

/** Computes the times of a swap that begins now. */
export function previewTimes(
  { plan, rules, switch: mover, clock }: SwapDependencies,
  item: SwapRecordItem | undefined,
  steps: readonly StepPreview[],
): PreviewTimes {
  const now = clock.now();
  const isOpen = openSteps(steps);
  const earlier = earlierSeconds(plan, item, isOpen, now);
  const effect = effectSeconds(plan.prepare);
  const holds = mover.kind === 'shift' ? (mover.holdSeconds ?? 0) : 0;
  const waits = [
    { waitsFor: 'changes of an earlier swap to be in effect', seconds: earlier },
    { waitsFor: 'changes of prepare to be in effect', seconds: effect },
    { waitsFor: 'the holds of the traffic shift', seconds: holds },
    { waitsFor: 'the bake', seconds: rules.bakeSeconds },
  ].filter(({ seconds }) => seconds > 0);
  const waitSeconds = earlier + effect + rules.bakeSeconds;
  return {
    waits,
    waitSeconds,
    earliestEnd: new Date(now + (waitSeconds + holds) * 1000).toISOString(),
    hooks: hookTimes(plan, rules.kind, isOpen),
  };
}

type IsOpen = (step: StepGroup[number]) => boolean;

function openSteps(steps: readonly StepPreview[]): IsOpen {
  const skipped = new Set(steps.flatMap(({ name, action }) => (action === 'alreadyDone' ? [name] : [])));
  return ({ name }) => !skipped.has(name);
}

/** A step of `prepare` that deletes waits for the changes of earlier swaps. */
function earlierSeconds(
  { prepare }: SwapPlan,
  item: SwapRecordItem | undefined,
  isOpen: IsOpen,
  now: number,
): number {
  const isDeleting = prepare.flat().some((step) => step.deletes && isOpen(step));
  if (!isDeleting) return 0;
  const until = Math.max(now, ...Object.values(item?.undoInEffectAt ?? {}));
  return Math.ceil((until - now) / 1000);
}

/** The propagation time of a change that is already made counts as well: when it was made is unknown. */
function effectSeconds(groups: readonly StepGroup[]): number {
  return Math.max(0, ...groups.flat().map(({ propagationSeconds }) => propagationSeconds));
}

function maxSecondsOf(groups: readonly StepGroup[], isOpen: IsOpen): number {
  return groups
    .map((group) => Math.max(0, ...group.filter(isOpen).map(({ maxWaitSeconds }) => maxWaitSeconds)))
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** Seconds of one stage of ECS: the default of a lifecycle hook. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html */
const ecsHookSeconds = 86_400;

const hookNames = {
  codeDeploy: { prepare: 'BeforeInstall', test: 'AfterInstall and AfterAllowTestTraffic' },
  ecs: { prepare: 'PRE_SCALE_UP', test: 'POST_SCALE_UP and POST_TEST_TRAFFIC_SHIFT' },
};

function hookTimes(
  { prepare, test }: SwapPlan,
  kind: 'codeDeploy' | 'ecs' | 'shift',
  isOpen: IsOpen,
): HookTimePreview[] {
  if (kind === 'shift') return [];
  const names = hookNames[kind];
  const seconds = kind === 'codeDeploy' ? codeDeployHookSeconds : ecsHookSeconds;
  const effect = effectSeconds(prepare);
  return [
    hookTime({
      hooks: names.prepare,
      work: 'prepare',
      limitSeconds: seconds,
      minSeconds: 0,
      maxSeconds: maxSecondsOf(prepare, isOpen),
    }),
    hookTime({
      hooks: names.test,
      work: 'changes of prepare in effect, test',
      limitSeconds: 2 * seconds,
      minSeconds: effect,
      maxSeconds: effect + maxSecondsOf(test, isOpen),
    }),
  ];
}

function hookTime(time: Omit<HookTimePreview, 'suffices'>): HookTimePreview {
  const { limitSeconds, minSeconds, maxSeconds } = time;
  if (minSeconds > limitSeconds) return { ...time, suffices: 'no' };
  return { ...time, suffices: maxSeconds > limitSeconds ? 'maybe' : 'yes' };
}
