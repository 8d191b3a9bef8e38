import { paginateListSchedules, SchedulerClient } from '@aws-sdk/client-scheduler';
import * as v from 'valibot';
import { type CallOptions, collectPages, isAwsError, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import { isConflict } from '../core/failures.js';
import type { Logger } from '../core/logger.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { type MatchOptions, matchOptionsEntries, requireMatch } from '../core/match-options.js';
import { requireFound } from '../core/not-found.js';
import { pollUntil } from '../core/poll-until.js';
import { RecentWrites } from '../core/recent-writes.js';
import { nonEmptyString, seconds, stackPair, strictObject } from '../core/schemas.js';
import { sleep } from '../core/sleep.js';
import { parseStackReference, type StackPair, type StackReference } from '../core/stack-reference.js';
import { stopwatch } from '../core/stopwatch.js';
import { toolDependencies, toolOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { inWords, isScheduleOf, requireDistinctSchedules, type ScheduleNames } from './schedule-names.js';
import { compareReadBack, type ReadSchedule, ScheduleAccess, type WantedState } from './switch-schedule.js';
import type {
  ScheduleReport,
  SchedulerToolsClients,
  SchedulerToolsOptions,
  ScheduleSwitchOptions,
  StackSchedule,
} from './types.js';

/** The most schedules on one page. */
const pageSize = 100;

/** Another change of a schedule takes seconds. */
const defaultMaxWaitSeconds = 60;
const intervalSeconds = 2;

/** Reads of a written schedule that still show the earlier one, and the seconds between them. */
const maxStaleReads = 3;
const staleReadSeconds = 1;

const name = v.pipe(
  nonEmptyString,
  v.check((text) => /^[\w.-]{1,64}$/.test(text), '1 to 64 letters, digits, hyphens, underscores and dots'),
);

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  ...stackPair(strictObject({ groupName: v.optional(name, 'default'), namePrefix: v.optional(name) })),
});

const matchOptionsSchema = strictObject(matchOptionsEntries);

const switchOptionsSchema = strictObject({
  ...matchOptionsEntries,
  maxWaitSeconds: v.optional(seconds, defaultMaxWaitSeconds),
  only: v.optional(v.array(nonEmptyString)),
});

type SwitchOptions = v.InferOutput<typeof switchOptionsSchema>;
type Outcome = keyof ScheduleReport | 'gone';

/**
 * Enables and disables the EventBridge Scheduler schedules of a stack: off while the stack is idle, on before it takes over.
 * Everything else of a schedule is sent back as it was read, because `UpdateSchedule` replaces the whole schedule. Only a start in the
 * past is left out where AWS refuses to set it again, and a warning is logged.
 *
 * EventBridge Scheduler has no revisions. A change by another program between the read and the write is overwritten. One that comes
 * after the write is seen when the schedule is read back, and reported. A disabled schedule catches nothing up when it is enabled
 * again.
 *
 * A schedule that fits the names of both stacks belongs to the one with the longer prefix.
 *
 * @example
 * ```ts
 * import { SchedulerTools } from 'aws-blue-green-toolkit/scheduler';
 *
 * const schedules = new SchedulerTools({
 *   blue: { groupName: 'orders-blue' },
 *   green: { groupName: 'orders-green' },
 * });
 *
 * await schedules.enableSchedules('green');
 * const { changed } = await schedules.disableSchedules('blue');
 * ```
 */
export class SchedulerTools {
  readonly #stacks: StackPair<ScheduleNames>;
  readonly #scheduler: SchedulerClient;
  readonly #access: ScheduleAccess;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #recentWrites: RecentWrites<WantedState>;

