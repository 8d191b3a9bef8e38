import {
  AlarmType,
  type DeleteAlarmMuteRuleCommandInput,
  type DescribeAlarmsCommandInput,
  type DescribeAlarmsCommandOutput,
  type DisableAlarmActionsCommandInput,
  type EnableAlarmActionsCommandInput,
  type GetAlarmMuteRuleCommandInput,
  type GetAlarmMuteRuleCommandOutput,
  type GetMetricDataCommandInput,
  type GetMetricDataCommandOutput,
  type ListAlarmMuteRulesCommandInput,
  type ListAlarmMuteRulesCommandOutput,
  type PutAlarmMuteRuleCommandInput,
  type StateValue,
  type StatusCode,
} from '@aws-sdk/client-cloudwatch';
import {
  awsError,
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import {
  parseMetricData,
  parseMetricSeries,
  type SimulatedMetricData,
  type SimulatedMetricSeries,
} from './metric-series.js';
import { type SimulatedAlarm, type SimulatedAlarmOptions, SimulatedAlarms } from './simulated-alarms.js';
import { SimulatedMetrics } from './simulated-metrics.js';
import { SimulatedMuteRules } from './simulated-mute-rules.js';

/** The most alarms in one call, and on one page. */
const maxAlarms = 100;

/** CloudWatch in memory: alarms with their states and actions, metrics, and metric math. */
export class SimulatedCloudWatch implements SimulatedService {
  readonly serviceId = 'CloudWatch';
  readonly iamPrefix = 'cloudwatch';
  readonly throttlingError = 'Throttling';
  /** @internal */
  readonly operations = {
    DescribeAlarms: (input: DescribeAlarmsCommandInput): OperationOutput<DescribeAlarmsCommandOutput> => {
      if (input.AlarmNames !== undefined && input.AlarmNamePrefix !== undefined)
        throw awsError('ValidationError', 'AlarmNames and AlarmNamePrefix cannot be given together');
      requireFewNames(input.AlarmNames ?? []);
      const types: readonly AlarmType[] = input.AlarmTypes ?? ['MetricAlarm'];
      requireKnownTypes(types);
      const matching = this.#alarms.all.filter(
        ({ name, type }) =>
          types.includes(type) &&
          name.startsWith(input.AlarmNamePrefix ?? '') &&
          (input.AlarmNames?.includes(name) ?? true),
      );
      const { items, nextToken } = pageOf(matching, {
        token: input.NextToken,
        size: input.MaxRecords ?? 50,
        maxSize: maxAlarms,
      });
      return {
        MetricAlarms: this.#describe(items, 'MetricAlarm'),
        CompositeAlarms: this.#describe(items, 'CompositeAlarm'),
        LogAlarms: this.#describe(items, 'LogAlarm'),
        NextToken: nextToken,
      };
    },

    EnableAlarmActions: (input: EnableAlarmActionsCommandInput): void => {
      this.#switchActions(required(input.AlarmNames, 'AlarmNames'), true);
    },

    DisableAlarmActions: (input: DisableAlarmActionsCommandInput): void => {
      this.#switchActions(required(input.AlarmNames, 'AlarmNames'), false);
    },

    PutAlarmMuteRule: (input: PutAlarmMuteRuleCommandInput): void => {
      const names = this.#alarms.all.map(({ name }) => name);
      this.#muteRules.put(input, names);
    },

    GetAlarmMuteRule: (input: GetAlarmMuteRuleCommandInput): OperationOutput<GetAlarmMuteRuleCommandOutput> =>
      this.#muteRules.describe(required(input.AlarmMuteRuleName, 'AlarmMuteRuleName')),

    ListAlarmMuteRules: (
      input: ListAlarmMuteRulesCommandInput,
    ): OperationOutput<ListAlarmMuteRulesCommandOutput> => this.#muteRules.list(input),

    DeleteAlarmMuteRule: (input: DeleteAlarmMuteRuleCommandInput): void =>
      this.#muteRules.delete(required(input.AlarmMuteRuleName, 'AlarmMuteRuleName')),

    GetMetricData: (input: GetMetricDataCommandInput): OperationOutput<GetMetricDataCommandOutput> =>
      this.#metrics.read(input, this.#environment.clock.now()),
  };

  readonly #environment: SimulatedEnvironment;
  readonly #metrics = new SimulatedMetrics();
  readonly #alarms: SimulatedAlarms;
  readonly #muteRules: SimulatedMuteRules;

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
    this.#alarms = new SimulatedAlarms(environment, this.#metrics);
    this.#muteRules = new SimulatedMuteRules(environment);
  }

  /**
   * Creates an alarm. An alarm on metrics (`condition`) or on other alarms (`rule`) is evaluated each whole minute; any
   * other one keeps its state.
   */
  addAlarm(options: SimulatedAlarmOptions): SimulatedAlarm {
    requireOptions('SimulatedCloudWatch.addAlarm', options, {
      name: 'text',
      type: 'optional',
      actionsEnabled: 'optional',
      state: 'optional',
      condition: 'optional',
      rule: 'optional',
    });
    return this.#alarms.add(options);
  }

  /** The alarm of this name. */
  alarm(name: string): SimulatedAlarm {
    return this.#alarms.get(name);
  }

  /** True while an active alarm mute rule holds back the actions of an alarm. */
  isMuted(name: string): boolean {
    return this.#muteRules.mutes(this.#alarms.get(name).name);
  }

  /** Returns the present state of an alarm. */
  alarmState(name: string): StateValue {
    return this.#alarms.read(name).state;
  }

  /** Sets the state of an alarm. An alarm with a condition or a rule leaves it at the next evaluation. */
  setAlarmState(name: string, state: StateValue): void {
    this.#alarms.setState(name, state);
  }

  /**
   * Adds a value of a metric, by default at the present time and with a sample `count` of 1. The value is visible from
   * `visibleAt` on: by default at once, and never before its own time.
   */
  addDataPoint(options: {
    namespace: string;
    metricName: string;
    dimensions?: Readonly<Record<string, string>>;
    at?: Date;
    visibleAt?: Date;
    value: number;
    count?: number;
  }): void {
    requireOptions('SimulatedCloudWatch.addDataPoint', options, {
      namespace: 'text',
      metricName: 'text',
      dimensions: 'optional',
      at: 'optional',
      visibleAt: 'optional',
      value: 'needed',
      count: 'optional',
    });
    const now = this.#environment.clock.now();
    const at = options.at?.getTime() ?? now;
    this.#metrics.add({
      namespace: options.namespace,
      metricName: options.metricName,
      dimensions: options.dimensions ?? {},
      at,
      visibleFrom: Math.max(at, options.visibleAt?.getTime() ?? now),
      value: options.value,
      count: options.count ?? 1,
    });
  }

  /**
   * Loads past or future values of one statistic of a metric, such as a week of minutes. A query has the loaded statistics, and
   * `Average` where `Sum` and `SampleCount` are loaded; another statistic throws. A data point that is added to a loaded period
   * replaces its value.
   *
   * @throws InvalidInputError which names every invalid or unknown field.
   */
  loadMetricSeries(series: SimulatedMetricSeries): void {
    this.#metrics.load(parseMetricSeries(series));
  }

  /**
   * Loads the response of a GetMetricData request, such as one of your production account that was saved as JSON.
   *
   * @throws InvalidInputError for an invalid or unknown field, a result without its query, and a missing page.
   */
  loadMetricData(data: SimulatedMetricData): void {
    for (const series of parseMetricData(data)) this.#metrics.load(series);
  }

  /** Limits the pages of GetMetricData to a number of data points. A series that continues on a later page is `PartialData`. */
  limitMetricPages(dataPoints: number): void {
    this.#metrics.limitPages(dataPoints);
  }

  /** From now on, every query of a metric, and every expression over it, returns this status and no data. */
  setMetricStatus(metricName: string, statusCode: StatusCode): void {
    this.#metrics.setStatusCode(metricName, statusCode);
  }

  /** Ignores names without an alarm, as AWS does. */
  #switchActions(names: readonly string[], enabled: boolean): void {
    requireFewNames(names);
    for (const alarm of this.#alarms.all) {
      if (names.includes(alarm.name)) alarm.actionsEnabled = enabled;
    }
  }

  #describe(alarms: readonly SimulatedAlarm[], type: SimulatedAlarm['type']) {
    return alarms
      .filter((alarm) => alarm.type === type)
      .map(({ name, arn, actionsEnabled }) => {
        const { state, since, rule } = this.#alarms.read(name);
        return {
          AlarmName: name,
          AlarmArn: arn,
          ActionsEnabled: actionsEnabled,
          StateValue: state,
          StateUpdatedTimestamp: new Date(since),
          ...(rule !== undefined && { AlarmRule: rule }),
        };
      });
  }
}

function requireKnownTypes(types: readonly string[]): void {
  const known: readonly string[] = Object.values(AlarmType);
  const unknown = types.find((type) => !known.includes(type));
  if (unknown !== undefined)
    throw awsError('ValidationError', `The alarm type ${unknown} is none of ${known.join(', ')}`);
}

function requireFewNames(names: readonly string[]): void {
  if (names.length > maxAlarms)
    throw awsError('ValidationError', `AlarmNames has at most ${maxAlarms} items, not ${names.length}`);
}
