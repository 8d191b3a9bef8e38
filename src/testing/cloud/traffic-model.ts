import type { StackPair, StackReference } from '../../core/stack-reference.js';
import type { SimulatedCloudWatch } from '../services/cloudwatch/simulated-cloudwatch.js';
import type { SimulatedElasticLoadBalancing } from '../services/elastic-load-balancing/simulated-elastic-load-balancing.js';
import { StickySessions, split } from './sticky-sessions.js';
import type { VirtualClock } from './virtual-clock.js';

/** Elastic Load Balancing reports each minute to CloudWatch when the minute is over. */
const reportSeconds = 60;

/** The situation that a stack answers in. */
export interface TrafficSituation {
  /** The virtual time: milliseconds since 1970. */
  readonly at: number;
  /** The stack's own share of the requests, in percent. */
  readonly sharePercent: number;
  /** Requests that the stack has answered before: what leaks, or warms up, does so with them. */
  readonly answered: number;
}

/** Behaviour of one stack. */
export interface SimulatedStackBehavior {
  /** The target group that the stack's metrics are kept for; without it CloudWatch gets no data of the stack. */
  readonly targetGroupArn?: string;
  /**
   * The share of requests that are answered with a 5xx: 0 to 1.
   * @default 0
   */
  readonly errorRate?: number | ((situation: TrafficSituation) => number);
  /**
   * Seconds until a request is answered.
   * @default 0.05
   */
  readonly latencySeconds?: number | ((situation: TrafficSituation) => number);
}

/** The requests that users send, and how the stacks answer them. */
export interface SimulatedTrafficOptions {
  /**
   * The rule or listener that the requests go through: the ARN of a listener rule or of a listener (its default action) of this
   * cloud's load balancers, or a function that returns the weights in effect, on any scale. With group stickiness in the
   * action, clients keep their target group until their cookie ends or the group leaves the action.
   */
  readonly through: string | (() => StackPair<number>);
  /** Requests per virtual second, of both stacks together; fractions add up. */
  readonly requestsPerSecond: number;
  /** Both stacks. */
  readonly stacks: StackPair<SimulatedStackBehavior>;
  /**
   * The ARN of the load balancer that the metrics are kept for.
   * @default the one that the rule or listener belongs to; with a function none, and CloudWatch gets no data
   */
  readonly loadBalancerArn?: string;
  /**
   * Virtual seconds from the end of a minute until CloudWatch shows its data points. AWS takes one to several minutes.
   * @default 60
   */
  readonly metricDelaySeconds?: number;
  /**
   * Virtual seconds for which a client sends requests before a new one, without a cookie, takes its place. Matters with group
   * stickiness only; `Infinity` keeps the same clients for ever.
   * @default 1800
   */
  readonly sessionSeconds?: number;
}

/** The requests of one stack. */
export interface RequestCount {
  /** Requests that the stack answered, those that failed included. */
  readonly served: number;
  /** Those of them that were answered with a 5xx. */
  readonly failed: number;
}

/** One minute of traffic, as reported to CloudWatch. */
export interface TrafficMinute {
  /** The beginning of the minute: milliseconds since 1970. The minute's data points bear this time. */
  readonly from: number;
  /** The time at which CloudWatch shows the data points: milliseconds since 1970. */
  readonly reportedAt: number;
  /** The minute's requests. */
  readonly requests: StackPair<RequestCount>;
}

/** Services that the model works with. */
interface TrafficSurroundings {
  readonly clock: VirtualClock;
  readonly cloudWatch: SimulatedCloudWatch;
  readonly elasticLoadBalancing: SimulatedElasticLoadBalancing;
}

interface Tally {
  served: number;
  failed: number;
  secondsOfLatency: number;
}

const references = ['blue', 'green'] as const satisfies readonly StackReference[];