  /**
   * @throws InvalidInputError when an option is unknown or malformed, when a stack of the group `default` has no prefix, or when the
   * stacks share schedules.
   */
  constructor(options: SchedulerToolsOptions) {
    const { blue, green, ...settings } = parseInput('SchedulerTools options', optionsSchema, options);
    const { clock, logger } = toolDependencies(settings);
    this.#stacks = { blue: namesOf(blue), green: namesOf(green) };
    requireDistinctSchedules(this.#stacks);
    this.#scheduler = resolveClients<SchedulerToolsClients>(options, {
      scheduler: SchedulerClient,
    }).scheduler;
    this.#access = new ScheduleAccess(this.#scheduler);
    this.#clock = clock;
    this.#logger = logger;
    this.#recentWrites = new RecentWrites(clock);
  }

  /**
   * Enables the stack's schedules.
   *
   * @remarks IAM: scheduler:ListSchedules, scheduler:GetSchedule, scheduler:UpdateSchedule, iam:PassRole
   * @throws ResourceNotFoundError when the group does not exist, and when no schedule fits unless `allowNone` is true;
   * WaitTimeoutError when another change of a schedule does not end; MultipleFailuresError when several schedules fail;
   * InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async enableSchedules(stack: StackReference, options: ScheduleSwitchOptions = {}): Promise<ScheduleReport> {
    const parsed = parseInput('SchedulerTools.enableSchedules options', switchOptionsSchema, options);
    return this.#switchAll(parseStackReference(stack), 'ENABLED', parsed);
  }

  /**
   * Disables the stack's schedules. Running invocations finish.
   *
   * @remarks IAM: scheduler:ListSchedules, scheduler:GetSchedule, scheduler:UpdateSchedule, iam:PassRole
   * @throws ResourceNotFoundError when the group does not exist, and when no schedule fits unless `allowNone` is true;
   * WaitTimeoutError when another change of a schedule does not end; MultipleFailuresError when several schedules fail;
   * InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async disableSchedules(
    stack: StackReference,
    options: ScheduleSwitchOptions = {},
  ): Promise<ScheduleReport> {
    const parsed = parseInput('SchedulerTools.disableSchedules options', switchOptionsSchema, options);
    return this.#switchAll(parseStackReference(stack), 'DISABLED', parsed);
  }

  /**
   * Lists the stack's schedules.
   *
   * @remarks IAM: scheduler:ListSchedules
   * @throws ResourceNotFoundError when the group does not exist, and when no schedule fits unless `allowNone` is true;
   * InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async listSchedules(stack: StackReference, options: MatchOptions = {}): Promise<StackSchedule[]> {
    const parsed = parseInput('SchedulerTools.listSchedules options', matchOptionsSchema, options);
    return this.#find(parseStackReference(stack), parsed);
  }

  async #switchAll(
    stack: StackReference,
    wanted: WantedState,
    { only, ...options }: SwitchOptions,
  ): Promise<ScheduleReport> {
    const found = await this.#find(stack, options);
    const selected = found.filter(({ name: schedule }) => only?.includes(schedule) ?? true);
    const outcomes = await mapConcurrently(selected, async (schedule) => ({
      name: schedule.name,
      outcome: await this.#switchOne(stack, schedule, { wanted, ...options }),
    }));
    const namesWith = (outcome: Outcome) =>
      outcomes.filter((it) => it.outcome === outcome).map(({ name: schedule }) => schedule);
    return {
      changed: namesWith('changed'),
      unchanged: namesWith('unchanged'),
      changedMeanwhile: namesWith('changedMeanwhile'),
    };
  }

  async #switchOne(
    stack: StackReference,
    { name: schedule, isEnabled }: StackSchedule,
    { wanted, maxWaitSeconds, signal }: Omit<SwitchOptions, 'only'> & { readonly wanted: WantedState },
  ): Promise<Outcome> {
    const names = this.#stacks[stack];
    const resource = `${names.groupName}/${schedule}`;
    if (isEnabled === (wanted === 'ENABLED') && !this.#recentWrites.mayBeOther(resource, wanted))
      return 'unchanged';
    const elapsed = stopwatch(this.#clock);
    const { outcome = 'gone' } = await pollUntil<{ readonly outcome?: Outcome; readonly refusal?: unknown }>({
      resource,
      expected: 'no other change of the schedule',
      maxWaitSeconds,
      intervalSeconds,
      signal,
      clock: this.#clock,
      // Each attempt reads again, because the change that it waited for would be lost otherwise.
      observe: () => this.#tryChange(names, schedule, { wanted, signal }),
      isDone: (it) => it.outcome !== undefined,
      describe: () => 'a conflict',
      causeOf: ({ refusal }) => refusal,
    });
    const lines = { resource, to: wanted, durationMs: elapsed() };
    if (outcome === 'changed')
      this.#logger.info(`${wanted === 'ENABLED' ? 'Enabled' : 'Disabled'} schedule`, lines);
    if (outcome === 'changedMeanwhile')
      this.#logger.warn('Schedule was changed from outside during the switch', lines);
    return outcome;
  }

  async #tryChange(
    names: ScheduleNames,
    schedule: string,
    { wanted, signal }: CallOptions & { readonly wanted: WantedState },
  ): Promise<{ readonly outcome?: Outcome; readonly refusal?: unknown }> {
    const resource = `${names.groupName}/${schedule}`;
    const before = await this.#access.read(names, schedule, { signal });
    if (before === undefined) return { outcome: 'gone' };
    if (before.settings.State === wanted && !this.#recentWrites.mayBeOther(resource, wanted))
      return { outcome: 'unchanged' };
    const settings = { ...before.settings, State: wanted };
    const times = { signal, now: this.#clock.now() };
    let written: ReadSchedule['settings'];
    try {
      written = await this.#recentWrites.change([resource], wanted, () =>
        this.#access.write(settings, times),
      );
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return { outcome: 'gone' };
      if (isConflict(error)) return { refusal: error };
      throw error;
    }
    const startDate = before.settings.StartDate;
    if (startDate !== undefined && written.StartDate === undefined)
      this.#logger.warn('Removed past start of schedule', { resource, startDate: startDate.toISOString() });
    const isChanged = await this.#isChangedMeanwhile(names, { before, written }, { signal });
    return { outcome: isChanged ? 'changedMeanwhile' : 'changed' };
  }

  /** Reads the written schedule back. A read that stays stale shows no change. */
  async #isChangedMeanwhile(
    names: ScheduleNames,
    { before, written }: { readonly before: ReadSchedule; readonly written: ReadSchedule['settings'] },
    { signal }: CallOptions,
  ): Promise<boolean> {
    const { Name: schedule = '' } = written;
    for (let reads = 1; ; reads += 1) {
      const read = await this.#access.read(names, schedule, { signal });
      const readBack = compareReadBack(written, before, read);
      if (readBack !== 'stale' || reads === maxStaleReads) return readBack === 'changed';
      await sleep(this.#clock, staleReadSeconds * 1000, { signal, resource: schedule });
    }
  }

  async #find(stack: StackReference, options: MatchOptions): Promise<StackSchedule[]> {
    const names = this.#stacks[stack];
    const resource = inWords(names);
    const found = (await this.#list(names, options)).filter(({ name: schedule }) =>
      isScheduleOf(this.#stacks, stack, schedule),
    );
    const remedy = 'Check groupName and namePrefix';
    requireMatch(found, options, { what: resource, resource, remedy });
    return found;
  }

  #list({ groupName, namePrefix }: ScheduleNames, { signal }: CallOptions): Promise<StackSchedule[]> {
    const resource = inWords({ groupName, namePrefix });
    const call = { action: 'scheduler:ListSchedules', resource, signal };
    const remedy = 'Check groupName, the Region and the account';
    const missing = {
      errorName: 'ResourceNotFoundException',
      kind: 'Schedule group',
      resource: groupName,
      remedy,
    };
    const input = { GroupName: groupName, ...(namePrefix !== '' && { NamePrefix: namePrefix }) };
    return requireFound([missing], () =>
      collectPages(
        call,
        (http) => paginateListSchedules({ client: this.#scheduler, pageSize }, input, http),
        (page) =>
          page.Schedules?.map(({ Name, State }) => ({
            name: requireField(Name, 'Name', call),
            isEnabled: requireField(State, 'State', call) === 'ENABLED',
          })),
      ),
    );
  }
}

function namesOf({
  groupName,
  namePrefix = '',
}: {
  readonly groupName: string;
  readonly namePrefix?: string | undefined;
}): ScheduleNames {
  return { groupName, namePrefix };
}
