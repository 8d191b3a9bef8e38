import * as v from 'valibot';
import { isTime } from '../core/clock.js';
import { isRecord } from '../core/is-record.js';
import { copyPlainData } from '../core/plain-data.js';
import { time } from '../core/schemas.js';
import { truncate } from '../core/truncate.js';
import { parseInput } from '../core/validate.js';
import { withoutUndefined } from '../core/without-undefined.js';
import { type ChangeKind, eventTypes } from './event-types.js';

/** End of a change, and a halt. */
export type ChangeOutcome = 'succeeded' | 'rolledBack' | 'halted' | 'failed' | 'abandoned';

/**
 * Stable fields of an event: the only ones that leave the process. ARNs, task definitions and other values that differ with each
 * release are left out.
 */
export interface ChangeFields {
  /** Kind of change. */
  readonly change: ChangeKind;
  /** Type of the event. */
  readonly event: string;
  /** Beginning of the change in milliseconds since 1970. */
  readonly startedAt?: number;
  /** ID of the swap. */
  readonly swapId?: string;
  /** Stack that receives the traffic. */
  readonly incoming?: string;
  /** Share of the incoming stack in percent. */
  readonly incomingPercent?: number;
  /** Name of the strategy. */
  readonly strategy?: string;
  /** Phase of a rollout or a swap. */
  readonly phase?: string;
  /** Name of the step of a swap. */
  readonly step?: string;
  /** Name of the check. */
  readonly check?: string;
  /** Result of the check. */
  readonly result?: string;
  /** True when the check decides nothing. */
  readonly dryRun?: boolean;
  /** Reason of a rollback, a halt, a hold or a failure, or the check's result in words. */
  readonly reason?: string;
  /** False when a failed rollout has left the service in another state than before. */
  readonly serviceIntact?: boolean;
  /** Number of steps of `retire` that an ended swap has left. */
  readonly orphans?: number;
  /** End of the change. */
  readonly outcome?: ChangeOutcome;
  /** Seconds from the beginning to the end of the change. */
  readonly durationSeconds?: number;
}

/** Facts about a change that its events lack. */
export interface KnownChange {
  readonly startedAt?: number | undefined;
  readonly incoming?: string | undefined;
}

/** Longest text of a field. A line of CloudWatch Logs and a batch of spans have limits. */
const maxCharacters = 1_000;

type Members = Readonly<Record<string, unknown>>;

/** An event, parsed as far as all kinds of change have it in common. */
export interface ChangeEvent {
  readonly type: string;
  /** Time of the event in milliseconds since 1970. */
  readonly at: number;
  readonly members: Members;
}

/** @throws InvalidInputError for anything but an event. */
export function parseEvent(kind: ChangeKind, event: unknown): ChangeEvent {
  const subject = `event of a ${kind}`;
  const schema = v.looseObject({ type: v.picklist(eventTypes[kind]), at: time });
  const members = parseInput(subject, schema, copyPlainData(subject, event));
  return { type: members.type, at: members.at, members };
}

/** Returns the stable fields of an event. A field of an unexpected type is left out. */
export function changeFieldsOf(
  kind: ChangeKind,
  { type, at, members: fields }: ChangeEvent,
  known: KnownChange,
): ChangeFields {
  const incoming = known.incoming ?? textOf(fields['incoming']);
  const startedAt =
    timeOf(known.startedAt) ?? timeOf(fields['beganAt']) ?? (type === 'started' ? at : undefined);
  const outcome = outcomeOf(kind, type, fields);
  const result = isRecord(fields['result']) ? fields['result'] : {};
  return withoutUndefined<ChangeFields>({
    change: kind,
    event: type,
    startedAt,
    swapId: textOf(fields['swapId']),
    incoming,
    incomingPercent: percentOf(fields['weights'], incoming),
    strategy: textOf(fields['strategy']),
    phase: textOf(fields['phase']),
    step: textOf(fields['step']),
    check: textOf(fields['check']),
    result: textOf(result['outcome']),
    dryRun: booleanOf(fields['dryRun']),
    reason: textOf(fields['reason']) ?? textOf(fields['failure']) ?? textOf(result['detail']),
    serviceIntact: booleanOf(fields['serviceIntact']),
    orphans: Array.isArray(fields['orphans']) ? fields['orphans'].length : undefined,
    outcome,
    durationSeconds:
      outcome === undefined || startedAt === undefined ? undefined : Math.max(0, at - startedAt) / 1000,
  });
}

/** True for the first event of a change. */
export function isBeginning({ change, event, phase }: ChangeFields): boolean {
  return change === 'rollout' ? event === 'phaseStarted' && phase === 'prepare' : event === 'started';
}

/** True for an evaluation that counts against the change. */
export function isFailedCheck({ event, result, dryRun }: ChangeFields): boolean {
  return event === 'checkEvaluated' && dryRun !== true && (result === 'fail' || result === 'error');
}

const endsByType: Readonly<Record<Exclude<ChangeKind, 'swap'>, Readonly<Record<string, ChangeOutcome>>>> = {
  shift: { succeeded: 'succeeded', rolledBack: 'rolledBack', halted: 'halted' },
  // A rollout whose service was rolled back fails afterwards.
  rollout: { succeeded: 'succeeded', failed: 'failed' },
};

const swapEnds: readonly unknown[] = ['succeeded', 'rolledBack', 'abandoned'] satisfies ChangeOutcome[];

function outcomeOf(
  kind: ChangeKind,
  type: string,
  { end, phase }: Readonly<Record<string, unknown>>,
): ChangeOutcome | undefined {
  if (kind !== 'swap') return Object.hasOwn(endsByType[kind], type) ? endsByType[kind][type] : undefined;
  if (type === 'phaseChanged' && phase === 'halted') return 'halted';
  return type === 'ended' && swapEnds.includes(end) ? (end as ChangeOutcome) : undefined;
}

function percentOf(weights: unknown, incoming: string | undefined): number | undefined {
  if (!isRecord(weights) || (incoming !== 'blue' && incoming !== 'green')) return undefined;
  return numberOf(weights[incoming]);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? truncate(value, maxCharacters) : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A number beyond the range of a date would be an invalid start of a span, and a value that CloudWatch refuses. */
function timeOf(value: unknown): number | undefined {
  return isTime(value) ? value : undefined;
}

function booleanOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}
