import { awsRates, type DocumentedRate } from './aws-rates.js';
import { latencyMilliseconds } from './recorded-steps.js';

/** Minimum calls to switch hundreds of resources, with their dependencies. */
export interface ScaleMinimum {
  readonly calls: Readonly<Record<string, number>>;
  /** Length of the longest chain of calls of which each needs the previous response. */
  readonly roundTrips: number;
  /** Round trips before the first call of an action. Default: none. */
  readonly roundTripsBefore?: Readonly<Record<string, number>>;
  readonly because: string;
}

const alarms: ScaleMinimum = {
  calls: { 'cloudwatch:DescribeAlarms': 10, 'cloudwatch:EnableAlarmActions': 10 },
  roundTrips: 11,
  roundTripsBefore: { 'cloudwatch:EnableAlarmActions': 1 },
  because: 'a page lists 100 alarms and has the token of the next page, a call switches 100',
};

const mappings: ScaleMinimum = {
  calls: { 'lambda:ListEventSourceMappings': 2, 'lambda:UpdateEventSourceMapping': 200 },
  roundTrips: 3,
  because: 'a page lists 100 mappings, and a call switches one',
};

const rules: ScaleMinimum = {
  calls: {
    'lambda:GetFunctionConfiguration': 2,
    'lambda:ListVersionsByFunction': 2,
    'lambda:ListAliases': 2,
    'events:ListRules': 1,
    'events:ListRuleNamesByTarget': 4,
    'events:EnableRule': 50,
  },
  roundTrips: 3,
  roundTripsBefore: { 'events:ListRuleNamesByTarget': 1, 'events:EnableRule': 2 },
  because:
    "a rule is found by exactly one of a function's ARNs, of which these two have two each, with and without $LATEST; a page shows the states of the bus's first 100 rules",
};

const queues: ScaleMinimum = {
  calls: { 'sqs:GetQueueUrl': 20, 'sqs:PurgeQueue': 20 },
  roundTrips: 2,
  because: 'a queue is purged by its URL',
};

const readers: ScaleMinimum = {
  calls: {
    'rds:DescribeDBClusters': 1,
    'rds:DescribeDBInstances': 1,
    'application-autoscaling:DescribeScalableTargets': 1,
    'application-autoscaling:RegisterScalableTarget': 1,
  },
  roundTrips: 2,
  because: 'one write raises the minimum, however many readers follow',
};

const parts = { alarms, mappings, rules, queues, readers };

/** Minimum of each part, and of all parts concurrently. */
export const scaleMinimum: Readonly<Record<keyof typeof parts | 'everything', ScaleMinimum>> = {
  ...parts,
  everything: {
    calls: Object.assign({}, ...Object.values(parts).map(({ calls }) => calls)),
    roundTrips: Math.max(...Object.values(parts).map(({ roundTrips }) => roundTrips)),
    roundTripsBefore: { ...alarms.roundTripsBefore, ...rules.roundTripsBefore },
    because: 'the parts share only the rate of Lambda',
  },
};

/** Counts the calls of a minimum. */
export function totalCalls({ calls }: ScaleMinimum): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

/**
 * Computes the shortest time for these calls: the longest chain of dependent calls, or the time of the most used rate, whichever is
 * longer.
 */
export function criticalPathSeconds(minimum: ScaleMinimum): number {
  const waits = awsRates.map((rate) => lastResponseSeconds(minimum, rate));
  return Math.max(minimum.roundTrips * latencySeconds, ...waits);
}

const latencySeconds = latencyMilliseconds / 1000;

/** Computes when AWS can respond to the last call that shares a rate, if each call is sent as early as possible. */
function lastResponseSeconds(
  minimum: ScaleMinimum,
  { actions, perSecond, burst = perSecond }: DocumentedRate,
): number {
  const arrivals = Object.entries(minimum.calls)
    .filter(([action]) => actions.some((it) => isCallOf(it, action)))
    .flatMap(([action, count]) => Array<number>(count).fill(minimum.roundTripsBefore?.[action] ?? 0))
    .sort((one, other) => one - other)
    .map((roundTrips) => (roundTrips + 1) * latencySeconds);
  let tokens = burst;
  let at = 0;
  for (const arrival of arrivals) {
    const filled = Math.min(burst, tokens + (Math.max(at, arrival) - at) * perSecond);
    const missing = Math.max(0, 1 - filled);
    at = Math.max(at, arrival) + missing / perSecond;
    tokens = filled + missing - 1;
  }
  return at;
}

/** Returns true when an action matches a pattern such as `lambda:*`. */
function isCallOf(pattern: string, action: string): boolean {
  return pattern === action || (pattern.endsWith(':*') && action.startsWith(pattern.slice(0, -1)));
}
