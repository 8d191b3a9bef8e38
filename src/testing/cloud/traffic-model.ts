import * as v from 'valibot';
import { functionOf, nonEmptyString, stackPair, strictObject } from '../../core/schemas.js';
import type { StackPair, StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SimulatedCloudWatch } from '../services/cloudwatch/simulated-cloudwatch.js';
import type { SimulatedElasticLoadBalancing } from '../services/elastic-load-balancing/simulated-elastic-load-balancing.js';
import { StickySessions, split } from './sticky-sessions.js';
import type { VirtualClock } from './virtual-clock.js';

/** Elastic Load Balancing sends the metrics of each minute to CloudWatch after the minute. */
const reportSeconds = 60;

/** Conditions under which a stack serves a request. */
export interface TrafficSituation {
  /** The virtual time: milliseconds since 1970. */
  readonly at: number;
  /** The stack's own share of the requests, in percent. */
  readonly sharePercent: number;
  /** Requests that the stack has served before, for errors that grow or warm-up that ends with them. */
  readonly served: number;
}

/** Behaviour of one stack. */
export interface SimulatedStackBehavior {
  /**
   * The target group of the stack, by which its weight is read and its metrics are named. Required when `through` is an ARN.
   * @default none; only when `through` is a function, and CloudWatch gets no data of the stack
   */
  readonly targetGroupArn?: string;
  /**
   * Share of requests with a 5xx response: 0 to 1.
   * @default 0
   */
  readonly errorRate?: number | ((situation: TrafficSituation) => number);
  /**
   * Response time in seconds.
   * @default 0.05
   */
  readonly latencySeconds?: number | ((situation: TrafficSituation) => number);
}

/** The requests that users send, and the behavior of the stacks that serve them. */
export interface SimulatedTrafficOptions {
  /**
   * The rule or listener that the requests go through: the ARN of a listener rule or of a listener (its default action) of
   * this cloud's load balancers, or a function that returns the weights in effect, on any scale. With group stickiness in
   * the action, clients keep their target group until their cookie ends or the group leaves the action.
   */
  readonly through: string | (() => StackPair<number>);
  /** Requests per virtual second to both stacks together; fractions add up. */
  readonly requestsPerSecond: number;
  /** Both stacks. */
  readonly stacks: StackPair<SimulatedStackBehavior>;
  /**
   * The ARN of the load balancer of the metrics.
   * @default the one that the rule or listener belongs to; with a function none, and CloudWatch gets no data
   */
  readonly loadBalancerArn?: string;
  /**
   * Virtual seconds from the end of a minute until CloudWatch shows its data points. AWS takes one to several minutes.
   * @default 60
   */
  readonly metricDelaySeconds?: number;
  /**
   * Virtual seconds for which a client sends requests before a new one, without a cookie, takes its place. Matters with
   * group stickiness only; `Infinity` keeps the same clients for ever.
   * @default 1800
   */
  readonly sessionSeconds?: number;
}

/** The requests of one stack. */
export interface RequestCount {
  /** Requests that the stack served, including those that failed. */
  readonly served: number;
  /** Requests of these with a 5xx response. */
  readonly failed: number;
}

/** One minute of traffic, as reported to CloudWatch. */
export interface TrafficMinute {
  /** Start of the minute, and the time of its data points: milliseconds since 1970. */
  readonly from: number;
  /** The time at which CloudWatch shows the data points: milliseconds since 1970. */
  readonly reportedAt: number;
  /** The minute's requests. */
  readonly requests: StackPair<RequestCount>;
}

/** Dependencies of the model. */
interface TrafficDependencies {
  readonly clock: VirtualClock;
  readonly cloudWatch: SimulatedCloudWatch;
  readonly elasticLoadBalancing: SimulatedElasticLoadBalancing;
}

const share = numberThat((value) => value >= 0 && value <= 1, '0 to 1');
const amount = numberThat(isAmount, '0 or more');
const optionsSchema = strictObject({
  through: v.union([nonEmptyString, functionOf()]),
  requestsPerSecond: amount,
  stacks: strictObject(
    stackPair(
      strictObject({
        targetGroupArn: v.optional(nonEmptyString),
        errorRate: v.optional(v.union([share, functionOf()])),
        latencySeconds: v.optional(v.union([amount, functionOf()])),
      }),
    ),
  ),
  loadBalancerArn: v.optional(nonEmptyString),
  metricDelaySeconds: v.optional(amount),
  sessionSeconds: v.optional(numberThat((value) => value >= 1, '1 or more')),
});

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value);
}

