import {
  CloudWatchClient,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { type CallOptions, collectPages, requireField } from '../core/aws-call.js';
import { chunksOf } from '../core/chunks-of.js';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import { isConflict } from '../core/failures.js';
import type { Logger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { type MatchOptions, matchOptionsEntries, requireMatch } from '../core/match-options.js';
import { RecentWrites } from '../core/recent-writes.js';
import { retryOnConflict } from '../core/retry-on-conflict.js';
import {
  callOptionsEntries,
  callOptionsSchema,
  nonEmptyString,
  seconds,
  stackPair,
  strictObject,
  wholeFrom,
} from '../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { toolDependencies, toolOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { isAlarmOf, requireDistinctNames } from './alarm-names.js';
import { alarmsOf, alarmTypes } from './alarm-types.js';
import { MuteRules, muteRuleBase } from './mute-rules.js';
import type {
  AlarmActionsOptions,
  AlarmActionsReport,
  AlarmMuting,
  CloudWatchStackOptions,
  CloudWatchToolsClients,
  CloudWatchToolsOptions,
  ListMutedAlarmsOptions,
  MuteAlarmsOptions,
  StackAlarm,
} from './types.js';

/** CloudWatch switches as many alarms in one call, and lists as many on one page. */
const maxAlarms = 100;

/** CloudWatch accepts three of these calls per second, so more concurrent calls would only be throttled. */
const maxConcurrentCalls = 2;

/** An empty prefix would mean every alarm of the account, so it is refused. */
const optionsSchema = strictObject({
  ...toolOptionsEntries,
  ...stackPair(strictObject({ alarmNamePrefix: nonEmptyString, alarmNameSuffix: v.optional(v.string()) })),
});

const matchOptionsSchema = strictObject(matchOptionsEntries);

const actionsOptionsSchema = strictObject({
  ...matchOptionsEntries,
  maxWaitSeconds: v.optional(seconds),
  only: v.optional(v.array(nonEmptyString)),
});

const mutedOptionsSchema = strictObject({ ...callOptionsEntries, includeScheduled: v.optional(v.boolean()) });

const muteOptionsSchema = strictObject({
  ...matchOptionsEntries,
  maxWaitSeconds: v.optional(seconds),
  only: v.optional(v.array(nonEmptyString)),
  durationMinutes: v.optional(wholeFrom(1, 21_600), 60),
});

/**
 * Mutes a stack's alarms for a time, or switches their actions: off while the stack is idle, so that it raises no alarm, and on
 * before it takes traffic. The alarms themselves are still evaluated. Metric, composite and log alarms are all included.
 *
 * Take {@link CloudWatchTools.muteAlarms} for the time of a deployment: the muting ends by itself, also when the deployment dies. Take
 * {@link CloudWatchTools.disableAlarmsActions} for a stack that stays idle for longer than 15 days. Nothing but this tool enables
 * disabled actions again.
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
  readonly #recentWrites: RecentWrites<boolean>;
  readonly #muteRules: MuteRules;

  /**
   * @throws InvalidInputError when an option is unknown, missing or malformed, when a prefix is empty, or when the stacks
   * share alarms.
   */
  constructor(options: CloudWatchToolsOptions) {
    const { blue, green, ...settings } = parseInput('CloudWatchTools options', optionsSchema, options);
    const { clock, logger } = toolDependencies(settings);
    requireDistinctNames({ blue, green });
    this.#stacks = { blue, green };
    this.#cloudWatch = resolveClients<CloudWatchToolsClients>(options, {
      cloudWatch: CloudWatchClient,
    }).cloudWatch;
    this.#clock = clock;
    this.#muteRules = new MuteRules(this.#cloudWatch, { clock, logger });
    this.#recentWrites = new RecentWrites(clock);
    this.#logger = logger;
  }

  /**
   * Enables the actions of the stack's alarms. An alarm that is already in the state `ALARM` acts only when its state
   * changes again.
   *
   * @remarks IAM: cloudwatch:DescribeAlarms, cloudwatch:EnableAlarmActions
   * @throws ResourceNotFoundError when no alarm fits, unless `allowNone` is true; MultipleFailuresError when several
   * batches of 100 fail; AccessDeniedError, OperationAbortedError
   */
  async enableAlarmsActions(
    stack: StackReference,
    options: AlarmActionsOptions = {},
  ): Promise<AlarmActionsReport> {
    const parsed = parseInput('CloudWatchTools.enableAlarmsActions options', actionsOptionsSchema, options);
    return this.#switchActions(stack, true, parsed);
  }

  /**
   * Disables the actions of the stack's alarms.
   *
   * @remarks IAM: cloudwatch:DescribeAlarms, cloudwatch:DisableAlarmActions
   * @throws ResourceNotFoundError when no alarm fits, unless `allowNone` is true; MultipleFailuresError when several
   * batches of 100 fail; AccessDeniedError, OperationAbortedError
   */
  async disableAlarmsActions(
    stack: StackReference,
    options: AlarmActionsOptions = {},
  ): Promise<AlarmActionsReport> {
    const parsed = parseInput('CloudWatchTools.disableAlarmsActions options', actionsOptionsSchema, options);
    return this.#switchActions(stack, false, parsed);
  }

  /**
   * Mutes the stack's alarms from the next whole minute on, for a time. They are still evaluated, and only their actions are held
   * back. A composite alarm is muted itself; muting its children does not mute it. Alarms that are created later are not muted. A
   * repeated call mutes for longer, without a gap.
   *
   * Uses alarm mute rules, one for each 100 alarms, whose names contain the minute of the start. No call ends or shortens the muting of
   * an earlier one.
   *
   * @remarks IAM: cloudwatch:DescribeAlarms, cloudwatch:PutAlarmMuteRule
   * @throws ResourceNotFoundError when no alarm fits, unless `allowNone` is true; MultipleFailuresError when several rules fail;
   * InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async muteAlarms(given: StackReference, options: MuteAlarmsOptions = {}): Promise<AlarmMuting> {
    const parsed = parseInput('CloudWatchTools.muteAlarms options', muteOptionsSchema, options);
    const stack = parseStackReference(given);
    const { only } = parsed;
    const names = namesOf(await this.#findAlarms(stack, parsed));
    const alarms = only === undefined ? names : names.filter((name) => only.includes(name));
    return this.#muteRules.mute(this.#muteRuleBaseOf(stack), alarms, parsed);
  }

  /**
   * Ends every muting of the stack by {@link CloudWatchTools.muteAlarms}, and returns the names of the deleted rules. Succeeds when
   * there is none. An alarm that is in the state `ALARM` acts at once.
   *
   * @remarks IAM: cloudwatch:ListAlarmMuteRules, cloudwatch:DeleteAlarmMuteRule
   * @throws MultipleFailuresError when several rules cannot be deleted; InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async unmuteAlarms(given: StackReference, options: CallOptions = {}): Promise<string[]> {
    const parsed = parseInput('CloudWatchTools.unmuteAlarms options', callOptionsSchema, options);
    return this.#muteRules.unmute(this.#muteRuleBaseOf(parseStackReference(given)), parsed);
  }

  /**
   * Lists the names of the alarms that an active rule of {@link CloudWatchTools.muteAlarms} mutes now.
   *
   * @remarks IAM: cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule
   * @throws InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async listMutedAlarms(given: StackReference, options: ListMutedAlarmsOptions = {}): Promise<string[]> {
    const parsed = parseInput('CloudWatchTools.listMutedAlarms options', mutedOptionsSchema, options);
    const stack = parseStackReference(given);
    return [...(await this.#muteRules.mutedAlarms(this.#muteRuleBaseOf(stack), parsed))].sort();
  }

  /**
   * Lists the stack's alarms of every type.
   *
   * @remarks IAM: cloudwatch:DescribeAlarms
   * @throws ResourceNotFoundError when no alarm fits, unless `allowNone` is true; AccessDeniedError, OperationAbortedError
   */
  async listAlarms(stack: StackReference, options: MatchOptions = {}): Promise<StackAlarm[]> {
    const parsed = parseInput('CloudWatchTools.listAlarms options', matchOptionsSchema, options);
    return this.#findAlarms(parseStackReference(stack), parsed);
  }

  async #switchActions(
    given: StackReference,
    enabled: boolean,
    options: AlarmActionsOptions,
  ): Promise<AlarmActionsReport> {
    const stack = parseStackReference(given);
    const { only } = options;
    const found = await this.#findAlarms(stack, options);
    const alarms = only === undefined ? found : found.filter(({ name }) => only.includes(name));
    const isRight = ({ name, actionsEnabled }: StackAlarm) =>
      actionsEnabled === enabled && !this.#recentWrites.mayBeOther(name, enabled);
    const unchanged = namesOf(alarms.filter(isRight));
    const changed = namesOf(alarms.filter((alarm) => !isRight(alarm)));
    const send = (names: readonly string[]) =>
      this.#recentWrites.change(names, enabled, () => this.#send(stack, names, enabled, options));
    await mapConcurrently(chunksOf(changed, maxAlarms), send, maxConcurrentCalls);
    return { changed, unchanged };
  }

  async #findAlarms(stack: StackReference, options: MatchOptions): Promise<StackAlarm[]> {
    const alarms = (await this.#list(stack, options)).filter(({ name }) =>
      isAlarmOf(this.#stacks, stack, name),
    );
    requireMatch(alarms, options, {
      what: this.#nameOf(stack),
      resource: this.#nameOf(stack),
      remedy: 'Check alarmNamePrefix and alarmNameSuffix',
    });
    return alarms;
  }

  #muteRuleBaseOf(stack: StackReference): string {
    return muteRuleBase(this.#stacks[stack], stack);
  }

  #nameOf(stack: StackReference): string {
    const { alarmNamePrefix, alarmNameSuffix = '' } = this.#stacks[stack];
    return `alarms ${alarmNamePrefix}*${alarmNameSuffix}`;
  }

  /** CloudWatch can select by the prefix alone. */
  #list(stack: StackReference, { signal }: CallOptions): Promise<StackAlarm[]> {
    const { alarmNamePrefix } = this.#stacks[stack];
    const call = { action: 'cloudwatch:DescribeAlarms', resource: this.#nameOf(stack), signal };
    return collectPages(
      call,
      (http) =>
        paginateDescribeAlarms(
          { client: this.#cloudWatch, pageSize: maxAlarms },
          { AlarmNamePrefix: alarmNamePrefix, AlarmTypes: [...alarmTypes] },
          http,
        ),
      (page) =>
        alarmsOf(page).map(({ AlarmName, ActionsEnabled }) => ({
          name: requireField(AlarmName, 'AlarmName', call),
          actionsEnabled: requireField(ActionsEnabled, 'ActionsEnabled', call),
        })),
    );
  }

  async #send(
    stack: StackReference,
    names: readonly string[],
    enabled: boolean,
    { signal, maxWaitSeconds }: AlarmActionsOptions,
  ): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const resource = this.#nameOf(stack);
    const input = { AlarmNames: [...names] };
    const times = { clock: this.#clock, maxWaitSeconds, isRepeated: isConflict };
    if (enabled) {
      await retryOnConflict({ action: 'cloudwatch:EnableAlarmActions', resource, signal }, times, (http) =>
        this.#cloudWatch.send(new EnableAlarmActionsCommand(input), http),
      );
    } else {
      await retryOnConflict({ action: 'cloudwatch:DisableAlarmActions', resource, signal }, times, (http) =>
        this.#cloudWatch.send(new DisableAlarmActionsCommand(input), http),
      );
    }
    const [from, to] = enabled ? ['disabled', 'enabled'] : ['enabled', 'disabled'];
    this.#logger.info(`${enabled ? 'Enabled' : 'Disabled'} alarm actions`, {
      resource,
      alarms: [...names],
      from,
      to,
      durationMs: elapsed(),
    });
  }
}

function namesOf(alarms: readonly StackAlarm[]): string[] {
  return alarms.map(({ name }) => name);
}
