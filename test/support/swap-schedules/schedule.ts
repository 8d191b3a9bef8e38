import type { CodeDeployHookName, Fault } from '../../../src/testing/index.js';
import { type Pick, pickBy, randomOf } from '../overlapping-requests/schedule.js';

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
  /** True with a step that must not be repeated. */
  readonly migrates?: boolean;
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

const hours = 3_600;

/** Operations of AWS that the hooks, the tick and a person call. */
const actions = [
  'codedeploy:GetDeployment',
  'codedeploy:ListDeployments',
  'codedeploy:PutLifecycleEventHookExecutionStatus',
  'codedeploy:StopDeployment',
  'elasticloadbalancing:DescribeRules',
  'ecs:DescribeServices',
  'ecs:DescribeTaskDefinition',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:DeleteItem',
  'sns:GetSubscriptionAttributes',
  'sns:SetSubscriptionAttributes',
  'sqs:PurgeQueue',
  'lambda:ListEventSourceMappings',
  'lambda:UpdateEventSourceMapping',
  'cloudwatch:DescribeAlarms',
  'cloudwatch:EnableAlarmActions',
  'cloudwatch:DisableAlarmActions',
] as const;

const passing = ['throttle', 'serverError', 'timeout', 'lostResponse'] as const;
const kills = ['killBefore', 'killAfter'] as const;

/** Creates a schedule from a seed. Half of the hazards are absent from each. */
export function scheduleOf(seed: number): SwapSchedule {
  const random = randomOf(seed);
  const pick = pickBy(random);
  const has = () => random() < 0.5;
  return {
    seed,
    record: pick('memory', 'dynamoDb'),
    sameStack: pick('refuse', 'deployOnly', 'deployOnly'),
    autoRollback: pick(true, true, false),
    hooksInRollback: pick(false, true),
    statusWhileWaiting: pick('InProgress', 'Baking'),
    terminationWaitSeconds: pick(0, 60, 600, 3 * hours),
    propagationSeconds: pick(0, 60, 900),
    testFails: random() < 0.15,
    greenAlarms: random() < 0.25,
    missingHook: random() < 0.05 ? pick(...hookNames) : undefined,
    deployments: deploymentsOf(random, pick),
    faults: [
      ...(has() ? staleReadsOf(random, pick) : []),
      ...(has() ? faultsOf(random, pick) : []),
      ...(has() ? killsOf(random, pick) : []),
      ...(has() ? stallsOf(random, pick) : []),
    ],
    invocations: has() ? deliveriesOf(random, pick, [0, 5, 60, 600, 1_800, 3 * hours]) : [],
    events: has() ? deliveriesOf(random, pick, [0, 0, 60, 600, 1_800, 3 * hours]) : [],
  };
}

const hookNames: readonly CodeDeployHookName[] = [
  'BeforeInstall',
  'AfterInstall',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
];

function deploymentsOf(random: () => number, pick: Pick): ScheduledDeployment[] {
  return Array.from({ length: pick(1, 1, 2, 3) }, () => ({
    kind: pick('swap', 'swap', 'swap', 'hotfix'),
    stop:
      random() < 0.3
        ? { afterSeconds: pick(30, 300, 1_000, 1_200, 1_500, 1_800), rollBack: pick(true, false, undefined) }
        : undefined,
    rollBackAfterSeconds: random() < 0.2 ? pick(5, 60, 400, 1_100, 1_400, 1_700, 2_100) : undefined,
    pauseSeconds: pick(0, 30, 200, 700, 2 * hours),
  }));
}

function faultsOf(random: () => number, pick: Pick): Fault[] {
  return Array.from({ length: pick(1, 2, 3, 4) }, () => ({
    kind: pick<Fault['kind']>(...passing, ...passing, 'accessDenied'),
    action: pick(...actions),
    atCall: 1 + Math.floor(random() * random() * 30),
    times: pick(1, 2, 4, 8, 30),
  }));
}

/** AWS lags by seconds. A simulated stale read is as old as the last read of its kind, so it comes once. */
function staleReadsOf(random: () => number, pick: Pick): Fault[] {
  const reads = actions.filter((action) => /:(Describe|Get|List)/.test(action));
  return Array.from({ length: pick(1, 2, 4) }, () => ({
    kind: 'staleRead',
    action: pick(...reads),
    atCall: 2 + Math.floor(random() * 40),
  }));
}

/** Kills at any call, or at those of one operation: three in a row end all attempts of Lambda. */
function killsOf(random: () => number, pick: Pick): Fault[] {
  return Array.from({ length: pick(1, 2, 3) }, () => {
    const isAny = random() < 0.6;
    return {
      kind: pick(...kills),
      ...(!isAny && { action: pick(...actions) }),
      atCall: 1 + Math.floor(random() * (isAny ? 150 : 10)),
      times: pick(1, 1, 1, 3),
    };
  });
}

/** Processes whose clocks stand still. */
function stallsOf(random: () => number, pick: Pick): Fault[] {
  return Array.from({ length: pick(1, 2) }, () => ({
    kind: { stallSeconds: pick(20, 80, 100, 130, 300, 700) },
    atCall: 1 + Math.floor(random() * 150),
  }));
}

/** Most of the deliveries are at once; the others are late, double or lost. */
function deliveriesOf(random: () => number, pick: Pick, seconds: readonly number[]): Deliveries {
  return Array.from({ length: 12 }, () => {
    if (random() < 0.5) return [0];
    const count = pick(0, 1, 2, 2, 3);
    return Array.from({ length: count }, () => pick(...seconds));
  });
}
