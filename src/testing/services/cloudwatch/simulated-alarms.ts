import type { AlarmType, ComparisonOperator, MetricDataQuery, StateValue } from '@aws-sdk/client-cloudwatch';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { evaluateAlarmRule } from './simulated-alarm-rule.js';
import type { SimulatedMetrics } from './simulated-metrics.js';

/** The condition of a metric alarm of the {@link SimulatedCloudWatch}. */
export interface SimulatedAlarmCondition {
  /** Queries, one of which returns data: one metric, or metrics and an expression. */
  readonly queries: readonly MetricDataQuery[];
  /** The value that a data point is compared with. */
  readonly threshold: number;
  /**
   * Comparison of a data point with the threshold.
   * @default 'GreaterThanThreshold'
   */
  readonly comparison?: Exclude<
    ComparisonOperator,
    'GreaterThanUpperThreshold' | 'LessThanLowerThreshold' | 'LessThanLowerOrGreaterThanUpperThreshold'
  >;
  /**
   * Number of the newest periods to evaluate.
   * @default 1
   */
  readonly evaluationPeriods?: number;
  /**
   * Number of evaluated periods that have to breach the threshold.
   * @default evaluationPeriods
   */
  readonly datapointsToAlarm?: number;
  /**
   * The meaning of a period without data.
   * @default 'missing'
   */
  readonly treatMissingData?: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
}

/** An alarm of the {@link SimulatedCloudWatch}. */
export interface SimulatedAlarm {
  /** The alarm's name. */
  readonly name: string;
  /** The alarm's ARN. */
  readonly arn: string;
  /** The alarm's type: it watches metrics, other alarms, or logs. */
  readonly type: AlarmType;
  /** True when a change of the alarm's state triggers its actions. */
  actionsEnabled: boolean;
}

/** Options of an alarm. */
export interface SimulatedAlarmOptions {
  /** The alarm's name. */
  readonly name: string;
  /**
   * The alarm's type: it watches metrics, other alarms, or logs.
   * @default 'CompositeAlarm' with a rule, 'MetricAlarm' without
   */
  readonly type?: SimulatedAlarm['type'];
  /**
   * True when a change of the alarm's state triggers its actions.
   * @default true
   */
  readonly actionsEnabled?: boolean;
  /**
   * The initial state. An alarm with a condition or a rule leaves it at the next evaluation.
   * @default 'INSUFFICIENT_DATA'
   */
  readonly state?: StateValue;
  /** The condition of a metric alarm. Without it the state never changes by itself. */
  readonly condition?: SimulatedAlarmCondition;
  /** The rule of a composite alarm, such as `ALARM("errors") OR ALARM("latency")`. */
  readonly rule?: string;
}

interface Entry {
  readonly alarm: SimulatedAlarm;
  readonly condition: SimulatedAlarmCondition | undefined;
  readonly rule: string | undefined;
  state: StateValue;
  stateSince: number;
  /** The last whole minute at which the alarm was evaluated. */
  evaluatedAt: number;
}

const minute = 60_000;

/** The most minutes to evaluate after a long time without reads. */
const maxMinutes = 1440;

/** CloudWatch reads more periods than it evaluates, because data may be missing. */
const sparePeriods = 2;

/** The alarms of the simulated CloudWatch, evaluated each whole minute of the virtual time. */
export class SimulatedAlarms {
  readonly #environment: SimulatedEnvironment;
  readonly #metrics: SimulatedMetrics;
  readonly #entries: Entry[] = [];

  constructor(environment: SimulatedEnvironment, metrics: SimulatedMetrics) {
    this.#environment = environment;
    this.#metrics = metrics;
  }

  get all(): readonly SimulatedAlarm[] {
    return this.#entries.map(({ alarm }) => alarm);
  }

