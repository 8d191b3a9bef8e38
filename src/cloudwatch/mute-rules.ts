import {
  type CloudWatchClient,
  DeleteAlarmMuteRuleCommand,
  GetAlarmMuteRuleCommand,
  PutAlarmMuteRuleCommand,
  paginateListAlarmMuteRules,
} from '@aws-sdk/client-cloudwatch';
import { type CallOptions, callAws, collectPages, requireField } from '../core/aws-call.js';
import { chunksOf } from '../core/chunks-of.js';
import type { Clock } from '../core/clock.js';
import { isConflict } from '../core/failures.js';
import { hashOf } from '../core/hash.js';
import type { Logger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { unlessMissing } from '../core/not-found.js';
import { retryOnConflict } from '../core/retry-on-conflict.js';
import { stopwatch } from '../core/stopwatch.js';
import type { AlarmMuting, CloudWatchStackOptions, ListMutedAlarmsOptions } from './types.js';

/** One rule mutes as many alarms. */
const maxTargets = 100;

const minute = 60_000;
const maxBaseLength = 180;

/**
 * Begin of the names of the rules of a stack. The rules of other stacks begin otherwise: a hash distinguishes names that differ only in
 * what a rule's name cannot contain.
 */
export function muteRuleBase(
  { alarmNamePrefix, alarmNameSuffix = '' }: CloudWatchStackOptions,
  stack: string,
): string {
  const names = `${alarmNamePrefix}${alarmNameSuffix}`;
  const shown = names.replace(/[^\w.-]/g, '-').slice(0, maxBaseLength);
  const isExact = shown === names && alarmNameSuffix === '';
  const id = isExact ? '' : `-${shortHash([alarmNamePrefix, alarmNameSuffix])}`;
  return `${shown}${id}-mute-${stack}-`;
}

/** End of the names of the rules: the minute of the start, and a hash. */
const nameEnd = /^\d{8}T\d{4}-[0-9a-f]{8}$/;

/**
 * The alarm mute rules of one stack. Their names contain the minute of their start, so that a later rule leaves no gap, and a hash of
 * the alarms and the time, so that no rule replaces one of other alarms or of another time.
 */
export class MuteRules {
  readonly #cloudWatch: CloudWatchClient;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(
    cloudWatch: CloudWatchClient,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#cloudWatch = cloudWatch;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Mutes alarms from the next whole minute on, because the start of a rule has no seconds. */
  async mute(
    base: string,
    alarms: readonly string[],
    { durationMinutes, maxWaitSeconds, signal }: CallOptions & MuteTimes,
  ): Promise<AlarmMuting> {
    const from = Math.ceil(this.#clock.now() / minute) * minute;
    const until = from + durationMinutes * minute;
    const start = new Date(from).toISOString().slice(0, 16);
    const chunks = chunksOf([...alarms], maxTargets).map((some) => ({
      some,
      name: `${base}${start.replace(/\W/g, '')}-${shortHash([durationMinutes, ...some])}`,
    }));
    await mapConcurrently(chunks, async ({ some, name }) => {
      const elapsed = stopwatch(this.#clock);
      const call = { action: 'cloudwatch:PutAlarmMuteRule', resource: name, signal };
      const command = new PutAlarmMuteRuleCommand({
        Name: name,
        Description: 'Mutes the alarms of a stack during a deployment, and ends by itself',
        Rule: {
          Schedule: { Expression: `at(${start})`, Duration: `PT${durationMinutes}M`, Timezone: 'UTC' },
        },
        // Never left out, because a rule without targets can mean every alarm of the account.
        MuteTargets: { AlarmNames: some },
        ExpireDate: new Date(until),
      });
      const times = { clock: this.#clock, maxWaitSeconds, isRepeated: isConflict };
      await retryOnConflict(call, times, (http) => this.#cloudWatch.send(command, http));
      const end = new Date(until).toISOString();
      this.#logger.info('Muted alarms', { resource: name, alarms: some, until: end, durationMs: elapsed() });
    });
    return {
      muteRules: chunks.map(({ name }) => name),
      alarms: [...alarms],
      from: new Date(from),
      until: new Date(until),
    };
  }

  /** Deletes the stack's rules, expired ones too, and returns their names. */
  async unmute(base: string, { signal }: CallOptions): Promise<string[]> {
    const rules = await this.#list(base, { signal });
    return mapConcurrently(rules, async ({ name }) => {
      const elapsed = stopwatch(this.#clock);
      const command = new DeleteAlarmMuteRuleCommand({ AlarmMuteRuleName: name });
      await callAws({ action: 'cloudwatch:DeleteAlarmMuteRule', resource: name, signal }, (http) =>
        this.#cloudWatch.send(command, http),
      );
      this.#logger.info('Unmuted alarms', { resource: name, durationMs: elapsed() });
      return name;
    });
  }

  /** Names of the alarms that a rule of the stack mutes now, or will mute. */
  async mutedAlarms(
    base: string,
    { includeScheduled = false, signal }: ListMutedAlarmsOptions,
  ): Promise<ReadonlySet<string>> {
    const wanted = (await this.#list(base, { signal })).filter(
      ({ status }) => status === 'ACTIVE' || (includeScheduled && status === 'SCHEDULED'),
    );
    const targets = await mapConcurrently(wanted, async ({ name }) => {
      const command = new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: name });
      const call = { action: 'cloudwatch:GetAlarmMuteRule', resource: name, signal };
      const response = callAws(call, (http) => this.#cloudWatch.send(command, http));
      const rule = await unlessMissing(response, 'ResourceNotFoundException', 'ResourceNotFound');
      return rule?.MuteTargets?.AlarmNames ?? [];
    });
    return new Set(targets.flat());
  }

  /** A summary has no name, only the ARN. */
  #list(base: string, { signal }: CallOptions): Promise<{ name: string; status: string | undefined }[]> {
    const call = { action: 'cloudwatch:ListAlarmMuteRules', resource: `alarm mute rules ${base}*`, signal };
    return collectPages(
      call,
      (http) => paginateListAlarmMuteRules({ client: this.#cloudWatch, pageSize: 100 }, {}, http),
      ({ AlarmMuteRuleSummaries }) =>
        AlarmMuteRuleSummaries?.map(({ AlarmMuteRuleArn, Status }) => ({
          name: requireField(AlarmMuteRuleArn, 'AlarmMuteRuleArn', call).split(':').slice(6).join(':'),
          status: Status,
        })).filter(({ name }) => name.startsWith(base) && nameEnd.test(name.slice(base.length))),
    );
  }
}

function shortHash(parts: readonly (string | number)[]): string {
  return (hashOf(JSON.stringify(parts)) >>> 0).toString(16).padStart(8, '0');
}

interface MuteTimes {
  readonly durationMinutes: number;
  readonly maxWaitSeconds?: number | undefined;
}
