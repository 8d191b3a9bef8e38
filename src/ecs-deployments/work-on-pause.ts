import { type CallOptions, throwIfAborted } from '../core/aws-call.js';
import { throwIfReturnedFailure } from '../core/returned-failure.js';
import { settlesWithin } from '../core/settles-within.js';
import { untilAborted } from '../core/until-aborted.js';
import { truncateReason } from '../resumable/truncate-reason.js';
import { evaluateChecks } from '../traffic/shift/evaluate-checks.js';
import {
  type CheckEvaluation,
  pendingChecks,
  reasonToRollBack,
  tally,
} from '../traffic/shift/tally-checks.js';
import { endPause } from './change-deployment.js';
import type { ObservedDeployment, ObservedHook } from './deployment-status.js';
import { observe, openPauses, remember, withoutPause } from './observe-pause.js';
import type { PauseSettings, ResolvedWork } from './parse-pause-options.js';
import { contextOf, infoOf } from './pause-context.js';
import type { NewPauseEvent } from './pause-events.js';
import type { EcsPauseState, PauseUnderWay } from './pause-state.js';
import type { EcsPauseInfo, EcsPauseStage } from './pause-types.js';
import { readDeployment, resourceOf } from './read-deployment.js';

/** A pause that waits, with the reading that shows it. */
export interface PauseToWorkOn {
  readonly state: EcsPauseState;
  readonly deployment: ObservedDeployment;
  readonly hook: ObservedHook;
  readonly stage: EcsPauseStage;
}

/** Result of one step of the work. */
export interface StepResult {
  readonly state: EcsPauseState;
  readonly events: readonly NewPauseEvent[];
  readonly waitSeconds: number;
  /** True when ECS has accepted the response to continue. */
  readonly isContinued?: boolean;
}

interface Work extends ResolvedWork {
  readonly info: EcsPauseInfo;
  readonly pause: PauseUnderWay;
  readonly state: EcsPauseState;
  readonly events: readonly NewPauseEvent[];
  /** Milliseconds until the deployment must be rolled back, because ECS acts by itself soon. */
  readonly left: () => number;
  /** Ends work that takes longer. */
  readonly limit: AbortController;
  /** Aborted by the caller, or by the limit. */
  readonly signal: AbortSignal;
}

/** Runs the next step of the pause, or evaluates its checks and continues the deployment when all have passed. */
export async function workOnPause(
  settings: PauseSettings,
  { state: before, deployment, hook, stage }: PauseToWorkOn,
  options: CallOptions,
): Promise<StepResult> {
  const now = settings.clock.now();
  const info = infoOf(deployment, hook, stage);
  const resolved = settings.workOf(info);
  const { state, events } = begin(before, { hook, stage, now, policy: resolved.policy });
  const rollBackAt = rollBackTime(state.pause, settings);
  const left = () => rollBackAt - settings.clock.now();
  const limit = new AbortController();
  const signal =
    options.signal === undefined ? limit.signal : AbortSignal.any([options.signal, limit.signal]);
  const work: Work = { ...resolved, info, pause: state.pause, state, events, left, limit, signal };
  if (left() <= 0) return undecided(work);
  const step = work.steps.find(({ name }) => !work.pause.stepsDone.includes(name));
  if (step !== undefined) {
    const running = Promise.resolve().then(() => step.run({ ...info }, { signal }));
    if (!(await isInTime(settings, running, work))) return undecided(work);
    throwIfReturnedFailure(await running, `Function of step "${step.name}"`);
    return stepCompleted(work, step.name);
  }
  const wait = millisecondsToCheck(work, now);
  if (work.checks.length > 0 && wait > 0)
    return result(work, state, [], wait / 1000, settings.intervalSeconds);
  return evaluate(settings, work, options);
}

/** Time of the rollback of undecided work. A short pause keeps at least half of its time for the work. */
export function rollBackTime(
  { expiresAt, since }: PauseUnderWay,
  { expiryMarginSeconds }: Pick<PauseSettings, 'expiryMarginSeconds'>,
): number {
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return expiresAt - Math.min(expiryMarginSeconds * 1000, Math.max(0, expiresAt - since) / 2);
}

/** A clock that was set back does not postpone the evaluation by more than its own delay. */
function millisecondsToCheck({ pause, policy }: Pick<Work, 'pause' | 'policy'>, now: number): number {
  const maxMilliseconds = Math.max(policy.initialDelaySeconds, policy.intervalSeconds) * 1000;
  return Math.min(pause.nextCheckAt - now, maxMilliseconds);
}

function begin(
  state: EcsPauseState,
  {
    hook,
    stage,
    now,
    policy,
  }: {
    readonly hook: ObservedHook;
    readonly stage: string;
    readonly now: number;
    readonly policy: ResolvedWork['policy'];
  },
): { state: EcsPauseState & { pause: PauseUnderWay }; events: NewPauseEvent[] } {
  const { hookId, expiresAt, timeoutAction } = hook;
  const { pause: current } = state;
  if (current?.hookId === hookId) return { state: { ...state, pause: current }, events: [] };
  const expiry = {
    ...(expiresAt !== undefined && { expiresAt }),
    ...(timeoutAction !== undefined && { timeoutAction }),
  };
  const weightsSince = state.seen?.since ?? now;
  const pause = {
    hookId,
    stage,
    since: now,
    stepsDone: [],
    tallies: {},
    nextCheckAt: Math.max(now, weightsSince + policy.initialDelaySeconds * 1000),
    ...expiry,
  };
  return { state: { ...state, pause }, events: [{ type: 'pauseStarted', hookId, stage, ...expiry }] };
}

