import { RolloutError, type RolloutPhase } from '../../src/ecs-rollout/index.js';
import { type DrivenRun, type DrivenSchedule, isFailing } from './driven-rollout.js';
import { imageOf } from './rollout-observer.js';

const phases: readonly RolloutPhase[] = [
  'prepare',
  'registerTaskDefinition',
  'startCanary',
  'containerHealth',
  'targetHealth',
  'observe',
  'updateService',
  'serviceStable',
  'cleanUp',
];

/** Returns the violations of the rollout invariants in a finished schedule. */
export function violationsOf(driven: DrivenSchedule): string[] {
  const ofRuns = driven.runs.flatMap((run, index) =>
    violationsOfRun(run).map((violation) => `run ${index + 1}: ${violation}`),
  );
  return [...driven.seen, ...ofRuns, ...violationsOfLast(driven)];
}

function violationsOfRun(run: DrivenRun): string[] {
  const ends = run.end === 'broken' || run.end === 'hanging' ? [`${run.end}: ${String(run.error)}`] : [];
  const { after, world } = run;
  const image = imageOf(world, after.taskDefinition);
  const isKnown = image !== undefined && ['web:1', 'web:2', 'web:3', 'web:outside'].includes(image);
  const always = [...ends, ...(isKnown ? [] : [`the service runs ${image}`])];
  if (run.end === 'crashed' || run.outcome === undefined) return always;
  return [...always, ...leftoverViolations(run), ...stateViolations(run), ...eventViolations(run)];
}

/** A canary or a target that remains is in the leftovers; after a success, there is none. */
function leftoverViolations({ outcome, remaining }: DrivenRun): string[] {
  const { canaries, targets } = remaining;
  if (!(outcome instanceof RolloutError))
    return [...canaries, ...targets].map(({ name }) => `${name} remains after a success`);
  const { tasks, targets: listed, problems } = outcome.leftovers;
  const names = listed.map(({ targetId, port }) => `${targetId}:${port}`);
  const isReported = ({ name, startedBy }: { name: string; startedBy: string }) =>
    tasks.includes(name) || problems.some((problem) => problem.includes(startedBy));
  // A run that ended while it prepared may not have read them.
  const mayBeUnknown = outcome.phase === 'prepare';
  return [
    ...(mayBeUnknown
      ? []
      : canaries.filter((it) => !isReported(it)).map(({ name }) => `${name} is not in the leftovers`)),
    ...(mayBeUnknown
      ? []
      : targets
          .filter(({ name }) => !names.includes(name))
          .map(({ name }) => `${name} is not in the leftovers`)),
  ];
}

/** The reported state of the service is its real one. */
function stateViolations(run: DrivenRun): string[] {
  const { outcome, before, after, world, outside, schedule } = run;
  if (outcome === undefined) return [];
  // External changes and an unstable service continue by themselves.
  const isAlone = !outside.has('update') && before.isSettled;
  const image = imageOf(world, after.taskDefinition);
  const next = `web:${schedule.version}`;
  const { service } = outcome;
  if (!isAlone) return [];
  const isStable = after.isSettled || outside.has('scale') || outside.has('stopServiceTask');
  switch (service) {
    case 'unchanged':
      return after.deployment === before.deployment ? [] : [`unchanged, but it was updated to ${image}`];
    case 'updated':
      return image === next && isStable ? [] : [`updated, but it runs ${image}`];
    case 'rolledBack':
      return after.taskDefinition === before.taskDefinition &&
        isStable &&
        after.enableECSManagedTags === before.enableECSManagedTags
        ? []
        : [`rolled back, but it runs ${image}, settled: ${after.isSettled}`];
    default:
      return outcome instanceof RolloutError ? [] : ['succeeded, but unsettled'];
  }
}

/** The events are complete, in order, and those that the listener got. */
function eventViolations({ outcome, events, schedule, end }: DrivenRun): string[] {
  if (outcome === undefined) return [];
  const { history } = outcome;
  const entered = history.flatMap((event) =>
    event.type === 'phaseStarted' ? [phases.indexOf(event.phase)] : [],
  );
  const isOrdered = entered.every((phase, index) => index === 0 || phase > (entered[index - 1] ?? 0));
  const times = history.map(({ at }) => at);
  const isChronological = times.every((at, index) => index === 0 || at >= (times[index - 1] ?? 0));
  return [
    ...(isOrdered ? [] : [`phases out of order: ${entered.join()}`]),
    ...(isChronological || schedule.clockChange !== undefined ? [] : ['events out of order']),
    ...(history.at(-1)?.type === end ? [] : [`the last event is ${history.at(-1)?.type}`]),
    ...(JSON.stringify(events) === JSON.stringify(history) ? [] : ['the listener got other events']),
  ];
}

/** An undisturbed rollout ends correctly, whatever happened before. */
function violationsOfLast({ runs, schedule }: DrivenSchedule): string[] {
  const last = runs.at(-1);
  if (last === undefined) return ['no run'];
  const { world, after, end, remaining, outcome } = last;
  const image = imageOf(world, after.taskDefinition);
  const wanted = `web:${last.schedule.version}`;
  const fails = isFailing(schedule, last.schedule.version);
  const ofService = schedule.failure?.among === 'service';
  const isRight = fails
    ? end === 'failed' || (!ofService && outcome?.service === 'unchanged')
    : end === 'succeeded' && image === wanted && after.isSettled;
  const isBad = fails && ofService && image === wanted && outcome?.service !== 'unsettled';
  return [
    ...(isRight ? [] : [`the last run ${end}, and the service runs ${image}: ${String(outcome)}`]),
    ...(isBad ? [`the service runs the failing ${image}`] : []),
    ...[...remaining.canaries, ...remaining.targets].map(({ name }) => `${name} remains after the last run`),
  ];
}
