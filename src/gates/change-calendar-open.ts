import type { SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { callAws } from '../core/aws-call.js';
import type { ClientOptions } from '../core/clients.js';
import { type Loaded, lazyClient, readyClients } from '../core/lazy-client.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { requireFound } from '../core/not-found.js';
import { nonEmptyString, seconds, strictObject } from '../core/schemas.js';
import { ssmModule } from '../core/sdk-modules-of-gates.js';
import { clientOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { describeTime } from '../traffic/checks/check-options.js';
import type { Check } from '../traffic/types.js';
import { createGate, type GateReading } from './gate.js';
import { type GateOptions, gateEntries } from './gate-options.js';
import { gatePermissions } from './permissions.js';

/** Clients of {@link changeCalendarOpen}. */
export interface ChangeCalendarOpenClients {
  /** AWS Systems Manager. */
  readonly ssm: SSMClient;
}

/** Options of {@link changeCalendarOpen}. */
export type ChangeCalendarOpenOptions = GateOptions &
  ClientOptions<ChangeCalendarOpenClients> & {
    /** Names or ARNs of change calendars, of which all must be open. A shared calendar is named by its ARN. */
    readonly calendars: readonly string[];
    /**
     * Seconds for which the calendars must stay open from now on, such as the estimated time of the swap.
     * @default 0: open now
     */
    readonly openForSeconds?: number | undefined;
  };

const optionsSchema = strictObject({
  ...gateEntries,
  ...clientOptionsEntries,
  calendars: v.pipe(
    v.array(nonEmptyString),
    v.check((names) => names.length > 0, 'the name or ARN of a change calendar'),
  ),
  openForSeconds: v.optional(seconds, 0),
});

type SsmModule = typeof import('@aws-sdk/client-ssm');

/** State of a calendar at a time. */
interface CalendarState {
  readonly state: string;
  /** Milliseconds since 1970; undefined when no change is known, and NaN for a time that cannot be read. */
  readonly changesAt: number | undefined;
}

/**
 * Passes when every change calendar of Systems Manager is open, and stays open for a time. Each calendar is read by itself, because
 * the response about several does not say which of them changes next. A state that is neither OPEN nor CLOSED is inconclusive.
 *
 * @example
 * ```ts
 * import { changeCalendarOpen } from 'aws-blue-green-toolkit/gates';
 * import { check } from 'aws-blue-green-toolkit/swap';
 *
 * const allowed = check(
 *   changeCalendarOpen({ calendars: ['holidays'], openForSeconds: 7200, whileClosed: 'fail' }),
 * );
 * ```
 *
 * @remarks IAM: ssm:GetCalendarState
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function changeCalendarOpen(options: ChangeCalendarOpenOptions): Check {
  const settings = parseInput('changeCalendarOpen options', optionsSchema, options);
  const { calendars, openForSeconds } = settings;
  const { ready, config } = readyClients<ChangeCalendarOpenClients>(settings, ['ssm']);
  const load = lazyClient(ssmModule, { ready: ready.ssm, config }, (sdk) => sdk.SSMClient);
  return createGate({
    name: settings.name ?? `changeCalendarOpen ${calendars.join(', ')}`,
    settings,
    permissions: gatePermissions.changeCalendarOpen,
    async read({ now, signal }) {
      const loaded = await load();
      const end = now + openForSeconds * 1000;
      const readings = await mapConcurrently([...new Set(calendars)], async (calendar) => {
        const read = (at: number) => readState(loaded, { calendar, at, signal });
        const present = await read(now);
        // A calendar without a known change can still be closed at the end.
        const atEnd = present.changesAt === undefined && openForSeconds > 0 ? await read(end) : undefined;
        return judgeCalendar(calendar, { present, atEnd, end, isForTime: openForSeconds > 0 });
      });
      return worstOf(readings, openForSeconds);
    },
  });
}

async function readState(
  { sdk, client }: Loaded<SsmModule, SSMClient>,
  { calendar, at, signal }: { readonly calendar: string; readonly at: number; readonly signal: AbortSignal },
): Promise<CalendarState> {
  const call = { action: 'ssm:GetCalendarState', resource: calendar, signal };
  // Systems Manager documents the next change for a given time, which has no fraction of a second.
  const AtTime = describeTime(Math.floor(at / 1000) * 1000);
  const command = new sdk.GetCalendarStateCommand({ CalendarNames: [calendar], AtTime });
  const remedy = 'Check its name or ARN, the Region and the account';
  const missing = { errorName: 'InvalidDocument', kind: 'Change calendar', resource: calendar, remedy };
  const { State = 'without a state', NextTransitionTime } = await requireFound([missing], () =>
    callAws(call, (http) => client.send(command, http)),
  );
  const changesAt = NextTransitionTime === undefined ? undefined : Date.parse(NextTransitionTime);
  return { state: State, changesAt };
}

function judgeCalendar(
  calendar: string,
  {
    present,
    atEnd,
    end,
    isForTime,
  }: {
    readonly present: CalendarState;
    readonly atEnd: CalendarState | undefined;
    readonly end: number;
    readonly isForTime: boolean;
  },
): GateReading {
  const { state, changesAt } = present;
  const isReadable = changesAt !== undefined && !Number.isNaN(changesAt);
  const until = isReadable ? ` until ${describeTime(changesAt)}` : '';
  if (state === 'CLOSED') return { state: 'closed', detail: `${calendar} is closed${until}` };
  if (state !== 'OPEN') return { state: 'unknown', detail: `${calendar} is ${state}` };
  if (changesAt !== undefined && !isReadable && isForTime)
    return { state: 'unknown', detail: `${calendar} is open until a time that cannot be read` };
  if (isReadable && changesAt < end) return { state: 'closed', detail: `${calendar} is open only${until}` };
  if (atEnd !== undefined && atEnd.state !== 'OPEN')
    return { state: 'closed', detail: `${calendar} is ${atEnd.state} at ${describeTime(end)}` };
  return { state: 'open', detail: `${calendar} is open${until}` };
}

function worstOf(readings: readonly GateReading[], openForSeconds: number): GateReading {
  const worst =
    readings.find(({ state }) => state === 'closed') ?? readings.find(({ state }) => state === 'unknown');
  const detail = readings.map((it) => it.detail).join('; ');
  return (
    worst ?? {
      state: 'open',
      detail: openForSeconds > 0 ? `${detail}, for ${openForSeconds} s at least` : detail,
    }
  );
}
