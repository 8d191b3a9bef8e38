import {
  CloudWatchClient,
  type DescribeAlarmsCommandOutput,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { type CallOptions, callAws, collectPages, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import { type Clock, systemClock } from '../core/clock.js';
import { type Logger, silentLogger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { RecentWrites } from '../core/recent-writes.js';
import { nonEmptyString, stackPair } from '../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { parseInput } from '../core/validate.js';
import { isAlarmOf, requireTellable } from './alarm-names.js';
import type {
  AlarmActionsReport,
  CloudWatchStackOptions,
  CloudWatchToolsClients,
  CloudWatchToolsOptions,
} from './types.js';

/** CloudWatch switches at most so many alarms in one call, and lists as many on one page. */
const maxAlarms = 100;

/** CloudWatch takes three of these calls per second, so more side by side would only wait for one another. */
const maxCallsSideBySide = 2;

/** An empty prefix would mean every alarm of the account, so it is refused. */
const optionsSchema = v.object(
  stackPair(v.object({ alarmNamePrefix: nonEmptyString, alarmNameSuffix: v.optional(v.string()) })),
);

interface Alarm {
  readonly name: string;
  readonly actionsEnabled: boolean;
}

/**
 * Switches the actions of a stack's alarms: off while the stack is at rest, so that nobody is called out for it, and on
 * before it takes traffic. The alarms themselves go on being evaluated.
 *
 * An alarm that fits the names of both stacks belongs to the one whose names are narrower: with the prefixes `app` and
 * `app-green`, the alarm `app-green-cpu` is green's alone.
 *
 * @example
 * ```ts
 * import { CloudWatchTools } from 'aws-blue-green-toolkit/cloudwatch';
 *
 * const alarms = new CloudWatchTools({
 *   blue: { alarmNamePrefix: 'orders-blue-' },
 *   green: { alarmNamePrefix: 'orders-green-' },
 * });
 *
 * await alarms.enableAlarmsActions('green');
 * const { changed } = await alarms.disableAlarmsActions('blue');
 * ```
 */
export class CloudWatchTools {
  readonly #stacks: StackPair<CloudWatchStackOptions>;
  readonly #cloudWatch: CloudWatchClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lastSet: RecentWrites<boolean>;

  /**
   * @throws InvalidInputError when an option is missing or malformed, when a prefix is empty, or when nobody could say to
   * which stack an alarm belongs.
   */
  constructor(options: CloudWatchToolsOptions) {
    this.#stacks = parseInput('CloudWatchTools options', optionsSchema, options);
    requireTellable(this.#stacks);
    this.#cloudWatch = resolveClients<CloudWatchToolsClients>(options, {
      cloudWatch: CloudWatchClient,
    }).cloudWatch;
    this.#clock = options.clock ?? systemClock;
    this.#lastSet = new RecentWrites(this.#clock);
    this.#logger = options.logger ?? silentLogger;
  }

  /**
   * Enables the actions of the stack's metric alarms and composite alarms. An alarm which is in the state `ALARM` by then
   * acts only when it changes its state again.
   *
   * @remarks IAM: cloudwatch:DescribeAlarms, cloudwatch:EnableAlarmActions
   * @throws MultipleFailuresError when several batches of 100 fail; AccessDeniedError, OperationAbortedError
   */
  enableAlarmsActions(stack: StackReference, options: CallOptions = {}): Promise<AlarmActionsReport> {
    return this.#switchActions(stack, true, options);
  }

  /**
   * Disables the actions of the stack's metric alarms and composite alarms.
   *
   * @remarks IAM: cloudwatch:DescribeAlarms, cloudwatch:DisableAlarmActions
   * @throws MultipleFailuresError when several batches of 100 fail; AccessDeniedError, OperationAbortedError
   */
  disableAlarmsActions(stack: StackReference, options: CallOptions = {}): Promise<AlarmActionsReport> {
    return this.#switchActions(stack, false, options);
  }

  async #switchActions(
    given: StackReference,
    enabled: boolean,
    options: CallOptions,
  ): Promise<AlarmActionsReport> {
    const stack = parseStackReference(given);
    const alarms = (await this.#list(stack, options)).filter(({ name }) =>
      isAlarmOf(this.#stacks, stack, name),
    );
    // A wrong prefix or suffix looks just like this.
    if (alarms.length === 0) this.#logger.warn('Found no alarms', { resource: this.#nameOf(stack) });
    const isRight = ({ name, actionsEnabled }: Alarm) =>
      actionsEnabled === enabled && !this.#lastSet.mayBeOther(name, enabled);
    const unchanged = namesOf(alarms.filter(isRight));
    const changed = namesOf(alarms.filter((alarm) => !isRight(alarm)));
    const send = (names: readonly string[]) =>
      this.#lastSet.change(names, enabled, () => this.#send(stack, names, enabled, options));
    await mapConcurrently(batches(changed), send, maxCallsSideBySide);
    return { changed, unchanged };
  }

  #nameOf(stack: StackReference): string {
    const { alarmNamePrefix, alarmNameSuffix = '' } = this.#stacks[stack];
    return `alarms ${alarmNamePrefix}*${alarmNameSuffix}`;
  }

  /** CloudWatch can select by the prefix alone; it leaves composite alarms out unless it is asked for them. */
  #list(stack: StackReference, { signal }: CallOptions): Promise<Alarm[]> {
    const { alarmNamePrefix } = this.#stacks[stack];
    const call = { action: 'cloudwatch:DescribeAlarms', resource: this.#nameOf(stack), signal };
    const toAlarm = (it: {
      AlarmName?: string | undefined;
      ActionsEnabled?: boolean | undefined;
    }): Alarm => ({
      name: requireField(it.AlarmName, 'AlarmName', call),
      actionsEnabled: requireField(it.ActionsEnabled, 'ActionsEnabled', call),
    });
    return collectPages(
      call,
      (http) =>
        paginateDescribeAlarms(
          { client: this.#cloudWatch, pageSize: maxAlarms },
          { AlarmNamePrefix: alarmNamePrefix, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
          http,
        ),
      ({ MetricAlarms = [], CompositeAlarms = [] }: DescribeAlarmsCommandOutput) =>
        [...MetricAlarms, ...CompositeAlarms].map(toAlarm),
    );
  }

  async #send(
    stack: StackReference,
    names: readonly string[],
    enabled: boolean,
    { signal }: CallOptions,
  ): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const resource = this.#nameOf(stack);
    const input = { AlarmNames: [...names] };
    if (enabled) {
      await callAws({ action: 'cloudwatch:EnableAlarmActions', resource, signal }, (http) =>
        this.#cloudWatch.send(new EnableAlarmActionsCommand(input), http),
      );
    } else {
      await callAws({ action: 'cloudwatch:DisableAlarmActions', resource, signal }, (http) =>
        this.#cloudWatch.send(new DisableAlarmActionsCommand(input), http),
      );
    }
    const [from, to] = enabled ? ['disabled', 'enabled'] : ['enabled', 'disabled'];
    this.#logger.info(`${enabled ? 'Enabled' : 'Disabled'} alarm actions`, {
      resource,
      alarms: names,
      from,
      to,
      durationMs: elapsed(),
    });
  }
}

function namesOf(alarms: readonly Alarm[]): string[] {
  return alarms.map(({ name }) => name);
}

function batches(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / maxAlarms);
  return Array.from({ length: count }, (_, index) => names.slice(index * maxAlarms, (index + 1) * maxAlarms));
}
