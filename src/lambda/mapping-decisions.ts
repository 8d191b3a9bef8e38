import type { DocumentDBEventSourceConfig, EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { EventMappingState, EventSourceMappingParameters } from './types.js';

/** The next step towards a wanted state: nothing more to do, the change itself, or waiting for a transition to end. */
export type NextStep = 'done' | 'change' | 'wait';

/** A change of a mapping by this process. */
export interface MappingWrite {
  /** Identifies the stack's function: the result of `qualifiedName`. */
  readonly owner: string;
  readonly outcome: EventMappingState | 'Deleted';
  /** True for the creation, and not for a change afterwards. */
  readonly isNew: boolean;
  /** Lambda's own time of the change; a read that shows an earlier one is older than the change. */
  readonly modifiedAt: Date | undefined;
}

/** Reads of one mapping during a wait. */
export interface MappingReads {
  /** True once a read has shown the mapping in the wanted state, or changing to it. */
  readonly wasOnItsWay: boolean;
  /** Number of the latest reads in a row that showed the opposite state. */
  readonly inOpposite: number;
}

const opposite = { Enabled: 'Disabled', Disabled: 'Enabled' } as const;
const onTheWay = { Enabled: 'Enabling', Disabled: 'Disabling' } as const;

/** Reads of Lambda are consistent within seconds. */
const maxLagSeconds = 60;

/** One read in the opposite state may be stale. */
const minReadsInOpposite = 2;

/**
 * Decides the next step of a mapping. One that is being created or updated may end in either state, and Lambda accepts no
 * change until then. An unknown state is waited for as well, because Lambda may add states.
 *
 * @param mayBeOld - true when the state may be one of before the last change: the wanted one is then written again.
 */
export function decideSwitch(state: string, wanted: EventMappingState, mayBeOld = false): NextStep {
  if (state === 'Deleting') return 'done';
  if (state === wanted || state === onTheWay[wanted]) return mayBeOld ? 'change' : 'done';
  return state === opposite[wanted] ? 'change' : 'wait';
}

/**
 * True for a mapping with the same source as a refused creation. A Kafka cluster, a broker or a DocumentDB cluster may have
 * several mappings of one function, which differ in their topic, queue or collection.
 */
export function isSameMapping(
  mapping: EventSourceMappingConfiguration,
  parameters: EventSourceMappingParameters & { readonly EventSourceArn?: string },
): boolean {
  return (
    mapping.State !== 'Deleting' &&
    mapping.EventSourceArn === parameters.EventSourceArn &&
    sameNames(brokersOf(mapping), brokersOf(parameters)) &&
    sameNames(mapping.Topics, parameters.Topics) &&
    sameNames(mapping.Queues, parameters.Queues) &&
    sameCollection(mapping.DocumentDBEventSourceConfig, parameters.DocumentDBEventSourceConfig)
  );
}

/**
 * Seconds from this process's last change of the mapping to the change that a read shows: negative for a read that is
 * older, positive once Lambda itself has changed the mapping since. Returns undefined when one of them is unknown.
 */
export function secondsAfter(
  write: MappingWrite | undefined,
  { LastModified }: EventSourceMappingConfiguration,
): number | undefined {
  if (write?.modifiedAt === undefined || LastModified === undefined) return undefined;
  // Lambda's responses round the time in different ways.
  return Math.floor(Number(LastModified) / 1000) - Math.floor(Number(write.modifiedAt) / 1000);
}

/** True while a read may not show a change that was made this many seconds ago. */
export function mayBeInvisible(secondsSince: number | undefined): boolean {
  return secondsSince !== undefined && secondsSince < maxLagSeconds;
}

/** Adds a read of a mapping to those of before. */
export function nextReads(
  before: MappingReads | undefined,
  state: string | undefined,
  wanted: EventMappingState,
): MappingReads {
  const isOnItsWay = state === wanted || state === onTheWay[wanted];
  return {
    wasOnItsWay: before?.wasOnItsWay === true || isOnItsWay,
    inOpposite: state === opposite[wanted] ? (before?.inOpposite ?? 0) + 1 : 0,
  };
}

/**
 * True for a mapping that will not reach the wanted state by itself: it was changing to that state, or Lambda reports a reason,
 * and it stays in the opposite state.
 */
export function hasFallenBack(reads: MappingReads, mapping: EventSourceMappingConfiguration): boolean {
  return reads.inOpposite >= minReadsInOpposite && (reads.wasOnItsWay || reasonsOf(mapping).length > 0);
}

/** The mapping's state with Lambda's reasons for it. */
export function describeMapping(mapping: EventSourceMappingConfiguration): string {
  const reasons = reasonsOf(mapping);
  return reasons.length === 0 ? stateOf(mapping) : `${stateOf(mapping)} (${reasons.join('; ')})`;
}

function reasonsOf(mapping: EventSourceMappingConfiguration): string[] {
  const problem = problemOf(mapping);
  const reason = transitionReasonOf(mapping);
  return [
    ...(problem === undefined ? [] : [`LastProcessingResult: ${problem}`]),
    ...(reason === undefined ? [] : [`StateTransitionReason: ${reason}`]),
  ];
}

/** An absent state is an unknown one. */
export function stateOf({ State = 'unknown' }: EventSourceMappingConfiguration): string {
  return State;
}

/** Lambda's text is free: a problem begins with this word. */
function problemOf({ LastProcessingResult }: EventSourceMappingConfiguration): string | undefined {
  return LastProcessingResult !== undefined && /^\s*problem/i.test(LastProcessingResult)
    ? LastProcessingResult
    : undefined;
}

/** Lambda reports `USER_INITIATED` or `User action` for a requested change. */
function transitionReasonOf({ StateTransitionReason }: EventSourceMappingConfiguration): string | undefined {
  return StateTransitionReason === undefined || /^\s*user\b|^USER_/i.test(StateTransitionReason)
    ? undefined
    : StateTransitionReason;
}

/** Brokers of a self-managed Kafka cluster; empty for any other source. */
function brokersOf({
  SelfManagedEventSource,
}: Pick<EventSourceMappingConfiguration, 'SelfManagedEventSource'>): readonly string[] {
  return SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS ?? [];
}

function sameNames(actual: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return actual.length === wanted.length && wanted.every((name) => actual.includes(name));
}

function sameCollection(
  actual: DocumentDBEventSourceConfig | undefined,
  wanted: DocumentDBEventSourceConfig | undefined,
): boolean {
  return actual?.DatabaseName === wanted?.DatabaseName && actual?.CollectionName === wanted?.CollectionName;
}
