import type { StackPair } from 'aws-blue-green-toolkit/core';
import type { RequestCount, TrafficMinute } from 'aws-blue-green-toolkit/testing';
import {
  allAtOnce,
  type ShiftEvent,
  type ShiftResult,
  type ShiftStrategy,
  steps,
  type TrafficWeights,
} from 'aws-blue-green-toolkit/traffic';
import { checkIntervalSeconds, highestErrorPercent, limitName, makeShifter } from './shifter.js';
import { makeWorld, type Release, type World } from './world.js';

/** Scenarios of the demo. */
export const canaryScenarios = ['canary', 'bad-canary', 'drift'] as const;

/** One of the {@link canaryScenarios}. */
export type CanaryScenario = (typeof canaryScenarios)[number];

/** Result of a run of the demo. Every `at` is virtual time in ISO 8601. */
export interface CanaryDocument {
  readonly outcome: ShiftResult['outcome'];
  /** Reason of the rollback or the halt. */
  readonly reason?: string;
  readonly strategy: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Weights in effect at the load balancer after each change, in percent. */
  readonly weights: readonly WeightsAt[];
  /** Readings of the check: the share of green's requests with a 5xx response, and its bound, in percent. */
  readonly metric: readonly MetricAt[];
  /** Events of the shift. */
  readonly events: readonly EventAt[];
  readonly requests: StackPair<RequestCount> & {
    readonly failedTotal: number;
    /** Requests that fail in the same time when the same release gets all the traffic at once, with the same check. */
    readonly wouldHaveFailedAllAtOnce: number;
  };
  /** Calls of the shifter and its check, from the beginning of the shift to its end. */
  readonly awsCalls: number;
  readonly awsCallsByAction: Readonly<Record<string, number>>;
  readonly rollback?: Rollback;
}

/** Weights in effect since a time. */
export interface WeightsAt extends TrafficWeights {
  readonly at: string;
}

/** Reading of a check. */
export interface MetricAt {
  readonly at: string;
  readonly value: number;
  readonly bound: number;
}

/** A {@link ShiftEvent} with its time in words. */
export type EventAt = DistributiveOmit<ShiftEvent, 'at'> & { readonly at: string };

type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never;

/** Duration of the rollback. */
export interface Rollback {
  /** Time at which CloudWatch had the first data points above the bound. */
  readonly firstFailingDataPointAt: string;
  /** Time at which the initial weights were read back. */
  readonly verifiedAt: string;
  readonly seconds: number;
  /** Maximum seconds of a rollback, apart from the calls. */
  readonly checkIntervalSeconds: number;
}

/** State of the demo for a view, every few virtual seconds. */
export interface Frame {
  readonly at: number;
  readonly startedAt: number;
  readonly weights: TrafficWeights;
  readonly metric: { readonly value: number; readonly bound: number } | undefined;
  readonly requests: StackPair<RequestCount>;
  /** Current state of the state machine, if one drives the shift. */
  readonly state?: string;
}

/** Listener for a running shift. */
export interface ShiftListener {
  event(event: ShiftEvent, startedAt: number): void;
  frame(frame: Frame): void | Promise<void>;
}

/** Seconds of steady traffic before and after the shift. Not whole minutes, because deployments do not wait for CloudWatch. */
const steadySeconds = 140;
const frameSeconds = 5;

const strategy = steps(
  [5, 10, 25, 50, 100].map((percent) => ({ percent, holdSeconds: 180 })),
  { name: '5, 10, 25, 50, 100 %, 3 minutes each' },
);

