import type {
  DescribeAlarmsCommandInput,
  DescribeAlarmsCommandOutput,
  DisableAlarmActionsCommandInput,
  EnableAlarmActionsCommandInput,
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  StatusCode,
} from '@aws-sdk/client-cloudwatch';
import {
  type Answer,
  awsError,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from './environment.js';
import { SimulatedMetrics } from './simulated-metrics.js';

/** How many alarms one call may name, and one page has. */
const mostAlarms = 100;

/** An alarm of the {@link SimulatedCloudWatch}. */
export interface SimulatedAlarm {
  /** The alarm's name. */
  readonly name: string;
  /** The alarm's ARN. */
  readonly arn: string;
  /** Whether it watches metrics or other alarms. */
  readonly type: 'MetricAlarm' | 'CompositeAlarm';
  /** Whether a change of the alarm's state makes it act. */
  actionsEnabled: boolean;
}

/** CloudWatch in memory: alarms whose actions can be switched, and metrics that can be read. */
export class SimulatedCloudWatch implements SimulatedService {
  readonly serviceId = 'CloudWatch';
  readonly iamPrefix = 'cloudwatch';
  readonly throttlingError = 'Throttling';
  /** @internal */
  readonly operations = {
    DescribeAlarms: (input: DescribeAlarmsCommandInput): Answer<DescribeAlarmsCommandOutput> => {
      if (input.AlarmNames !== undefined && input.AlarmNamePrefix !== undefined)
        throw awsError('ValidationError', 'AlarmNames and AlarmNamePrefix cannot be given together');
      const types: readonly string[] = input.AlarmTypes ?? ['MetricAlarm'];
      const matching = this.#alarms.filter(
        ({ name, type }) =>
          types.includes(type) &&
          name.startsWith(input.AlarmNamePrefix ?? '') &&
          (input.AlarmNames?.includes(name) ?? true),
      );
      const { items, nextToken } = pageOf(matching, {
        token: input.NextToken,
        size: input.MaxRecords ?? 50,
        most: mostAlarms,
      });
      return {
        MetricAlarms: describe(items, 'MetricAlarm'),
        CompositeAlarms: describe(items, 'CompositeAlarm'),
        NextToken: nextToken,
      };
    },

    EnableAlarmActions: (input: EnableAlarmActionsCommandInput): void => {
      this.#switchActions(required(input.AlarmNames, 'AlarmNames'), true);
    },

    DisableAlarmActions: (input: DisableAlarmActionsCommandInput): void => {
      this.#switchActions(required(input.AlarmNames, 'AlarmNames'), false);
    },

    GetMetricData: (input: GetMetricDataCommandInput): Answer<GetMetricDataCommandOutput> =>
      this.#metrics.read(input, this.#environment.clock.now()),
  };

  readonly #environment: SimulatedEnvironment;
  readonly #alarms: SimulatedAlarm[] = [];
  readonly #metrics = new SimulatedMetrics();

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates an alarm, a metric alarm with its actions enabled unless told otherwise. */
  addAlarm(options: {
    name: string;
    type?: SimulatedAlarm['type'];
    actionsEnabled?: boolean;
  }): SimulatedAlarm {
    const alarm: SimulatedAlarm = {
      name: options.name,
      arn: this.#environment.arn('cloudwatch', `alarm:${options.name}`),
      type: options.type ?? 'MetricAlarm',
      actionsEnabled: options.actionsEnabled ?? true,
    };
    this.#alarms.push(alarm);
    return alarm;
  }

  /** The alarm of this name. */
  alarm(name: string): SimulatedAlarm {
    const alarm = this.#alarms.find((it) => it.name === name);
    if (alarm === undefined) throw new TypeError(`SimulatedCloud has no alarm ${name}`);
    return alarm;
  }

  /** Puts one value of a metric, now unless a time is given. A time in the future becomes visible when it comes. */
  addDataPoint(options: {
    namespace: string;
    metricName: string;
    dimensions?: Readonly<Record<string, string>>;
    at?: Date;
    value: number;
  }): void {
    this.#metrics.add({
      namespace: options.namespace,
      metricName: options.metricName,
      dimensions: options.dimensions ?? {},
      at: options.at?.getTime() ?? this.#environment.clock.now(),
      value: options.value,
    });
  }

  /** Makes the pages of GetMetricData this short: what is not on the last page is told as `PartialData`. */
  limitMetricPages(dataPoints: number): void {
    this.#metrics.limitPages(dataPoints);
  }

  /** Makes every query of a metric end with this status and without data, from now on. */
  setMetricStatus(metricName: string, statusCode: StatusCode): void {
    this.#metrics.setStatusCode(metricName, statusCode);
  }

  /** Names without an alarm are passed over, as AWS does. */
  #switchActions(names: readonly string[], enabled: boolean): void {
    if (names.length > mostAlarms)
      throw awsError('ValidationError', `AlarmNames has at most ${mostAlarms} items, not ${names.length}`);
    for (const alarm of this.#alarms) {
      if (names.includes(alarm.name)) alarm.actionsEnabled = enabled;
    }
  }
}

function describe(alarms: readonly SimulatedAlarm[], type: SimulatedAlarm['type']) {
  return alarms
    .filter((alarm) => alarm.type === type)
    .map(({ name, arn, actionsEnabled }) => ({
      AlarmName: name,
      AlarmArn: arn,
      ActionsEnabled: actionsEnabled,
    }));
}