function numberThat(isValid: (value: number) => boolean, expected: string) {
  return v.pipe(v.number(), v.check(isValid, expected));
}

interface Tally {
  served: number;
  failed: number;
  secondsOfLatency: number;
}

const stackNames = ['blue', 'green'] as const satisfies readonly StackReference[];

/**
 * Steady user traffic. Every virtual second the weights in effect split the requests between the stacks. Nothing is random;
 * fractions of requests are carried over. After each minute its metrics in `AWS/ApplicationELB` are sent to CloudWatch, as Elastic
 * Load Balancing does: `RequestCount`, `HTTPCode_Target_5XX_Count` (only when there are any) and `TargetResponseTime` (the mean, as
 * a single value). CloudWatch shows them `metricDelaySeconds` later.
 *
 * @example
 * ```ts
 * import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
 *
 * const cloud = new SimulatedCloud();
 * const traffic = cloud.addTraffic({
 *   through: () => ({ blue: 90, green: 10 }),
 *   requestsPerSecond: 20,
 *   stacks: { blue: { errorRate: 0.001 }, green: { errorRate: 0.25 } },
 * });
 *
 * await cloud.clock.sleep(60_000);
 * console.log(traffic.requests.green); // { served: 120, failed: 30 }
 * ```
 */
export class TrafficModel {
  readonly #options: SimulatedTrafficOptions;
  readonly #clock: VirtualClock;
  readonly #cloudWatch: SimulatedCloudWatch;
  readonly #sharesNow: () => StackPair<number>;
  readonly #metricDelaySeconds: number;
  readonly #loadBalancerArn: string | undefined;
  readonly #carried = { requests: { blue: 0, green: 0 }, failures: { blue: 0, green: 0 } };
  readonly #total = { blue: newTally(), green: newTally() };
  readonly #minutes: TrafficMinute[] = [];
  readonly #cancel: () => void;
  #countedUntil: number;
  #isStopped = false;
  #minute = { blue: newTally(), green: newTally() };

  /** @internal */
  constructor(options: SimulatedTrafficOptions, dependencies: TrafficDependencies) {
    parseInput('traffic', optionsSchema, options);
    this.#options = options;
    this.#clock = dependencies.clock;
    this.#cloudWatch = dependencies.cloudWatch;
    this.#sharesNow = sharesOf(options, dependencies, () => this.#countedUntil);
    this.#metricDelaySeconds = options.metricDelaySeconds ?? 60;
    this.#loadBalancerArn = loadBalancerOf(options, dependencies);
    this.#countedUntil = dependencies.clock.now();
    this.#cancel = dependencies.clock.every(1, () => this.#catchUp());
  }

  /** All requests so far. */
  get requests(): StackPair<RequestCount> {
    this.#catchUp();
    return { blue: countOf(this.#total.blue), green: countOf(this.#total.green) };
  }

  /** The minutes that are over, oldest first. */
  get minutes(): readonly TrafficMinute[] {
    return this.#minutes;
  }

  /** Ends the traffic and reports the unfinished minute. */
  stop(): void {
    this.#catchUp();
    this.#cancel();
    this.#isStopped = true;
    const { blue, green } = this.#minute;
    if (blue.served + green.served > 0) this.#report(this.#countedUntil);
  }

  /** Counts the requests until now: the clock may wake a reader before the model at the same time. */
  #catchUp(): void {
    while (!this.#isStopped && this.#countedUntil + 1000 <= this.#clock.now()) {
      this.#countedUntil += 1000;
      this.#second(this.#countedUntil);
    }
  }

  /** Counts the requests of the second that ends now. */
  #second(now: number): void {
    const shares = this.#sharesNow();
    for (const stack of stackNames) this.#respond(stack, shares[stack], now);
    // The first second that ends in a new minute is the last one of the minute before.
    if (now % (reportSeconds * 1000) < 1000) this.#report(now);
  }

