import { SwapPlanError } from '../errors.js';
import type { StepList, SwapStep } from './step.js';
import { flatten, type PlanPhase, type StepLists } from './swap-plan.js';

const maxSteps = 60;

/**
 * Rejects lists of steps that cannot work.
 *
 * @throws SwapPlanError which names the step.
 */
export function requirePlan(lists: StepLists, application: string): void {
  const refuse = (steps: readonly string[], problem: string, remedy: string): never => {
    throw new SwapPlanError(`Plan of ${application} cannot work: ${problem}`, {
      resource: application,
      steps,
      remedy,
    });
  };
  const all = [...flatten(lists.prepare), ...flatten(lists.test), ...flatten(lists.retire)];
  if (all.length > maxSteps) {
    refuse([], `it has ${all.length} steps; at most ${maxSteps} are allowed`, 'Combine steps');
  }
  requireUniqueNames([...lists.prepare, ...lists.test], refuse);
  requireUniqueNames(lists.retire, refuse);
  requireDistinctKeys(lists, refuse);
  for (const phase of ['prepare', 'test', 'retire'] as const) {
    for (const step of flatten(lists[phase])) requireStep(step, phase, refuse);
  }
}

type Refuse = (steps: readonly string[], problem: string, remedy: string) => never;

function requireUniqueNames(list: StepList, refuse: Refuse): void {
  const names = new Set<string>();
  for (const { name } of flatten(list)) {
    if (names.has(name)) refuse([name], `two steps have the name "${name}"`, 'Rename one of them');
    names.add(name);
  }
}

/** A retire step with the name of an earlier step gets a suffix, which a third step may have. */
function requireDistinctKeys({ prepare, test, retire }: StepLists, refuse: Refuse): void {
  const early = new Set([...flatten(prepare), ...flatten(test)].map(({ name }) => name));
  const late = new Set(flatten(retire).map(({ name }) => name));
  for (const name of late) {
    const key = `${name} (retire)`;
    if (early.has(name) && (late.has(key) || early.has(key))) {
      refuse([name, key], `the names "${name}" and "${key}" are ambiguous`, 'Rename one of them');
    }
  }
}

function requireStep(step: SwapStep, phase: PlanPhase, refuse: Refuse): void {
  const { name, undo, deletes = false, switchesOff = false, irreversible = false } = step;
  const side = step.stack ?? (phase === 'retire' ? 'outgoing' : 'incoming');
  // Typed as required, but a program in JavaScript can leave it out.
  if ((undo as unknown) === undefined) {
    refuse([name], `step "${name}" has no undo`, "Add undo, or undo: 'none' when nothing has to be undone");
  }
  if (irreversible && phase !== 'retire') {
    refuse(
      [name],
      `step "${name}" of ${phase} cannot be undone, and a swap that fails after it would not restore the state before`,
      'Move it to retire, or make the change before the swap',
    );
  }
  if (irreversible && undo !== 'none') {
    refuse(
      [name],
      `step "${name}" is irreversible, and has an undo`,
      "Set undo to 'none', or leave irreversible out",
    );
  }
  if (!deletes && !switchesOff) return;
  const effect = deletes ? 'deletes data of' : 'switches something off on';
  if (phase !== 'retire' && side === 'outgoing') {
    refuse(
      [name],
      `step "${name}" of ${phase} ${effect} the outgoing stack, which has the production traffic`,
      'Move it to retire',
    );
  }
  if (phase === 'retire' && side === 'incoming') {
    refuse(
      [name],
      `step "${name}" of retire ${effect} the incoming stack, which has the production traffic then`,
      'Move it to prepare',
    );
  }
}
