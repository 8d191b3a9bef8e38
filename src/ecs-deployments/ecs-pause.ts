import type { CallOptions } from '../core/aws-call.js';
import { classifyFailure } from '../core/failures.js';
import { safeClock } from '../core/safe-clock.js';
import { nonEmptyString } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { truncateReason } from '../resumable/truncate-reason.js';
import type { AdvanceOptions, Progress, Resumable, StateSummary } from '../resumable/types.js';
import { type ChangeResult, endPause, requestRollback } from './change-deployment.js';
import { decidePause } from './decide-pause.js';
import type { ObservedDeployment } from './deployment-status.js';
import { observe, remember } from './observe-pause.js';
import {
  type PauseSettings,
  parseAdvanceOptions,
  parseCallOptions,
  parsePauseOptions,
} from './parse-pause-options.js';
import type { EcsPauseEvent, NewPauseEvent } from './pause-events.js';
import { logPauseEvent } from './pause-log.js';
import { type EcsPauseState, firstPauseState, parsePauseRequest, parsePauseState } from './pause-state.js';
import { summarizePause } from './pause-summary.js';
import { throttledRun } from './pause-throttling.js';
import type { EcsPauseOptions, EcsPauseRequest } from './pause-types.js';
import { readDeployment, resourceOf } from './read-deployment.js';
import { type StepResult, workOnPause } from './work-on-pause.js';

/** Progress of `EcsPause`. */
export type EcsPauseProgress = Progress<EcsPauseState, EcsPauseEvent>;

/**
 * Responds to the pause hooks of ECS's own blue/green, linear and canary deployments: runs the steps and checks of the stage, then
 * continues the deployment or rolls it back. Each step of a linear or canary deployment is a pause of its own.
 *
 * It is a `Resumable`: `runToEnd` follows a deployment in a script, `stepFunctionsHandler` in a state machine, and
 * {@link ecsPauseHandler} responds to the events of EventBridge. A pause that was settled by a person, by its expiry or by another
 * runner is read again and accepted. A pause gets no response after its expiry.
 *
 * @example
 * ```ts
 * import { EcsPause } from 'aws-blue-green-toolkit/ecs-deployments';
 * import { runToEnd } from 'aws-blue-green-toolkit/resumable';
 * import { cloudWatchAlarms, httpCheck } from 'aws-blue-green-toolkit/traffic';
 *
 * const pause = new EcsPause({
 *   stages: {
 *     POST_TEST_TRAFFIC_SHIFT: { checks: [httpCheck({ url: 'https://test.example.com/health' })] },
 *     PRE_PRODUCTION_TRAFFIC_SHIFT: ({ productionPercent }) =>
 *       productionPercent === 0 ? {} : { checks: [cloudWatchAlarms({ name: 'alarms', alarmNames: ['orders-5xx'] })] },
 *   },
 * });
 *
 * const serviceDeploymentArn = process.env['SERVICE_DEPLOYMENT_ARN'] ?? '';
 * const { outcome, reason } = await runToEnd(pause, { serviceDeploymentArn });
 * ```
 */
export class EcsPause implements Resumable<EcsPauseRequest, EcsPauseState, EcsPauseEvent> {
  readonly description = 'pauses of an ECS service deployment';
  readonly #settings: PauseSettings;

  /** @throws InvalidInputError when an option is missing, unknown or malformed. */
  constructor(options: EcsPauseOptions) {
    const settings = parsePauseOptions(options);
    this.#settings = { ...settings, clock: safeClock(settings.clock) };
  }

  /** @throws InvalidInputError for anything but a request. */
  parseRequest(value: unknown): EcsPauseRequest {
    return parsePauseRequest(value);
  }

  /** @throws InvalidInputError for anything but a state of this version. */
  parseState(value: unknown): EcsPauseState {
    return parsePauseState(value);
  }