/**
 * Users who send requests all the time. Every virtual second the requests are split by the weights that are in effect, and
 * each stack answers its own; nothing is random, fractions of requests are carried over. When a minute is over, it is
 * reported to CloudWatch as by Elastic Load Balancing, which shows it `metricDelaySeconds` later: `RequestCount`,
 * `HTTPCode_Target_5XX_Count` (only when there are any) and `TargetResponseTime` (the mean, as a single value) in
 * `AWS/ApplicationELB`.
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
  constructor(options: SimulatedTrafficOptions, dependencies: TrafficSurroundings) {
    requireSensible(options);
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

  /** Ends the requests; the last minute is reported as far as it went. */
  stop(): void {
    this.#catchUp();
    this.#cancel();
    this.#isStopped = true;
    const { blue, green } = this.#minute;
    if (blue.served + green.served > 0) this.#report(this.#countedUntil);
  }

  /** The clock may wake a reader before it wakes the model at the very same time. */
  #catchUp(): void {
    while (!this.#isStopped && this.#countedUntil + 1000 <= this.#clock.now()) {
      this.#countedUntil += 1000;
      this.#second(this.#countedUntil);
    }
  }

  /** The second that ends now. */
  #second(now: number): void {
    const shares = this.#sharesNow();
    for (const stack of references) this.#answer(stack, shares[stack], now);
    // The first second that ends in a new minute is the last one of the minute before.
    if (now % (reportSeconds * 1000) < 1000) this.#report(now);
  }

  #answer(stack: StackReference, share: number, at: number): void {
    const { errorRate = 0, latencySeconds = 0.05 } = this.#options.stacks[stack];
    const situation = { at, sharePercent: share * 100, answered: this.#total[stack].served };
    const { requests, failures } = this.#carried;
    const served = take(requests, stack, this.#options.requestsPerSecond * share);
    const failed = take(failures, stack, served * Math.min(1, valueIn(errorRate, situation)));
    const latency = served * valueIn(latencySeconds, situation);
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
    for (const stack of references) this.#putMetrics(stack, minute[stack], { from, reportedAt });
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

/** The shares of the requests of one second: by the weights, and by the clients' cookies where there are any. */
function sharesOf(
  { through, stacks, sessionSeconds = 1800 }: SimulatedTrafficOptions,
  { elasticLoadBalancing }: TrafficSurroundings,
  now: () => number,
): () => StackPair<number> {
  if (typeof through === 'function') return () => split(through());
  const groups = references.map((stack) => {
    const { targetGroupArn } = stacks[stack];
    if (targetGroupArn !== undefined) return targetGroupArn;
    throw new TypeError(`The stack ${stack} needs a targetGroupArn when the traffic goes through ${through}`);
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
  { elasticLoadBalancing }: TrafficSurroundings,
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

/** Adds to what is carried over and takes the whole ones out; sums of fractions fall a little short of whole numbers. */
function take(carried: Record<StackReference, number>, stack: StackReference, more: number): number {
  const sum = carried[stack] + more;
  const whole = Math.floor(sum + 1e-9);
  carried[stack] = sum - whole;
  return whole;
}

function valueIn(
  value: number | ((situation: TrafficSituation) => number),
  situation: TrafficSituation,
): number {
  return typeof value === 'number' ? value : value(situation);
}

/** The part of an ARN after the last colon. */
function lastPartOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function requireSensible(options: SimulatedTrafficOptions): void {
  const { requestsPerSecond, stacks, metricDelaySeconds = 0, sessionSeconds = 1 } = options;
  if (!(metricDelaySeconds >= 0 && Number.isFinite(metricDelaySeconds)))
    throw new TypeError(`metricDelaySeconds has to be 0 or more, not ${metricDelaySeconds}`);
  if (!(sessionSeconds >= 1))
    throw new TypeError(`sessionSeconds has to be 1 or more, not ${sessionSeconds}`);
  if (!(requestsPerSecond >= 0 && Number.isFinite(requestsPerSecond)))
    throw new TypeError(`requestsPerSecond has to be 0 or more, not ${requestsPerSecond}`);
  for (const stack of references) {
    const { errorRate } = stacks[stack];
    if (typeof errorRate === 'number' && !(errorRate >= 0 && errorRate <= 1))
      throw new TypeError(`The errorRate of ${stack} has to be 0 to 1, not ${errorRate}`);
  }
}
