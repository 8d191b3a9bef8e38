import {
  type GetScheduleCommandInput,
  type GetScheduleCommandOutput,
  type GetScheduleOutput,
  type ListSchedulesCommandInput,
  type ListSchedulesCommandOutput,
  ResourceNotFoundException,
  type UpdateScheduleCommandInput,
  type UpdateScheduleCommandOutput,
} from '@aws-sdk/client-scheduler';
import {
  awsError,
  clientFault,
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';

const maxPage = 100;
const defaultGroup = 'default';

/** A schedule of the simulated EventBridge Scheduler, as `GetSchedule` returns it. */
export type SimulatedSchedule = Readonly<GetScheduleOutput> & {
  /** Name within its group. */
  readonly Name: string;
  /** Name of its group. */
  readonly GroupName: string;
};

/** EventBridge Scheduler in memory: schedules and their groups. It invokes nothing. */
export class SimulatedScheduler implements SimulatedService {
  readonly serviceId = 'Scheduler';
  readonly iamPrefix = 'scheduler';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    GetSchedule: (input: GetScheduleCommandInput): OperationOutput<GetScheduleCommandOutput> =>
      structuredClone(this.#find(required(input.Name, 'Name'), input.GroupName)),

    ListSchedules: (input: ListSchedulesCommandInput): OperationOutput<ListSchedulesCommandOutput> => {
      const { GroupName: group, NamePrefix: prefix = '', State: state } = input;
      if (group !== undefined) this.#requireGroup(group);
      const matching = [...this.#schedules.values()].filter(
        ({ Name, GroupName, State }) =>
          (group === undefined || GroupName === group) &&
          Name.startsWith(prefix) &&
          (state === undefined || State === state),
      );
      const { items, nextToken } = pageOf(matching, {
        token: input.NextToken,
        size: input.MaxResults ?? maxPage,
        maxSize: maxPage,
      });
      return {
        Schedules: items.map(
          ({ Arn, Name, GroupName, State, CreationDate, LastModificationDate, Target }) => ({
            ...{ Arn, Name, GroupName, State, CreationDate, LastModificationDate },
            Target: { Arn: Target?.Arn },
          }),
        ),
        NextToken: nextToken,
      };
    },

    UpdateSchedule: (input: UpdateScheduleCommandInput): OperationOutput<UpdateScheduleCommandOutput> => {
      const before = this.#find(required(input.Name, 'Name'), input.GroupName);
      const { ClientToken: _, ...settings } = input;
      const limit = this.#environment.clock.now() - 300_000;
      if (this.refusesPastStart && input.StartDate !== undefined && input.StartDate.getTime() < limit)
        throw awsError(
          'ValidationException',
          'The StartDate you specify cannot be earlier than 5 minutes ago.',
        );
      this.#put({ ...settings, GroupName: before.GroupName }, before.CreationDate);
      return { ScheduleArn: before.Arn };
    },
  };

  /** True to refuse an update with a start in the past. AWS does so for new schedules, and does not document it for updates. */
  refusesPastStart = false;

  readonly #environment: SimulatedEnvironment;
  readonly #groups = new Set([defaultGroup]);
  readonly #schedules = new Map<string, SimulatedSchedule>();

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Adds a schedule group without schedules. */
  addGroup(name: string): void {
    this.#groups.add(name);
  }

  /** Adds a schedule, and its group. */
  addSchedule(options: Partial<UpdateScheduleCommandInput> & { readonly Name: string }): SimulatedSchedule {
    this.#groups.add(options.GroupName ?? defaultGroup);
    const target = {
      Arn: this.#environment.arn('lambda', 'function:orders'),
      RoleArn: 'arn:aws:iam::1:role/schedule',
    };
    const defaults = { ScheduleExpression: 'rate(5 minutes)', FlexibleTimeWindow: { Mode: 'OFF' as const } };
    return this.#put({ Target: target, ...defaults, ...options }, new Date(this.#environment.clock.now()));
  }

  /** Changes some settings of a schedule, as another program does. */
  changeSchedule(name: string, changes: Partial<UpdateScheduleCommandInput>, group = defaultGroup): void {
    const { Arn: _arn, CreationDate, LastModificationDate: _at, ...settings } = this.#find(name, group);
    this.#put({ ...settings, ...changes } as UpdateScheduleCommandInput, CreationDate);
  }

  /** Removes a schedule. */
  removeSchedule(name: string, group = defaultGroup): void {
    this.#schedules.delete(keyOf(name, group));
  }

  /** The schedule of this name. */
  schedule(name: string, group = defaultGroup): SimulatedSchedule {
    return this.#find(name, group);
  }

  /** Stores a whole schedule. What is left out becomes its default. */
  #put(input: UpdateScheduleCommandInput, created: Date | undefined): SimulatedSchedule {
    const name = required(input.Name, 'Name');
    const group = input.GroupName ?? defaultGroup;
    const target = required(input.Target, 'Target');
    required(target.Arn, 'Target.Arn');
    required(target.RoleArn, 'Target.RoleArn');
    const stored: SimulatedSchedule = {
      ActionAfterCompletion: 'NONE',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      ...structuredClone(input),
      Name: name,
      GroupName: group,
      ScheduleExpression: required(input.ScheduleExpression, 'ScheduleExpression'),
      FlexibleTimeWindow: requiredMode(input.FlexibleTimeWindow),
      Arn: this.#environment.arn('scheduler', `schedule/${group}/${name}`),
      CreationDate: created,
      LastModificationDate: new Date(this.#environment.clock.now()),
    };
    this.#schedules.set(keyOf(name, group), stored);
    return stored;
  }

  #requireGroup(group: string): void {
    if (this.#groups.has(group)) return;
    throw notFound(`Schedule group ${group} does not exist.`);
  }

  #find(name: string, group = defaultGroup): SimulatedSchedule {
    const schedule = this.#schedules.get(keyOf(name, group));
    if (schedule === undefined) throw notFound(`Schedule ${name} does not exist.`);
    return schedule;
  }
}

function requiredMode(window: UpdateScheduleCommandInput['FlexibleTimeWindow']) {
  const given = required(window, 'FlexibleTimeWindow');
  if (given.Mode !== 'OFF' && given.Mode !== 'FLEXIBLE')
    throw awsError('ValidationException', 'FlexibleTimeWindow.Mode is OFF or FLEXIBLE');
  return structuredClone(given);
}

function notFound(message: string): ResourceNotFoundException {
  return new ResourceNotFoundException({ ...clientFault(message, 404), Message: message });
}

function keyOf(name: string, group: string): string {
  return `${group}/${name}`;
}