  #respond(stack: StackReference, share: number, at: number): void {
    const { errorRate = 0, latencySeconds = 0.05 } = this.#options.stacks[stack];
    const situation = { at, sharePercent: share * 100, served: this.#total[stack].served };
    const { requests, failures } = this.#carried;
    const served = take(requests, stack, this.#options.requestsPerSecond * share);
    const failed = take(failures, stack, served * Math.min(1, valueIn(errorRate, situation, 'errorRate')));
    const latency = served * valueIn(latencySeconds, situation, 'latencySeconds');
    for (const tally of [this.#total[stack], this.#minute[stack]]) {
      tally.served += served;
      tally.failed += failed;
      tally.secondsOfLatency += latency;
    }
  }

  #report(now: number): void {
    const minute = this.#minute;
    this.#minute = { blue: newTally(), green: newTally() };
    const lastSecond = now - 1000;
    const from = lastSecond - (lastSecond % (reportSeconds * 1000));
    const reportedAt = this.#clock.now() + this.#metricDelaySeconds * 1000;
    for (const stack of stackNames) this.#putMetrics(stack, minute[stack], { from, reportedAt });
    const requests = { blue: countOf(minute.blue), green: countOf(minute.green) };
    this.#minutes.push({ from, reportedAt, requests });
  }

  #putMetrics(
    stack: StackReference,
    tally: Tally,
    { from, reportedAt }: Pick<TrafficMinute, 'from' | 'reportedAt'>,
  ): void {
    const { targetGroupArn } = this.#options.stacks[stack];
    const loadBalancerArn = this.#loadBalancerArn;
    if (targetGroupArn === undefined || loadBalancerArn === undefined) return;
    const dimensions = {
      TargetGroup: lastPartOf(targetGroupArn),
      LoadBalancer: lastPartOf(loadBalancerArn).replace(/^loadbalancer\//, ''),
    };
    const put = (metricName: string, value: number) =>
      this.#cloudWatch.addDataPoint({
        namespace: 'AWS/ApplicationELB',
        metricName,
        dimensions,
        at: new Date(from),
        visibleAt: new Date(reportedAt),
        value,
      });
    put('RequestCount', tally.served);
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html:
    // these are reported when there is a value that is not zero.
    if (tally.failed > 0) put('HTTPCode_Target_5XX_Count', tally.failed);
    if (tally.served > 0) put('TargetResponseTime', tally.secondsOfLatency / tally.served);
  }
}

/** Returns the shares of one second's requests: by the weights, and by the clients' cookies where there are any. */
function sharesOf(
  { through, stacks, sessionSeconds = 1800 }: SimulatedTrafficOptions,
  { elasticLoadBalancing }: TrafficDependencies,
  now: () => number,
): () => StackPair<number> {
  if (typeof through === 'function') return () => split(weightsOf(through));
  const groups = stackNames.map((stack) => {
    const { targetGroupArn } = stacks[stack];
    if (targetGroupArn !== undefined) return targetGroupArn;
    throw new TypeError(
      `Invalid traffic through ${through}: expected stacks.${stack}.targetGroupArn, got none`,
    );
  });
  const sessions = new StickySessions(sessionSeconds);
  return () => {
    const inEffect = elasticLoadBalancing.weightsInForce(through);
    const [blue, green] = groups.map((arn) => inEffect[arn]);
    const weights = { blue, green };
    const stickinessSeconds = elasticLoadBalancing.stickinessInEffect(through);
    if (stickinessSeconds !== undefined) return sessions.nextSecond(now(), { weights, stickinessSeconds });
    sessions.clear();
    return split(weights);
  };
}

function loadBalancerOf(
  { through, loadBalancerArn }: SimulatedTrafficOptions,
  { elasticLoadBalancing }: TrafficDependencies,
): string | undefined {
  if (loadBalancerArn !== undefined || typeof through === 'function') return loadBalancerArn;
  return elasticLoadBalancing.loadBalancerOf(through).arn;
}

function newTally(): Tally {
  return { served: 0, failed: 0, secondsOfLatency: 0 };
}

function countOf({ served, failed }: Tally): RequestCount {
  return { served, failed };
}

/** Adds to the carried fractions and removes the whole requests. Sums of fractions fall slightly short of whole numbers. */
function take(carried: Record<StackReference, number>, stack: StackReference, more: number): number {
  const sum = carried[stack] + more;
  const whole = Math.floor(sum + 1e-9);
  carried[stack] = sum - whole;
  return whole;
}

/** @throws InvalidInputError when the function of a test returns anything but a number: its errors would be no errors. */
function valueIn(
  value: number | ((situation: TrafficSituation) => number),
  situation: TrafficSituation,
  field: string,
): number {
  if (typeof value === 'number') return value;
  const result = value(situation);
  return isAmount(result) ? result : parseInput(`traffic: result of ${field}`, amount, result);
}

/** @throws InvalidInputError when the function of a test returns anything but weights: there would be no traffic. */
function weightsOf(through: () => StackPair<number>): StackPair<number> {
  const weights = through();
  if (isAmount(weights?.blue) && isAmount(weights.green)) return weights;
  return parseInput('traffic: result of through', v.object(stackPair(amount)), weights);
}

/** The part of an ARN after the last colon. */
function lastPartOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