  /**
   * Returns the first state. Calls nothing.
   *
   * @throws InvalidInputError
   */
  async begin(request: EcsPauseRequest, options: CallOptions = {}): Promise<EcsPauseState> {
    parseCallOptions('begin options', options);
    return firstPauseState(parsePauseRequest(request), this.#settings.clock.now());
  }

  /**
   * Reads the deployment, and runs one step, evaluates the checks, or requests one change. Waits when AWS throttles a call.
   *
   * @remarks IAM: ecs:DescribeServiceDeployments, ecs:ContinueServiceDeployment, ecs:StopServiceDeployment
   * @throws ResourceNotFoundError, UnexpectedResponseError, InvalidInputError, AccessDeniedError, OperationAbortedError, and the
   * errors of a step.
   */
  async advance(state: EcsPauseState, options: AdvanceOptions = {}): Promise<EcsPauseProgress> {
    const { signal, rollBackAt } = parseAdvanceOptions(options);
    const { haltReason: _, ...current } = parsePauseState(state);
    const { outcome } = current;
    if (outcome !== undefined) return { state: current, waitSeconds: 0, events: [], outcome };
    const now = this.#settings.clock.now();
    const isLate = rollBackAt !== undefined && now >= rollBackAt && current.rollbackReason === undefined;
    const due = 'The time for the deployment is over';
    if (isLate)
      return this.#step({ ...current, rollbackReason: due }, [{ type: 'rollingBack', reason: due }], {
        signal,
      });
    try {
      return await this.#step(current, [], { signal });
    } catch (error) {
      const throttled = throttledRun(error, current, this.#settings);
      if (throttled === undefined) throw error;
      const { state: waiting, waitSeconds } = throttled;
      const { logger } = this.#settings;
      logger.debug('Paused after a throttle', {
        resource: resourceOf(waiting.serviceDeploymentArn),
        throttles: waiting.throttles,
      });
      return this.#progress(waiting, [], waitSeconds);
    }
  }

  /**
   * Rolls the deployment back: at a pause of this run with its response, otherwise by stopping the deployment. A deployment that has
   * succeeded cannot be rolled back, and halts the run.
   *
   * @param reason - reason for the events, the log and the result; truncated to 1,000 characters.
   * @remarks IAM: ecs:DescribeServiceDeployments, ecs:ContinueServiceDeployment, ecs:StopServiceDeployment
   * @throws ResourceNotFoundError, UnexpectedResponseError, InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async rollBack(state: EcsPauseState, reason: string, options: CallOptions = {}): Promise<EcsPauseProgress> {
    const { signal } = parseCallOptions('rollBack options', options);
    const because = truncateReason(parseInput('Reason of a rollback', nonEmptyString, reason));
    const { outcome, haltReason: _, ...current } = parsePauseState(state);
    if (outcome === 'rolledBack')
      return { state: { ...current, outcome }, waitSeconds: 0, events: [], outcome };
    if (current.rollbackReason !== undefined) return this.#step(current, [], { signal });
    const started = { type: 'rollingBack', reason: because } as const;
    return this.#step({ ...current, rollbackReason: because }, [started], { signal });
  }

  /** Halts: requests nothing more. ECS carries on, and acts by itself when a pause expires. */
  halt(state: EcsPauseState, reason: string): EcsPauseProgress {
    const because = parseInput('Reason of a halt', nonEmptyString, reason);
    return this.#halted(parsePauseState(state), because, []);
  }

  /** Returns true for a stage whose pauses get a response. */
  hasWorkAt(stage: string): boolean {
    return this.#settings.hasWork(parseInput('Stage', nonEmptyString, stage));
  }

  /** Summarizes a state. */
  summarize(state: EcsPauseState): StateSummary {
    return summarizePause(parsePauseState(state));
  }

