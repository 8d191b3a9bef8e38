import { stepFunctionsDefinition, stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
import { type ShiftState, steps } from 'aws-blue-green-toolkit/traffic';
import { randomOf } from '../judge/random.js';
import { type ExecutionEnd, execute, type MachineState } from './execution.js';
import { type FleetSettings, FleetWorld } from './world.js';

/** Size and settings of a simulated fleet. */
export interface FleetPlan {
  readonly shifts: number;
  readonly settings: FleetSettings;
  /** Seconds within which all executions are started. */
  readonly startWithinSeconds: number;
  /**
   * Share of AWS's rates that the fleet may use.
   * @default 1
   */
  readonly rateShare?: number;
  /**
   * One shift in this many is bad: half of those from the first step on, the others from the second.
   * @default 100
   */
  readonly badOneIn?: number;
  /** Seed of the starts and of the jitter. */
  readonly seed: number;
  /** Receives the virtual seconds so far and the number of executions that have ended, once a virtual minute. */
  readonly onProgress?: (seconds: number, ended: number) => void;
}

/** Rollback of a bad release. All times are milliseconds since 1970. */
export interface BadRelease {
  /** Time at which CloudWatch shows the first minute in which its requests fail; undefined when it never had traffic. */
  knowableAt?: number;
  /** Time of the decision to roll back. */
  decidedAt?: number;
  /** Time at which the load balancer accepted the old weights. */
  writtenAt?: number;
}

/** Result of a simulated fleet. */
export interface FleetResult {
  readonly ends: Readonly<Record<ExecutionEnd, number>>;
  /** Good releases that did not succeed. */
  readonly goodButStopped: number;
  readonly calls: number;
  readonly throttled: Readonly<Record<'elasticloadbalancing' | 'cloudwatch', number>>;
  /** Tasks that failed and were retried by Step Functions. */
  readonly retries: number;
  readonly invocations: number;
  /** Functions that ran at the same time, at most. */
  readonly maxConcurrent: number;
  /** Seconds by which each accepted step forward was late. */
  readonly stepDelays: readonly number[];
  readonly bad: readonly BadRelease[];
  readonly virtualSeconds: number;
}

const holdSeconds = 300;

const strategy = steps([
  { percent: 10, holdSeconds },
  { percent: 50, holdSeconds },
  { percent: 100, holdSeconds },
]);

const metricMinutes = 120;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Observes one shift. */
class ShiftRecord {
  readonly bad: BadRelease | undefined;
  readonly stepDelays: number[] = [];
  readonly #world: FleetWorld;
  readonly #index: number;
  #dueAt: number;
  #step = -1;

  readonly #failsFromStep: number;

  constructor(
    world: FleetWorld,
    { index, startedAt, badOneIn }: { index: number; startedAt: number; badOneIn: number },
  ) {
    this.#world = world;
    this.#index = index;
    this.#dueAt = startedAt;
    // A fleet that is smaller has one, too.
    const period = Math.min(badOneIn, world.services.length);
    this.bad = index % period === Math.floor(period / 2) ? {} : undefined;
    this.#failsFromStep = Math.floor(index / period) % 2;
  }

  onState({ state }: MachineState): void {
    const now = this.#world.cloud.clock.now();
    if (state.phase === 'rollingBack' || state.phase === 'rolledBack') this.#onRollback(now);
    if (state.step > this.#step) this.#onStep(state);
  }

  #onRollback(now: number): void {
    if (this.bad !== undefined) this.bad.decidedAt ??= now;
  }

  #onStep({ step, verifiedAt }: ShiftState): void {
    this.#step = step;
    this.stepDelays.push((verifiedAt - this.#dueAt) / 1000);
    this.#dueAt = verifiedAt + holdSeconds * 1000;
    if (step === 0) this.#world.startRequests(this.#index, metricMinutes);
    if (this.bad === undefined || step !== this.#failsFromStep) return;
    this.#world.fail(this.#index, metricMinutes);
    this.bad.knowableAt = this.#world.knowableAt();
  }
}

/** Runs a fleet of canaries at once, each as its own execution, and waits for their ends. */
export async function simulateFleet({
  shifts,
  settings,
  startWithinSeconds,
  rateShare = 1,
  badOneIn = 100,
  seed,
  onProgress,
}: FleetPlan): Promise<FleetResult> {
  const world = new FleetWorld(shifts, rateShare);
  const { clock } = world.cloud;
  const random = randomOf(seed);
  const definition = stepFunctionsDefinition({
    functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:shift',
    functionTimeoutSeconds: 120,
  });
  const ends = { succeeded: 0, rolledBack: 0, halted: 0, notBegun: 0 };
  const count = { retries: 0, invocations: 0, ended: 0, goodButStopped: 0, running: 0, maxConcurrent: 0 };
  const from = clock.now();
  const stopProgress = clock.every(60, () => onProgress?.((clock.now() - from) / 1000, count.ended));
  const records = await Promise.all(
    world.services.map(async (_, index) => {
      await clock.sleep(random.uniform() * startWithinSeconds * 1000);
      const record = new ShiftRecord(world, { index, startedAt: clock.now(), badOneIn });
      const shifter = world.makeShifter(index, settings);
      const handler = stepFunctionsHandler(() => shifter, { clock, logger: silent });
      const end = await execute(
        { request: { incoming: 'green', strategy } },
        {
          definition,
          clock,
          handler: async (event, context) => {
            count.invocations += 1;
            count.running += 1;
            count.maxConcurrent = Math.max(count.maxConcurrent, count.running);
            try {
              return await handler(event, context);
            } finally {
              count.running -= 1;
            }
          },
          random: () => random.uniform(),
          onState: (state) => record.onState(state),
          onRetry: () => {
            count.retries += 1;
          },
        },
      );
      ends[end] += 1;
      count.ended += 1;
      if (record.bad === undefined && end !== 'succeeded') count.goodButStopped += 1;
      return record;
    }),
  );
  stopProgress();
  for (const [index, { bad }] of records.entries()) addWrite(bad, world, index);
  const throttledOf = (service: string) =>
    world.cloud.calls.filter(
      ({ action, outcome }) => action.startsWith(service) && outcome.startsWith('Throttling'),
    ).length;
  return {
    ends,
    goodButStopped: count.goodButStopped,
    retries: count.retries,
    invocations: count.invocations,
    maxConcurrent: count.maxConcurrent,
    calls: world.cloud.calls.filter(({ outcome }) => outcome === 'ok').length,
    throttled: {
      elasticloadbalancing: throttledOf('elasticloadbalancing'),
      cloudwatch: throttledOf('cloudwatch'),
    },
    stepDelays: records.flatMap(({ stepDelays }) => stepDelays),
    bad: records.flatMap(({ bad }) => bad ?? []),
    virtualSeconds: (clock.now() - from) / 1000,
  };
}

/** Finds the write that took a bad release's traffic away. */
function addWrite(bad: BadRelease | undefined, { cloud, services }: FleetWorld, index: number): void {
  const { knowableAt, decidedAt } = bad ?? {};
  if (bad === undefined || knowableAt === undefined || decidedAt === undefined) return;
  const ruleArn = services[index]?.ruleArn;
  const writes = cloud.calls.filter(
    ({ action, outcome, input }) =>
      action === 'elasticloadbalancing:ModifyRule' &&
      outcome === 'ok' &&
      (input as { RuleArn?: string }).RuleArn === ruleArn,
  );
  const last = writes.at(-1);
  if (last !== undefined && last.at >= knowableAt - 120_000) bad.writtenAt = last.at;
}