/** Shifts the traffic of a simulated ALB in steps while users send requests. */
export async function runCanary({
  scenario,
  listener,
  failsAfterSeconds,
}: {
  readonly scenario: CanaryScenario;
  readonly listener?: ShiftListener;
  /** Second of the demo from which a bad canary fails, instead of after a number of requests. */
  readonly failsAfterSeconds?: number;
}): Promise<CanaryDocument> {
  const release = { greenIsBad: scenario === 'bad-canary', failsAfterSeconds };
  const world = makeWorld(release);
  if (scenario === 'drift') interfere(world);
  const run = await shift(world, strategy, listener);
  const { result, startedAt, endedAt } = run;
  const { requests, minutes } = world.traffic;
  const rollback = measureRollback(result.history, minutes);
  const failedTotal = requests.blue.failed + requests.green.failed;
  return {
    outcome: result.outcome,
    ...(result.reason !== undefined && { reason: result.reason }),
    strategy: strategy.name,
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    weights: run.weights.map(({ at, blue, green }) => ({ at: iso(at), blue, green })),
    metric: result.history.flatMap(metricOf),
    events: result.history.map((event) => ({ ...event, at: iso(event.at) })),
    requests: {
      ...requests,
      failedTotal,
      wouldHaveFailedAllAtOnce: await failuresAllAtOnce(release, endedAt - startedAt),
    },
    awsCalls: run.actions.length,
    awsCallsByAction: countEach(run.actions),
    ...(rollback && { rollback }),
  };
}

/** Changes the weights to 50/50 from outside during the second step. */
function interfere({ cloud, setWeightsByHand }: World): void {
  cloud.clock.schedule(steadySeconds + 270, () => setWeightsByHand({ blue: 50, green: 50 }));
}

async function shift(world: World, plan: ShiftStrategy, listener?: ShiftListener) {
  const { cloud, traffic, weightsInForce } = world;
  const { clock } = cloud;
  const startedAt = clock.now();
  const weights = [{ at: startedAt, ...weightsInForce() }];
  let metric: Frame['metric'];
  const stopRecording = clock.every(1, () => {
    const { blue, green } = weightsInForce();
    if (weights.at(-1)?.green !== green) weights.push({ at: clock.now(), blue, green });
  });
  const stopFrames = clock.every(frameSeconds, () =>
    // Virtual time stands still while a view waits in real time.
    clock.busy(async () => {
      const { requests } = traffic;
      await listener?.frame({ at: clock.now(), startedAt, weights: weightsInForce(), metric, requests });
    }),
  );

  await clock.sleep(steadySeconds * 1000); // steady traffic before the shift
  const callsBefore = cloud.calls.length;
  const result = await makeShifter(world.settings, cloud).shiftTo('green', plan, {
    onEvent: (event) => {
      metric = metricOf(event)[0] ?? metric;
      listener?.event(event, startedAt);
    },
  });
  const actions = cloud.calls.slice(callsBefore).map(({ action }) => action);
  await clock.sleep(steadySeconds * 1000); // steady traffic after it
  stopRecording();
  stopFrames();
  return { result, weights, actions, startedAt, endedAt: clock.now() };
}

/** Counts the failed requests of the same release, all at once, with the same check, in the same time. */
async function failuresAllAtOnce(release: Release, milliseconds: number): Promise<number> {
  const world = makeWorld(release);
  const { startedAt, endedAt } = await shift(world, allAtOnce({ bakeSeconds: 180 }));
  await world.cloud.clock.sleep(milliseconds - (endedAt - startedAt));
  const { blue, green } = world.traffic.requests;
  return blue.failed + green.failed;
}

/** Returns the reading of the check in an event, if it has one. */
export function metricOf(event: ShiftEvent): MetricAt[] {
  if (event.type !== 'checkEvaluated' || event.check !== limitName) return [];
  if (!('value' in event.result) || event.result.value === undefined) return [];
  return [{ at: iso(event.at), value: event.result.value, bound: highestErrorPercent }];
}

function measureRollback(
  history: readonly ShiftEvent[],
  minutes: readonly TrafficMinute[],
): Rollback | undefined {
  const rolledBack = history.find(({ type }) => type === 'rolledBack');
  const failing = minutes.find(
    ({ requests: { green } }) => green.failed * 100 > green.served * highestErrorPercent,
  );
  if (rolledBack === undefined || failing === undefined) return undefined;
  return {
    firstFailingDataPointAt: iso(failing.reportedAt),
    verifiedAt: iso(rolledBack.at),
    seconds: (rolledBack.at - failing.reportedAt) / 1000,
    checkIntervalSeconds,
  };
}

/** Counts each name. */
export function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Formats a time in ISO 8601. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}
