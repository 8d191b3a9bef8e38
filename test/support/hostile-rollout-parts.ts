import type { RolloutEvent } from '../../src/ecs-rollout/index.js';
import type { Check, CheckResult } from '../../src/traffic/types.js';

const throws = () => {
  throw new RangeError('a getter of the check');
};
const pass: CheckResult = { outcome: 'pass', detail: 'fine' };

/** Results of checks, good and hostile. A function returns or throws one. */
const results: Readonly<Record<string, () => unknown>> = {
  passes: () => pass,
  fails: () => ({ outcome: 'fail', detail: 'an error rate of 7 %' }),
  'is inconclusive': () => ({ outcome: 'inconclusive', detail: 'no data' }),
  rejects: () => Promise.reject(new Error('no connection')),
  'throws nothing': () => {
    throw undefined;
  },
  'throws a null prototype': () => {
    throw Object.freeze(Object.create(null));
  },
  'returns null': () => null,
  'returns an unknown outcome': () => ({ outcome: 'maybe', detail: 1n }),
  'returns a getter that throws': () => Object.defineProperty({ detail: '' }, 'outcome', { get: throws }),
  'never ends': () => new Promise(() => {}),
  'fails twice, then passes': () => pass,
};

/** The name of a check of {@link checkOf}. */
export type HostileCheck = string;

/** The names of all checks. */
export const hostileChecks: readonly HostileCheck[] = Object.keys(results);

/** Creates a check of this name. */
export function checkOf(kind: HostileCheck, index: number): Check {
  let evaluations = 0;
  const evaluate = async () => {
    evaluations += 1;
    if (kind === 'fails twice, then passes' && evaluations <= 2) throw new Error('not yet');
    return (await results[kind]?.()) as CheckResult;
  };
  return { name: `${index}: ${kind}`, evaluate };
}

/** The name of a listener of {@link listenerOf}. */
export type HostileListener =
  | 'listens'
  | 'throws'
  | 'throws nothing'
  | 'rejects'
  | 'never ends'
  | 'changes events';

/** The names of all listeners. */
export const hostileListeners: readonly HostileListener[] = [
  'listens',
  'throws',
  'throws nothing',
  'rejects',
  'never ends',
  'changes events',
];

/** Creates a listener of this name, which first forwards each event. */
export function listenerOf(kind: HostileListener, onEvent: (event: RolloutEvent) => void): typeof onEvent {
  return (event) => {
    onEvent(structuredClone(event));
    return reactions[kind](event);
  };
}

const reactions: Readonly<Record<HostileListener, (event: RolloutEvent) => undefined>> = {
  listens: () => undefined,
  throws: () => {
    throw new Error('no display');
  },
  'throws nothing': () => {
    throw undefined;
  },
  rejects: () => Promise.reject(new Error('no display')) as unknown as undefined,
  'never ends': () => new Promise(() => {}) as unknown as undefined,
  'changes events': (event) => {
    for (const key of Reflect.ownKeys(event)) Reflect.set(event, key, 'changed');
    Reflect.setPrototypeOf(event, null);
    return undefined;
  },
};
