import type { CodeDeployHookName, Fault } from '../../../src/testing/index.js';
import { pickBy, randomOf } from '../overlapping-requests/schedule.js';

/** One deployment of a schedule. */
export interface ScheduledDeployment {
  /** `hotfix`: a revision of the live stack. */
  readonly kind: 'swap' | 'hotfix';
  /** A stop by a person. `rollBack` is undefined when the deployment group decides. */
  readonly stop: { readonly afterSeconds: number; readonly rollBack: boolean | undefined } | undefined;
  /** Seconds after which a person asks the swap to roll back. */
  readonly rollBackAfterSeconds: number | undefined;
  /** Seconds until the next deployment. */
  readonly pauseSeconds: number;
}

/** Deliveries of events, in seconds, used in turn. */
export type Deliveries = readonly (readonly number[])[];

/** A sequence of deployments, with everything that disturbs it. */
export interface SwapSchedule {
  readonly seed: number;
  readonly record: 'memory' | 'dynamoDb';
  readonly sameStack: 'refuse' | 'deployOnly';
  readonly autoRollback: boolean;
  readonly hooksInRollback: boolean;
  readonly statusWhileWaiting: 'InProgress' | 'Baking';
  readonly terminationWaitSeconds: number;
  readonly propagationSeconds: number;
  readonly testFails: boolean;
  readonly greenAlarms: boolean;
  /** A hook that the AppSpec file lacks. */
  readonly missingHook: CodeDeployHookName | undefined;
  readonly deployments: readonly ScheduledDeployment[];
  readonly faults: readonly Fault[];
  /** Invocations of hooks and of the tick. */
  readonly invocations: Deliveries;
  /** State-change events of deployments. */
  readonly events: Deliveries;
}

/** A schedule without any disturbance. */
export function goodSchedule(seed: number): SwapSchedule {
  return {
    seed,
    record: seed % 2 === 0 ? 'memory' : 'dynamoDb',
    sameStack: 'refuse',
    autoRollback: true,
    hooksInRollback: false,
    statusWhileWaiting: 'InProgress',
    terminationWaitSeconds: 600,
    propagationSeconds: 900,
    testFails: false,
    greenAlarms: false,
    missingHook: undefined,
    deployments: [{ kind: 'swap', stop: undefined, rollBackAfterSeconds: undefined, pauseSeconds: 0 }],
    faults: [],
    invocations: [],
    events: [],
  };
}

/** Creates a schedule from a seed. */
export function scheduleOf(seed: number): SwapSchedule {
  const random = randomOf(seed);
  const pick = pickBy(random);
  return { ...goodSchedule(seed), propagationSeconds: pick(0, 60, 900) };
}
