import {
  type AlarmMuteRuleStatus,
  type GetAlarmMuteRuleCommandOutput,
  type ListAlarmMuteRulesCommandInput,
  type ListAlarmMuteRulesCommandOutput,
  type PutAlarmMuteRuleCommandInput,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch';
import {
  awsError,
  clientFault,
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
} from '../../cloud/environment.js';

const maxTargets = 100;
const maxPage = 100;
const maxMinutes = 15 * 24 * 60;

interface Entry {
  readonly name: string;
  readonly arn: string;
  readonly input: PutAlarmMuteRuleCommandInput;
  readonly start: number;
  readonly end: number;
  readonly updatedAt: number;
}

/** The one-time alarm mute rules of the simulated CloudWatch. */
export class SimulatedMuteRules {
  readonly #environment: SimulatedEnvironment;
  readonly #rules = new Map<string, Entry>();

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  put(input: PutAlarmMuteRuleCommandInput, alarmNames: readonly string[]): void {
    const name = required(input.Name, 'Name');
    const { Schedule: schedule } = required(input.Rule, 'Rule');
    const { Expression = '', Duration = '' } = required(schedule, 'Rule.Schedule');
    const [, at] = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2})\)$/.exec(Expression) ?? [];
    if (at === undefined)
      throw validationError(`SimulatedCloud simulates at(yyyy-MM-ddThh:mm) only, not ${Expression}`);
    const minutes = Number(/^PT(\d+)M$/.exec(Duration)?.[1]);
    if (!(minutes >= 1 && minutes <= maxMinutes)) throw validationError(`Invalid Duration ${Duration}`);
    const targets = input.MuteTargets?.AlarmNames ?? [];
    if (targets.length > maxTargets) throw validationError(`AlarmNames has at most ${maxTargets} items`);
    const unknown = targets.find((target) => !alarmNames.includes(target));
    if (unknown !== undefined) throw validationError(`The alarm ${unknown} does not exist`);
    const start = Date.parse(`${at}:00Z`);
    this.#rules.set(name, {
      name,
      arn: this.#environment.arn('cloudwatch', `alarm-mute-rule:${name}`),
      input: structuredClone(input),
      start,
      end: Math.min(start + minutes * 60_000, input.ExpireDate?.getTime() ?? Number.POSITIVE_INFINITY),
      updatedAt: this.#environment.clock.now(),
    });
  }

  describe(name: string): OperationOutput<GetAlarmMuteRuleCommandOutput> {
    const rule = this.#rules.get(name);
    if (rule === undefined)
      throw new ResourceNotFoundException({
        ...clientFault(`The alarm mute rule ${name} does not exist`, 404),
      });
    const { MuteTargets, Rule, ExpireDate, Description } = rule.input;
    return {
      ...{ Name: name, Description, MuteTargets, Rule, ExpireDate },
      AlarmMuteRuleArn: rule.arn,
      Status: this.#statusOf(rule),
      LastUpdatedTimestamp: new Date(rule.updatedAt),
      MuteType: 'ONE_TIME',
    };
  }

  list(input: ListAlarmMuteRulesCommandInput): OperationOutput<ListAlarmMuteRulesCommandOutput> {
    const matching = [...this.#rules.values()].filter(
      (rule) =>
        (input.AlarmName === undefined || rule.input.MuteTargets?.AlarmNames?.includes(input.AlarmName)) &&
        (input.Statuses?.includes(this.#statusOf(rule)) ?? true),
    );
    const { items, nextToken } = pageOf(matching, {
      token: input.NextToken,
      size: input.MaxRecords ?? 50,
      maxSize: maxPage,
    });
    return {
      AlarmMuteRuleSummaries: items.map((rule) => ({
        AlarmMuteRuleArn: rule.arn,
        ExpireDate: rule.input.ExpireDate,
        Status: this.#statusOf(rule),
        MuteType: 'ONE_TIME',
        LastUpdatedTimestamp: new Date(rule.updatedAt),
      })),
      NextToken: nextToken,
    };
  }

  delete(name: string): void {
    this.#rules.delete(name);
  }

  /** True while an active rule targets the alarm. */
  mutes(alarmName: string): boolean {
    return [...this.#rules.values()].some(
      (rule) =>
        this.#statusOf(rule) === 'ACTIVE' && rule.input.MuteTargets?.AlarmNames?.includes(alarmName) === true,
    );
  }

  #statusOf({ start, end }: Entry): AlarmMuteRuleStatus {
    const now = this.#environment.clock.now();
    if (now >= end) return 'EXPIRED';
    return now >= start ? 'ACTIVE' : 'SCHEDULED';
  }
}

function validationError(message: string) {
  return awsError('ValidationError', message);
}
