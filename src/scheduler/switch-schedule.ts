import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  type SchedulerClient,
  UpdateScheduleCommand,
  type UpdateScheduleCommandInput,
} from '@aws-sdk/client-scheduler';
import { type CallOptions, callAws, isAwsError, requireField } from '../core/aws-call.js';
import { messageOf } from '../core/describe-error.js';
import { unlessMissing } from '../core/not-found.js';
import type { ScheduleNames } from './schedule-names.js';

/** State of a schedule that a tool writes. */
export type WantedState = 'ENABLED' | 'DISABLED';

/** A schedule with everything that `UpdateSchedule` takes, and the time of its last change. */
export interface ReadSchedule {
  readonly settings: UpdateScheduleCommandInput;
  readonly changedAt: number | undefined;
}

/** Reads and writes single schedules. */
export class ScheduleAccess {
  readonly #scheduler: SchedulerClient;

  constructor(scheduler: SchedulerClient) {
    this.#scheduler = scheduler;
  }

  /** Reads a schedule; undefined when it does not exist. */
  async read(
    { groupName }: ScheduleNames,
    name: string,
    { signal }: CallOptions,
  ): Promise<ReadSchedule | undefined> {
    const call = { action: 'scheduler:GetSchedule', resource: `${groupName}/${name}`, signal };
    const command = new GetScheduleCommand({ Name: name, GroupName: groupName });
    const found = await unlessMissing(
      callAws(call, (http) => this.#scheduler.send(command, http)),
      'ResourceNotFoundException',
    );
    if (found === undefined) return undefined;
    return { settings: settingsOf(found, { groupName, name }, call), changedAt: timeOf(found) };
  }

  /**
   * Sends a whole schedule back, because `UpdateSchedule` sets what is left out to its default. Returns what was written: a start in the
   * past, which AWS can refuse to set again, has no effect any more and is then left out.
   */
  async write(
    settings: UpdateScheduleCommandInput,
    { signal, now }: CallOptions & { readonly now: number },
  ): Promise<UpdateScheduleCommandInput> {
    try {
      await this.#update(settings, { signal });
      return settings;
    } catch (error) {
      const rest = isPastStartRefused(settings, error, now) ? withoutStart(settings) : undefined;
      if (rest === undefined) throw error;
      await this.#update(rest, { signal });
      return rest;
    }
  }

  async #update(settings: UpdateScheduleCommandInput, { signal }: CallOptions): Promise<void> {
    const resource = `${settings.GroupName}/${settings.Name}`;
    const command = new UpdateScheduleCommand(settings);
    await callAws({ action: 'scheduler:UpdateSchedule', resource, signal }, (http) =>
      this.#scheduler.send(command, http),
    );
  }
}

/** Everything but the fields that only AWS sets, so that settings of newer SDK releases are sent back as well. */
function settingsOf(
  found: GetScheduleCommandOutput,
  { groupName, name }: { readonly groupName: string; readonly name: string },
  call: { readonly action: string; readonly resource: string },
): UpdateScheduleCommandInput {
  const { $metadata, Arn, CreationDate, LastModificationDate, ...settings } = found;
  return {
    ...settings,
    Name: settings.Name ?? name,
    GroupName: settings.GroupName ?? groupName,
    ScheduleExpression: requireField(settings.ScheduleExpression, 'ScheduleExpression', call),
    Target: requireField(settings.Target, 'Target', call),
    FlexibleTimeWindow: requireField(settings.FlexibleTimeWindow, 'FlexibleTimeWindow', call),
  };
}

/** AWS: "The StartDate you specify cannot be earlier than 5 minutes ago." (https://github.com/getmoto/moto/pull/8172) */
function isPastStartRefused({ StartDate }: UpdateScheduleCommandInput, error: unknown, now: number): boolean {
  const isPast = StartDate !== undefined && StartDate.getTime() < now;
  return isPast && isAwsError(error, 'ValidationException') && /start ?date/i.test(messageOf(error));
}

function withoutStart({ StartDate: _start, ...settings }: UpdateScheduleCommandInput) {
  return settings;
}

function timeOf({ LastModificationDate }: GetScheduleCommandOutput): number | undefined {
  return LastModificationDate?.getTime();
}

/** Outcome of reading a written schedule back. */
export type ReadBack = 'asWritten' | 'stale' | 'changed';

/** Compares a schedule with what was written. A read that shows the schedule as it was before is stale. */
export function compareReadBack(
  written: UpdateScheduleCommandInput,
  before: ReadSchedule,
  read: ReadSchedule | undefined,
): ReadBack {
  if (read === undefined) return 'changed';
  if (isSame(read.settings, written)) return 'asWritten';
  return isSame(read.settings, before.settings) && read.changedAt === before.changedAt ? 'stale' : 'changed';
}

function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** JSON with sorted keys, without undefined members and the token of a write. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => {
    if (key === 'ClientToken') return undefined;
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