async function evaluate(settings: PauseSettings, work: Work, options: CallOptions): Promise<StepResult> {
  const { clock, intervalSeconds } = settings;
  const { checks, policy, pause, state } = work;
  const resource = resourceOf(state.serviceDeploymentArn);
  const evaluation = evaluateChecks(checks, contextOf(settings, work), resource);
  if (!(await isInTime(settings, evaluation, work))) return undecided(work);
  const evaluations = await evaluation;
  const tallies = tally(pause.tallies, evaluations, false);
  const nextCheckAt = clock.now() + policy.intervalSeconds * 1000;
  const evaluated = { ...state, pause: { ...pause, tallies, nextCheckAt } };
  const events = evaluations.map((it) => eventOf(pause.hookId, it));
  const reason = reasonToRollBack(tallies, evaluations, policy);
  if (reason !== undefined) return rollingBack(work, evaluated, reason, events);
  const gates = checks.filter(({ dryRun }) => dryRun !== true).map(({ name }) => name);
  if (pendingChecks(tallies, gates, policy).length > 0)
    return result(work, evaluated, events, policy.intervalSeconds, intervalSeconds);
  return continueDeployment(settings, { work, state: evaluated, events }, options);
}

/** Reads the pause again, because the checks take time: it can have expired, or have been settled by another caller. */
async function continueDeployment(
  settings: PauseSettings,
  {
    work,
    state,
    events,
  }: { readonly work: Work; readonly state: EcsPauseState; readonly events: readonly NewPauseEvent[] },
  options: CallOptions,
): Promise<StepResult> {
  const { ecs, clock, intervalSeconds } = settings;
  const { serviceDeploymentArn: arn } = state;
  const { hookId } = work.pause;
  const deployment = await readDeployment(ecs, arn, options);
  const open = openPauses(state, deployment, clock.now());
  const isOpen = deployment.status === 'IN_PROGRESS' && open.some((it) => it.hookId === hookId);
  const ended = isOpen
    ? await endPause(ecs, { arn, hookId, action: 'CONTINUE' }, options)
    : ({ isAccepted: false, deployment } as const);
  if (!ended.isAccepted) {
    const observed = observe(state, ended.deployment, clock.now());
    return result(work, observed.state, [...events, ...observed.events], 1, intervalSeconds);
  }
  const continued = { ...withoutPause(state), ended: remember(state.ended, hookId) };
  const event = { type: 'pauseEnded', hookId, action: 'CONTINUE' } as const;
  return {
    ...result(work, continued, [...events, event], intervalSeconds, intervalSeconds),
    isContinued: true,
  };
}

/** Time is over: ECS would act by itself, and may continue a revision whose checks have not passed. */
function undecided(work: Work): StepResult {
  const { hookId, expiresAt } = work.pause;
  const expiry = expiresAt === undefined ? '' : ` at ${new Date(expiresAt).toISOString()}`;
  const reason = `The work of pause ${hookId} is not done, and the pause expires${expiry}`;
  return rollingBack(work, work.state, reason, []);
}

/** The reason is stored before the response is sent, so that a later pass of the checks does not replace it. */
function rollingBack(
  work: Work,
  state: EcsPauseState,
  why: string,
  events: readonly NewPauseEvent[],
): StepResult {
  const reason = truncateReason(why);
  const started = { type: 'rollingBack', reason } as const;
  return result(work, { ...state, rollbackReason: reason }, [...events, started], 0, 0);
}

function stepCompleted(work: Work, step: string): StepResult {
  const { pause, state } = work;
  const stepsDone = [...pause.stepsDone, step];
  const event = { type: 'stepCompleted', hookId: pause.hookId, step } as const;
  return result(work, { ...state, pause: { ...pause, stepsDone } }, [event], 0, 0);
}

/** A wait ends in time for the rollback of undecided work. */
function result(
  { events: before, left }: Pick<Work, 'events' | 'left'>,
  state: EcsPauseState,
  events: readonly NewPauseEvent[],
  seconds: number,
  maxSeconds: number,
): StepResult {
  return {
    state,
    events: [...before, ...events],
    waitSeconds: Math.min(seconds, maxSeconds, Math.max(0, left() / 1000)),
  };
}

/**
 * Aborts work that does not end in time.
 *
 * @throws OperationAbortedError as soon as the caller aborts, also when the work ignores it.
 */
async function isInTime(
  { clock }: PauseSettings,
  running: Promise<unknown>,
  { left, limit, signal, state }: Work,
): Promise<boolean> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  const ended = untilAborted(running.then(settle, settle), signal);
  const milliseconds = left();
  if (milliseconds === Number.POSITIVE_INFINITY) await ended;
  else await settlesWithin(ended, milliseconds, clock);
  if (isSettled) return true;
  throwIfAborted({ signal, resource: resourceOf(state.serviceDeploymentArn) });
  limit.abort(new Error('The pause is about to expire'));
  return false;
}

function eventOf(hookId: string, { name: check, dryRun, result: outcome }: CheckEvaluation): NewPauseEvent {
  return { type: 'checkEvaluated', hookId, check, dryRun, result: outcome };
}
