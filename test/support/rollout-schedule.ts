import fc from 'fast-check';
import type { Fault, SimulatedTaskFailure } from '../../src/testing/index.js';
import {
  type HostileCheck,
  type HostileListener,
  hostileChecks,
  hostileListeners,
} from './hostile-rollout-parts.js';

/** The service of a schedule. */
export type WorldName = 'fargate' | 'instances' | 'worker';

/** An external change during a run. */
export interface OutsideChange {
  readonly afterSeconds: number;
  readonly kind: 'scale' | 'update' | 'stopServiceTask' | 'stopCanary' | 'deregisterCanary';
}

/** One run of a rollout, with everything that disturbs it. */
export interface RunSchedule {
  /** Version in the tag of the image. Version 2 is the one that fails, when the schedule has a failure. */
  readonly version: 2 | 3;
  readonly faults: readonly Fault[];
  readonly abortAfterSeconds: number | undefined;
  readonly checks: readonly HostileCheck[];
  readonly listener: HostileListener;
  readonly outside: readonly OutsideChange[];
  readonly clockChange: { readonly afterSeconds: number; readonly bySeconds: number } | undefined;
  readonly onAbort: 'rollBack' | 'leave';
  readonly onUnstable: 'rollBack' | 'leave';
  readonly updatesSettings: boolean;
  readonly placesCanary: boolean;
}

/** A service, and the runs that follow one another. The last run of every schedule is undisturbed, and not part of it. */
export interface RolloutSchedule {
  readonly world: WorldName;
  readonly desiredCount: 1 | 2;
  readonly circuitBreaker: boolean;
  readonly healthCheck: boolean;
  /** The failure of tasks with the version 2. */
  readonly failure:
    | { readonly among: 'service' | 'standalone'; readonly failure: SimulatedTaskFailure }
    | undefined;
  readonly runs: readonly RunSchedule[];
}

const forEver = Number.POSITIVE_INFINITY;

const actions = [
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'ecs:RegisterTaskDefinition',
  'ecs:ListTasks',
  'ecs:DescribeTasks',
  'ecs:RunTask',
  'ecs:StartTask',
  'ecs:StopTask',
  'ecs:UpdateService',
  'ecs:DescribeContainerInstances',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:RegisterTargets',
  'elasticloadbalancing:DescribeTargetHealth',
  'elasticloadbalancing:DeregisterTargets',
] as const;

const error = (name: string, message: string, httpStatusCode: number) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

const errors: readonly Error[] = [
  error('NewlyInventedException', 'A refusal that is not known', 400),
  error('UpdateInProgressException', 'An update is in progress', 400),
  error('ServiceNotActiveException', 'Service was not ACTIVE', 400),
  error('ClientException', 'Too many concurrent attempts to create a new revision', 400),
  error('LimitExceededException', 'The limit is reached', 400),
  error('ServerException', 'Service Unavailable', 503),
];

const times = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }) },
  { weight: 1, arbitrary: fc.constant(forEver) },
);

const lasting: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.oneof(
      fc.constantFrom<Fault['kind'][]>('throttle', 'serverError', 'timeout', 'lostResponse', 'accessDenied'),
      fc.constantFrom<Fault['kind'][]>(...errors),
    ),
    action: fc.constantFrom(...actions),
    atCall: fc.integer({ min: 1, max: 8 }),
    times,
  }),
  // AWS lags by seconds. A simulated stale read is as old as the last read of its kind: minutes for ListTasks.
  fc.record({
    kind: fc.constant<Fault['kind']>('staleRead'),
    action: fc.constantFrom(
      'ecs:DescribeServices',
      'ecs:DescribeTasks',
      'elasticloadbalancing:DescribeTargetHealth',
    ),
    atCall: fc.integer({ min: 2, max: 20 }),
    times: fc.integer({ min: 1, max: 3 }),
  }),
);

/** A failure of any call at all, and the end of the process. */
const single: fc.Arbitrary<Fault> = fc.record({
  kind: fc.constantFrom<Fault['kind'][]>(
    'serverError',
    'lostResponse',
    'accessDenied',
    'crashBefore',
    'crashAfter',
  ),
  atCall: fc.integer({ min: 1, max: 80 }),
});

const outside: fc.Arbitrary<OutsideChange> = fc.record({
  afterSeconds: fc.integer({ min: 0, max: 240 }),
  kind: fc.constantFrom('scale', 'update', 'stopServiceTask', 'stopCanary', 'deregisterCanary'),
});

const anyRun: fc.Arbitrary<RunSchedule> = fc.record({
  version: fc.constantFrom<(2 | 3)[]>(2, 2, 2, 3),
  faults: fc.array(fc.oneof(lasting, single), { maxLength: 4 }),
  abortAfterSeconds: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 240 }) },
  ),
  checks: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...hostileChecks), { minLength: 1, maxLength: 2 }) },
  ),
  listener: fc.constantFrom(...hostileListeners),
  outside: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(outside, { minLength: 1, maxLength: 2 }) },
  ),
  clockChange: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({ afterSeconds: fc.nat(240), bySeconds: fc.integer({ min: -7200, max: 7200 }) }),
    },
  ),
  onAbort: fc.constantFrom<('rollBack' | 'leave')[]>('rollBack', 'rollBack', 'leave'),
  onUnstable: fc.constantFrom<('rollBack' | 'leave')[]>('rollBack', 'rollBack', 'leave'),
  updatesSettings: fc.constantFrom(false, false, true),
  placesCanary: fc.boolean(),
});

const failures: readonly SimulatedTaskFailure[] = [
  { kind: 'exits' },
  { kind: 'imageNotFound' },
  { kind: 'staysPending' },
  { kind: 'noCapacity' },
  { kind: 'targetUnhealthy' },
  { kind: 'containerUnhealthy' },
];

const anyFailure: fc.Arbitrary<RolloutSchedule['failure']> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  {
    weight: 3,
    arbitrary: fc.record({ among: fc.constant('service' as const), failure: fc.constantFrom(...failures) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      among: fc.constant('standalone' as const),
      // A service is stable before its tasks exit, so that only a canary detects this failure.
      failure: fc.constantFrom<SimulatedTaskFailure[]>(...failures, { kind: 'exits', afterSeconds: 3 }),
    }),
  },
);

/** Any schedule. */
export const anySchedule: fc.Arbitrary<RolloutSchedule> = fc.record({
  world: fc.constantFrom<WorldName[]>('fargate', 'instances', 'worker'),
  desiredCount: fc.constantFrom<(1 | 2)[]>(1, 2),
  circuitBreaker: fc.boolean(),
  healthCheck: fc.boolean(),
  failure: anyFailure,
  runs: fc.array(anyRun, { minLength: 1, maxLength: 3 }),
});
