import type { Permission } from '../../core/permissions.js';
import type { ParallelSteps, StepList, SwapSide, SwapStep } from './step.js';

/** List of a plan. */
export type PlanPhase = 'prepare' | 'test' | 'retire';

/** Step of a plan, with every default applied. */
export interface PlannedStep {
  /** Key of the step in the record, unique in the plan. */
  readonly name: string;
  readonly phase: PlanPhase;
  readonly side: SwapSide;
  readonly propagationSeconds: number;
  readonly maxWaitSeconds: number;
  readonly intervalSeconds: number;
  readonly undoMaxWaitSeconds: number;
  readonly deletes: boolean;
  readonly switchesOff: boolean;
  readonly repeatable: boolean;
  readonly permissions: readonly Permission[];
  /** The step as its author wrote it. */
  readonly source: SwapStep;
}

/** Steps that run side by side. */
export type StepGroup = readonly PlannedStep[];

/** Plan of a swap. */
export interface SwapPlan {
  readonly prepare: readonly StepGroup[];
  readonly test: readonly StepGroup[];
  readonly retire: readonly StepGroup[];
  /** One line for each step, in order. */
  readonly fingerprint: readonly string[];
}

/** Lists of steps as written. */
export type StepLists = Readonly<Record<PlanPhase, StepList>>;

const phases: readonly PlanPhase[] = ['prepare', 'test', 'retire'];

/** Applies the defaults of every step, and names each one. The lists were validated before. */
export function planOf(lists: StepLists): SwapPlan {
  const early = new Set([...flatten(lists.prepare), ...flatten(lists.test)].map(({ name }) => name));
  const groupsOf = (phase: PlanPhase) =>
    lists[phase].map((entry) => stepsOf(entry).map((step) => plannedStep(step, phase, early)));
  const plan = { prepare: groupsOf('prepare'), test: groupsOf('test'), retire: groupsOf('retire') };
  return { ...plan, fingerprint: phases.flatMap((phase) => plan[phase].flatMap(linesOf)) };
}

/** Returns every step of some lists, in order. */
export function stepsIn(plan: SwapPlan, ...lists: readonly PlanPhase[]): readonly PlannedStep[] {
  return lists.flatMap((phase) => plan[phase].flat());
}

/** Returns every step of a list, in order. */
export function flatten(list: StepList): readonly SwapStep[] {
  return list.flatMap(stepsOf);
}

function stepsOf(entry: SwapStep | ParallelSteps): readonly SwapStep[] {
  return 'parallel' in entry ? entry.parallel : [entry];
}

/** The same change can be made to the incoming stack in `prepare` and to the outgoing one in `retire`, such as a purge. */
function plannedStep(source: SwapStep, phase: PlanPhase, early: ReadonlySet<string>): PlannedStep {
  const { maxWaitSeconds = 600 } = source;
  return {
    name: phase === 'retire' && early.has(source.name) ? `${source.name} (retire)` : source.name,
    phase,
    side: source.stack ?? (phase === 'retire' ? 'outgoing' : 'incoming'),
    propagationSeconds: source.propagationSeconds ?? 0,
    maxWaitSeconds,
    intervalSeconds: source.intervalSeconds ?? 15,
    undoMaxWaitSeconds: source.undoMaxWaitSeconds ?? maxWaitSeconds,
    deletes: source.deletes ?? false,
    switchesOff: source.switchesOff ?? false,
    repeatable: source.repeatable ?? true,
    permissions: source.permissions ?? [],
    source,
  };
}

function linesOf(group: StepGroup, index: number): string[] {
  return group.map(({ phase, name, side, propagationSeconds, deletes }) =>
    [`${phase} ${index + 1}`, name, side, `${propagationSeconds} s`, ...(deletes ? ['deletes'] : [])].join(
      ' · ',
    ),
  );
}
