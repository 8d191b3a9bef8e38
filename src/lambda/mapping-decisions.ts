import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { EventMappingState, EventSourceMappingParameters } from './types.js';

/** What a mapping's state calls for: nothing more, the change itself, or patience until a transition has ended. */
export type NextStep = 'done' | 'change' | 'wait';

const opposite = { Enabled: 'Disabled', Disabled: 'Enabled' } as const;
const onTheWay = { Enabled: 'Enabling', Disabled: 'Disabling' } as const;

/**
 * How to get a mapping into the wanted state. One that is being created or updated may end in either state, and Lambda
 * accepts no change until it has; a state that is not known is waited out as well.
 *
 * @param mayBeOld - the state may be one of before the last change: then the wanted one is set again, to be sure.
 */
export function decideSwitch(state: string, wanted: EventMappingState, mayBeOld = false): NextStep {
  if (state === 'Deleting') return 'done';
  if (state === wanted || state === onTheWay[wanted]) return mayBeOld ? 'change' : 'done';
  return state === opposite[wanted] ? 'change' : 'wait';
}

/**
 * Whether a mapping is the one that a refused creation has run into. A Kafka cluster or a broker may have several for one
 * function, which differ in their topics or queues.
 */
export function isSameMapping(
  mapping: EventSourceMappingConfiguration,
  parameters: EventSourceMappingParameters,
): boolean {
  return (
    mapping.State !== 'Deleting' &&
    sameNames(mapping.Topics, parameters.Topics) &&
    sameNames(mapping.Queues, parameters.Queues)
  );
}

function sameNames(actual: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return actual.length === wanted.length && wanted.every((name) => actual.includes(name));
}
