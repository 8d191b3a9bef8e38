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
import { checkIntervalSeconds, highestErrorPercent, makeShifter } from './shifter.js';
import { makeWorld, type Release, type World } from './world.js';

/** What the demo can show. */
export const canaryScenarios = ['canary', 'bad-canary', 'drift'] as const;

/** One of the {@link canaryScenarios}. */
export type CanaryScenario = (typeof canaryScenarios)[number];

/** What a run of the demo came to; every `at` is virtual time, ISO 8601. */
export interface CanaryDocument {
  readonly outcome: ShiftResult['outcome'];
  /** Why it was rolled back or halted. */
  readonly reason?: string;
  readonly strategy: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** The weights in force at the load balancer, in percent, whenever they changed. */
  readonly weights: readonly WeightsAt[];
  /** What the check judged: the share of green's requests that were answered with a 5xx, and its bound, in percent. */
  readonly metric: readonly MetricAt[];
  /** What the shifter did and saw. */
  readonly events: readonly EventAt[];
  readonly requests: StackPair<RequestCount> & {
    readonly failedTotal: number;
    /** Requests that fail in the same time when the same release gets all the traffic at once, under the same check. */
    readonly wouldHaveFailedAllAtOnce: number;
  };
  /** Calls of the shifter and its check, from the beginning of the shift to its end. */
  readonly awsCalls: number;
  readonly awsCallsByAction: Readonly<Record<string, number>>;
  readonly rollback?: Rollback;
}

/** The weights in force since a time. */
export interface WeightsAt extends TrafficWeights {
  readonly at: string;
}

/** A value that a check judged. */
export interface MetricAt {
  readonly at: string;
  readonly value: number;
  readonly bound: number;
}

/** A {@link ShiftEvent} with its time in words. */
export type EventAt = DistributiveOmit<ShiftEvent, 'at'> & { readonly at: string };

type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never;

/** How fast the rollback was. */
export interface Rollback {
  /** When CloudWatch got the first data points above the bound. */
  readonly firstFailingDataPointAt: string;
  /** When the weights of the beginning were read back. */
  readonly verifiedAt: string;
  readonly seconds: number;
  /** What it may take at most, besides the calls themselves. */
  readonly checkIntervalSeconds: number;
}

/** What a view shows, every few virtual seconds. */
export interface Frame {
  readonly at: number;
  readonly startedAt: number;
  readonly weights: TrafficWeights;
  readonly metric: { readonly value: number; readonly bound: number } | undefined;
  readonly requests: StackPair<RequestCount>;
  /** Where the state machine is, when one drives the shift. */
  readonly state?: string;
}

/** Hears of a shift while it goes on. */
export interface ShiftListener {
  event(event: ShiftEvent, startedAt: number): void;
  frame(frame: Frame): void | Promise<void>;
}

/** Not whole minutes: deployments do not wait for CloudWatch. */
const everydaySeconds = 140;
const frameSeconds = 5;

const strategy = steps(
  [5, 10, 25, 50, 100].map((percent) => ({ percent, holdSeconds: 180 })),
  { name: '5, 10, 25, 50, 100 %, 3 minutes each' },
);

/** Moves the traffic of a simulated ALB in steps, while users send requests the whole time. */
export async function runCanary({
  scenario,
  listener,
  failsAfterSeconds,
}: {
  readonly scenario: CanaryScenario;
  readonly listener?: ShiftListener;
  /** From which second of the demo on a bad canary fails, where that is not by the requests that it has answered. */
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

/** A colleague who pulls the rule to half and half, by hand, during the second step. */
function interfere({ cloud, setWeightsByHand }: World): void {
  cloud.clock.schedule(everydaySeconds + 270, () => setWeightsByHand({ blue: 50, green: 50 }));
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
    // A view may let real time pass; virtual time stands still meanwhile.
    clock.busy(async () => {
      const { requests } = traffic;
      await listener?.frame({ at: clock.now(), startedAt, weights: weightsInForce(), metric, requests });
    }),
  );

  await clock.sleep(everydaySeconds * 1000); // everyday life before the shift
  const callsBefore = cloud.calls.length;
  const result = await makeShifter(world.settings, cloud).shiftTo('green', plan, {
    onEvent: (event) => {
      metric = metricOf(event)[0] ?? metric;
      listener?.event(event, startedAt);
    },
  });
  const actions = cloud.calls.slice(callsBefore).map(({ action }) => action);
  await clock.sleep(everydaySeconds * 1000); // everyday life after it
  stopRecording();
  stopFrames();
  return { result, weights, actions, startedAt, endedAt: clock.now() };
}

/** The same release, all at once, under the same check, watched for the same time. */
async function failuresAllAtOnce(release: Release, milliseconds: number): Promise<number> {
  const world = makeWorld(release);
  const { startedAt, endedAt } = await shift(world, allAtOnce({ bakeSeconds: 180 }));
  await world.cloud.clock.sleep(milliseconds - (endedAt - startedAt));
  const { blue, green } = world.traffic.requests;
  return blue.failed + green.failed;
}

/** What a check judged in an event, if it did. */
export function metricOf(event: ShiftEvent): MetricAt[] {
  if (event.type !== 'checkEvaluated' || !('value' in event.result) || event.result.value === undefined)
    return [];
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

/** How often each name comes. */
export function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** A virtual time in words. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}