  async #step(
    before: EcsPauseState,
    started: readonly NewPauseEvent[],
    options: CallOptions,
  ): Promise<EcsPauseProgress> {
    const { ecs, clock, hasWork } = this.#settings;
    const deployment = await readDeployment(ecs, before.serviceDeploymentArn, options);
    const now = clock.now();
    const { throttles: _, ...current } = before;
    const observed = observe(current, deployment, now);
    const events = [...started, ...observed.events];
    const { state } = observed;
    const decision = decidePause(state, deployment, { now, hasWork });
    switch (decision.type) {
      case 'wait':
        return this.#progress(state, events);
      case 'end':
        return this.#ended(state, decision.outcome, events);
      case 'halt':
        return this.#halted(state, decision.reason, events);
      case 'leave': {
        const { hook, stage } = decision;
        if (state.left.includes(hook.hookId)) return this.#progress(state, events);
        const left = { ...state, left: remember(state.left, hook.hookId) };
        const event = {
          type: 'pauseLeft',
          hookId: hook.hookId,
          ...(stage !== undefined && { stage }),
        } as const;
        return this.#progress(left, [...events, event]);
      }
      case 'work': {
        const work = { state, deployment, hook: decision.hook, stage: decision.stage };
        return this.#afterWork(await workOnPause(this.#settings, work, options), events);
      }
      case 'rollBackPause':
        return this.#endPause(state, decision.hookId, events, options);
      case 'stop':
        return this.#stop(state, events, options);
    }
  }

  #afterWork({ state, events: own, waitSeconds, isContinued }: StepResult, before: readonly NewPauseEvent[]) {
    const events = [...before, ...own];
    const isLast = isContinued === true && state.hookId !== undefined;
    return isLast ? this.#ended(state, 'succeeded', events) : this.#progress(state, events, waitSeconds);
  }

  async #endPause(
    state: EcsPauseState,
    hookId: string,
    events: readonly NewPauseEvent[],
    options: CallOptions,
  ): Promise<EcsPauseProgress> {
    const { ecs, clock } = this.#settings;
    const request = { arn: state.serviceDeploymentArn, hookId, action: 'ROLLBACK' } as const;
    const result = await this.#endOrStop(state, () => endPause(ecs, request, options), options);
    if (!result.isAccepted) return this.#reobserved(state, result.deployment, events);
    const { pause: _, ...rest } = state;
    const requested = { ...rest, ended: remember(state.ended, hookId), rollbackRequestedAt: clock.now() };
    return this.#requested(requested, [...events, { type: 'pauseEnded', hookId, action: 'ROLLBACK' }]);
  }

  /** Stops the deployment when the response to its pause can never be accepted, such as without the permission. */
  async #endOrStop(
    { serviceDeploymentArn }: EcsPauseState,
    end: () => Promise<ChangeResult>,
    options: CallOptions,
  ): Promise<ChangeResult> {
    try {
      return await end();
    } catch (error) {
      if (classifyFailure(error) !== 'final') throw error;
      return requestRollback(this.#settings.ecs, serviceDeploymentArn, options).catch(() => {
        throw error;
      });
    }
  }

  async #stop(
    state: EcsPauseState,
    events: readonly NewPauseEvent[],
    options: CallOptions,
  ): Promise<EcsPauseProgress> {
    const { ecs, clock } = this.#settings;
    const result = await requestRollback(ecs, state.serviceDeploymentArn, options);
    if (!result.isAccepted) return this.#reobserved(state, result.deployment, events);
    return this.#requested({ ...state, rollbackRequestedAt: clock.now() }, events);
  }

  #requested(state: EcsPauseState, events: readonly NewPauseEvent[]): EcsPauseProgress {
    return state.waitForRollback ? this.#progress(state, events) : this.#ended(state, 'rolledBack', events);
  }

  /** The next call decides from a fresh reading. */
  #reobserved(
    state: EcsPauseState,
    deployment: ObservedDeployment,
    events: readonly NewPauseEvent[],
  ): EcsPauseProgress {
    const observed = observe(state, deployment, this.#settings.clock.now());
    return this.#progress(observed.state, [...events, ...observed.events], 0);
  }

  #progress(
    state: EcsPauseState,
    events: readonly NewPauseEvent[],
    waitSeconds: number = this.#settings.intervalSeconds,
  ): EcsPauseProgress {
    return { state, waitSeconds, events: this.#emit(state, events) };
  }

  #ended(
    state: EcsPauseState,
    outcome: 'succeeded' | 'rolledBack',
    events: readonly NewPauseEvent[],
  ): EcsPauseProgress {
    const { pause: _, ...rest } = state;
    const end = { ...rest, outcome };
    const { rollbackReason: reason } = end;
    const event = { type: 'ended', outcome, ...(reason !== undefined && { reason }) } as const;
    return { state: end, waitSeconds: 0, events: this.#emit(end, [...events, event]), outcome };
  }

  #halted(state: EcsPauseState, why: string, events: readonly NewPauseEvent[]): EcsPauseProgress {
    const outcome = 'halted';
    const reason = truncateReason(why);
    const halted = { ...state, haltReason: reason };
    return {
      state: halted,
      waitSeconds: 0,
      events: this.#emit(halted, [...events, { type: 'ended', outcome, reason }]),
      outcome,
    };
  }

  #emit({ serviceDeploymentArn: arn }: EcsPauseState, events: readonly NewPauseEvent[]): EcsPauseEvent[] {
    const at = this.#settings.clock.now();
    for (const event of events) logPauseEvent(this.#settings.logger, resourceOf(arn), event);
    return events.map((event) => ({ at, ...event }));
  }
}
