import type { Task } from '@aws-sdk/client-ecs';
import { ResourceStateError, WaitTimeoutError } from '../../core/errors.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { pollUntil } from '../../core/poll-until.js';
import { sleep } from '../../core/sleep.js';
import { type Canary, healthOf } from './canary.js';
import { readTarget, type TargetState } from './canary-targets.js';
import type { RolloutContext } from './context.js';

const intervalSeconds = 5;
/** Looks in a row after which a target group gets no traffic, and not just none yet. */
const conclusiveLooks = 12;

/** Waits until the canary runs. */
export async function awaitRunning(
  context: RolloutContext,
  canary: Canary,
  maxWaitSeconds: number,
): Promise<Task> {
  const task = await pollUntil({
    ...pollOf(context, canary),
    expected: 'a task that runs',
    maxWaitSeconds,
    observe: () => canary.look(context),
    isDone: (seen) => seen?.lastStatus === 'RUNNING',
    describe: (seen) => seen?.lastStatus ?? 'no task',
  });
  return task ?? {};
}

/** Waits until the container health checks pass, if there are any. */
export async function awaitContainerHealth(
  context: RolloutContext,
  canary: Canary,
  maxWaitSeconds: number,
): Promise<void> {
  const containers = canary.checkedContainers;
  if (containers.length === 0) return;
  await pollUntil({
    ...pollOf(context, canary),
    expected: `healthy containers: ${containers.join(', ')}`,
    maxWaitSeconds,
    observe: () => canary.look(context),
    isDone: (task) => containers.every((name) => healthOf(task, name) === 'HEALTHY'),
    describe: (task) => containers.map((name) => `${name} is ${healthOf(task, name)}`).join(', '),
  });
}

/**
 * Waits until the canary is healthy in every target group that gets traffic, and gives whether there is one.
 *
 * @throws ResourceStateError when there is one that gets no traffic, and this is not accepted: nothing is known of the
 * health of its targets
 */
export async function awaitTargetHealth(
  context: RolloutContext,
  canary: Canary,
  maxWaitSeconds: number,
): Promise<boolean> {
  const watch = new TargetWatch(context, canary);
  let unusedLooks = 0;
  const states = await pollUntil({
    ...pollOf(context, canary),
    expected: 'a target that is healthy in every target group of the service',
    maxWaitSeconds,
    observe: async () => {
      const seen = await watch.look();
      unusedLooks = seen.some(({ isNotInUse }) => isNotInUse) ? unusedLooks + 1 : 0;
      return seen;
    },
    isDone: (seen) => {
      const isConclusive = unusedLooks >= conclusiveLooks;
      if (isConclusive && !canary.acceptsUnused) throw withoutTraffic(context, seen);
      return (isConclusive || unusedLooks === 0) && seen.every((it) => isFit(canary, it));
    },
    describe: describeStates,
  });
  return states.some(({ state }) => state === 'healthy');
}

/** Looks at the canary, and at how it stands in its target groups. */
export class TargetWatch {
  readonly #context: RolloutContext;
  readonly #canary: Canary;
  readonly #told = new Map<string, string>();

  constructor(context: RolloutContext, canary: Canary) {
    this.#context = context;
    this.#canary = canary;
  }

  async look(): Promise<TargetState[]> {
    await this.#canary.look(this.#context);
    const states = await mapConcurrently(this.#canary.targets, (target) => readTarget(this.#context, target));
    for (const { target, state, detail } of states) {
      const key = `${target.targetGroupArn} ${target.port}`;
      if (this.#told.get(key) === state) continue;
      this.#told.set(key, state);
      const { targetGroupArn } = target;
      this.#context.tell({ type: 'targetHealthChanged', targetGroupArn, state, detail });
    }
    return states;
  }

  /** @throws ResourceStateError when the canary, once healthy, is not any more. */
  async requireHealthy(): Promise<void> {
    const states = await this.look();
    if (states.every((it) => isFit(this.#canary, it))) return;
    throw new ResourceStateError(`The canary of ${this.#context.resource} did not stay healthy`, {
      resource: this.#canary.taskArn,
      expected: 'a healthy target in every target group of the service',
      actual: describeStates(states),
      remedy: "Look at the target groups' health checks and at the containers' logs",
    });
  }
}

/** Watches the canary, once it is healthy, for this long. */
export async function watchFor(context: RolloutContext, canary: Canary, seconds: number): Promise<void> {
  const { clock } = context;
  const watch = new TargetWatch(context, canary);
  const end = clock.now() + seconds * 1000;
  for (;;) {
    const remaining = end - clock.now();
    if (remaining <= 0) return;
    await sleep(clock, Math.min(intervalSeconds * 1000, remaining), context);
    await watch.requireHealthy();
  }
}

/** A wait that ended without what it waited for, told like that of {@link pollUntil}. */
export function timedOut(
  context: RolloutContext,
  details: { expected: string; actual: string; maxWaitSeconds: number },
): WaitTimeoutError {
  return new WaitTimeoutError({ resource: `The canary of ${context.resource}`, ...details });
}

function pollOf({ clock, signal, resource }: RolloutContext, { taskArn }: Canary) {
  return { clock, signal, resource: `The canary ${taskArn} of ${resource}`, intervalSeconds };
}

function isFit({ acceptsUnused }: Canary, { state, isNotInUse }: TargetState): boolean {
  return state === 'healthy' || (acceptsUnused && isNotInUse);
}

function withoutTraffic({ resource }: RolloutContext, states: readonly TargetState[]): ResourceStateError {
  return new ResourceStateError(
    `A target group of ${resource} gets no traffic, so nobody checks its targets`,
    {
      resource,
      expected: 'a listener that forwards to every target group of the service',
      actual: describeStates(states),
      remedy:
        "Forward to it with a weight above 0 and enable the task's Availability Zone, or take it as it is with unusedTargets: 'accept'",
    },
  );
}

function describeStates(states: readonly TargetState[]): string {
  return states
    .map(({ target, state, detail }) => `${state} in ${target.targetGroupArn}${detail ? ` (${detail})` : ''}`)
    .join(', ');
}