  add(options: SimulatedAlarmOptions): SimulatedAlarm {
    const { name, condition, rule } = options;
    const alarm: SimulatedAlarm = {
      name,
      arn: this.#environment.arn('cloudwatch', `alarm:${name}`),
      type: options.type ?? (rule === undefined ? 'MetricAlarm' : 'CompositeAlarm'),
      actionsEnabled: options.actionsEnabled ?? true,
    };
    const now = this.#environment.clock.now();
    this.#entries.push({
      alarm,
      condition,
      rule,
      state: options.state ?? 'INSUFFICIENT_DATA',
      stateSince: now,
      evaluatedAt: wholeMinute(now) - minute,
    });
    return alarm;
  }

  get(name: string): SimulatedAlarm {
    return this.#entry(name).alarm;
  }

  /** Sets a state until the next evaluation of the alarm. */
  setState(name: string, state: StateValue): void {
    const entry = this.#entry(name);
    this.#bringUpToDate(entry);
    this.#enter(entry, state, this.#environment.clock.now());
  }

  /** Returns the present state, the time of its last change, and the rule of a composite alarm. */
  read(name: string): { state: StateValue; since: number; rule: string | undefined } {
    const entry = this.#entry(name);
    this.#bringUpToDate(entry);
    return { state: entry.state, since: entry.stateSince, rule: entry.rule };
  }

  #entry(name: string): Entry {
    const entry = this.#entries.find(({ alarm }) => alarm.name === name);
    if (entry === undefined) throw new TypeError(`SimulatedCloud has no alarm ${name}`);
    return entry;
  }

  /** Evaluates every minute since the last read: an alarm that ignores missing data keeps the state of an earlier minute. */
  #bringUpToDate(entry: Entry): void {
    const now = this.#environment.clock.now();
    if (entry.rule !== undefined) {
      const isTrue = evaluateAlarmRule(entry.rule, (name) => this.read(name).state);
      this.#enter(entry, isTrue ? 'ALARM' : 'OK', now);
      return;
    }
    if (entry.condition === undefined) return;
    const first = Math.max(entry.evaluatedAt + minute, wholeMinute(now) - maxMinutes * minute);
    for (let at = first; at <= now; at += minute) {
      this.#enter(entry, this.#evaluate(entry.condition, entry.state, at), at);
      entry.evaluatedAt = at;
    }
  }

  #enter(entry: Entry, state: StateValue, at: number): void {
    if (entry.state === state) return;
    entry.state = state;
    entry.stateSince = at;
  }

  #evaluate(condition: SimulatedAlarmCondition, state: StateValue, now: number): StateValue {
    const { queries, evaluationPeriods = 1 } = condition;
    const returned = queries.find(({ ReturnData }) => ReturnData ?? true);
    if (returned === undefined)
      throw new TypeError('Invalid alarm condition: queries: expected one that returns data, got none');
    const period = 1000 * Math.max(1, ...queries.map((it) => it.MetricStat?.Period ?? it.Period ?? 1));
    const end = Math.floor(now / period) * period;
    const begin = end - (evaluationPeriods + sparePeriods) * period;
    const values = this.#metrics.evaluate(returned, queries, { begin, end, now })[0]?.values ?? new Map();
    const points: (number | undefined)[] = [];
    for (let at = begin; at < end; at += period) points.push(values.get(at));
    return nextAlarmState(points, condition, state);
  }
}

/**
 * The next state for the data points of the evaluation range, oldest first. Follows the tables in
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function nextAlarmState(
  points: readonly (number | undefined)[],
  condition: Omit<SimulatedAlarmCondition, 'queries'>,
  state: StateValue,
): StateValue {
  const {
    evaluationPeriods = 1,
    datapointsToAlarm = evaluationPeriods,
    treatMissingData = 'missing',
  } = condition;
  const breaches = points.map((value) => (value === undefined ? undefined : isBreaching(value, condition)));
  const evaluated = breaches.filter((it) => it !== undefined).slice(-evaluationPeriods);
  const breaching = evaluated.filter(Boolean).length;
  const missing = evaluationPeriods - evaluated.length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  if (missing === 0 || treatMissingData === 'notBreaching') return 'OK';
  if (treatMissingData === 'breaching') return breaching + missing >= datapointsToAlarm ? 'ALARM' : 'OK';
  if (breaching < evaluated.length) return 'OK';
  if (treatMissingData === 'ignore') return state;
  // The remaining points breach the threshold: they raise the alarm when the oldest is old enough.
  const oldest = breaches.indexOf(true);
  return oldest >= 0 && breaches.length - oldest >= datapointsToAlarm ? 'ALARM' : 'INSUFFICIENT_DATA';
}

function isBreaching(
  value: number,
  { threshold, comparison = 'GreaterThanThreshold' }: Omit<SimulatedAlarmCondition, 'queries'>,
): boolean {
  if (comparison === 'GreaterThanThreshold') return value > threshold;
  if (comparison === 'GreaterThanOrEqualToThreshold') return value >= threshold;
  return comparison === 'LessThanThreshold' ? value < threshold : value <= threshold;
}

function wholeMinute(at: number): number {
  return at - (at % minute);
}
