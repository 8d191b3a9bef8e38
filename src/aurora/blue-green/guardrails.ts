import type { ObservedDatabase, ObservedDeployment } from './observe.js';
import { stateOf } from './observe.js';
import type { BlueGreenGuardrail, BlueGreenGuardrailName, DatabaseIdentity } from './types.js';

/** Readings from which the guardrails are judged. */
export interface GuardrailReadings {
  readonly deployment: ObservedDeployment;
  /** Identity of the production database when the run began. */
  readonly wanted: DatabaseIdentity;
  readonly blue: ObservedDatabase | undefined;
  readonly green: ObservedDatabase | undefined;
  readonly lag: LagReading;
  readonly maxReplicaLagSeconds: number;
}

/** Replica lag of the green database, or the reason for which there is none. */
export type LagReading =
  | { readonly kind: 'seconds'; readonly seconds: number }
  | { readonly kind: 'noData'; readonly detail: string }
  /** The engine has no metric. */
  | { readonly kind: 'noMetric'; readonly detail: string };

/**
 * Judges the conditions that RDS checks when a switchover begins, as far as an API shows them.
 *
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-switching.html
 */
export function judgeGuardrails(readings: GuardrailReadings): readonly BlueGreenGuardrail[] {
  const { deployment, blue, green } = readings;
  return [
    judgeStatus(deployment),
    judgeIdentity(readings),
    judgeTasks(deployment),
    judgeMembers(deployment),
    judgeAvailability('blueAvailable', blue),
    judgeAvailability('greenAvailable', green, isPending(readings)),
    judgeExternalReplication(blue),
    judgeReplication(green),
    judgeLag(readings),
    {
      name: 'writes',
      outcome: 'unreadable',
      mayPass: true,
      detail:
        'RDS checks for writes on green, and for long writes and DDL on blue, when the switchover begins',
    },
  ];
}

/** The guardrails that are not met. */
export function notMet(guardrails: readonly BlueGreenGuardrail[]): readonly BlueGreenGuardrail[] {
  return guardrails.filter(({ outcome }) => outcome === 'notMet');
}

/** One line for some guardrails. */
export function describeGuardrails(guardrails: readonly BlueGreenGuardrail[]): string {
  return guardrails.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
}

function judge(
  name: BlueGreenGuardrailName,
  isMet: boolean,
  detail: string,
  mayPass = true,
): BlueGreenGuardrail {
  return { name, outcome: isMet ? 'met' : 'notMet', detail, mayPass };
}

function judgeStatus(deployment: ObservedDeployment): BlueGreenGuardrail {
  const state = stateOf(deployment);
  // RDS shows here that a change on blue cannot be replicated.
  const isDegraded = /degraded/i.test(deployment.text);
  const mayPass = state !== 'invalid' && state !== 'deleting' && !isDegraded;
  return judge('status', state === 'available' && !isDegraded, deployment.text, mayPass);
}

function judgeIdentity({ wanted, blue, green, deployment }: GuardrailReadings): BlueGreenGuardrail {
  const isBlue = blue?.resourceId === wanted.resourceId && deployment.sourceArn === blue.arn;
  const isPair = green !== undefined && green.resourceId !== blue?.resourceId;
  const shown = (it: ObservedDatabase | undefined) =>
    it === undefined ? 'not found' : `${it.identifier} (${it.resourceId})`;
  const detail = `blue: ${shown(blue)}, green: ${shown(green)}`;
  return judge('identity', isBlue && isPair, detail, isBlue && isPending({ deployment, green }));
}

/** RDS has not created the green database yet. */
function isPending({ deployment, green }: Pick<GuardrailReadings, 'deployment' | 'green'>): boolean {
  return green === undefined && stateOf(deployment) === 'provisioning';
}

function judgeTasks({ tasks }: ObservedDeployment): BlueGreenGuardrail {
  const open = tasks.filter(({ status }) => status !== 'COMPLETED');
  const detail = open.length === 0 ? 'all completed' : open.map((it) => `${it.name} ${it.status}`).join(', ');
  return judge(
    'tasks',
    open.length === 0,
    detail,
    open.every(({ status }) => status !== 'FAILED'),
  );
}

function judgeMembers({ members }: ObservedDeployment): BlueGreenGuardrail {
  const others = members.filter(({ status }) => status !== 'AVAILABLE');
  const isMet = members.length > 0 && others.length === 0;
  const detail = others.map((it) => `${it.name} ${it.status}`).join(', ');
  const mayPass = others.every(({ status }) => !status.startsWith('MISSING'));
  return judge('members', isMet, detail || `${members.length} available`, mayPass);
}

/** RDS refuses a switchover in every other state, such as `storage-optimization`. */
function judgeAvailability(
  name: 'blueAvailable' | 'greenAvailable',
  database: ObservedDatabase | undefined,
  mayAppear = false,
): BlueGreenGuardrail {
  if (database === undefined) return judge(name, false, 'not found', mayAppear);
  const parts = [database, ...database.instances];
  const busy = parts.filter(({ status }) => status !== 'available');
  const isMet = busy.length === 0 && database.instances.length > 0;
  const detail = busy.map((it) => `${it.identifier} ${it.status}`).join(', ');
  return judge(name, isMet, detail || (isMet ? 'available' : `${database.identifier} has no instance`));
}

function judgeExternalReplication(blue: ObservedDatabase | undefined): BlueGreenGuardrail {
  const source = blue?.replicationSource;
  const detail = source === undefined ? 'none' : `${blue?.identifier} replicates from ${source}`;
  return judge('externalReplication', source === undefined, detail, false);
}

function judgeReplication(green: ObservedDatabase | undefined): BlueGreenGuardrail {
  const problems = (green?.instances ?? []).flatMap((it) =>
    it.problems.map((problem) => `${it.identifier} ${problem}`),
  );
  const isDegraded = problems.some((it) => /degraded|terminated/i.test(it));
  return judge('replication', problems.length === 0, problems.join(', ') || 'no problem shown', !isDegraded);
}

/** No data is never a lag of 0. */
function judgeLag({ lag, maxReplicaLagSeconds: max }: GuardrailReadings): BlueGreenGuardrail {
  const name = 'replicaLag';
  if (lag.kind === 'noMetric') return { name, outcome: 'unreadable', detail: lag.detail, mayPass: true };
  if (lag.kind === 'noData') return judge(name, false, lag.detail);
  const { seconds } = lag;
  const detail = seconds < 0 ? 'the replication does not run' : `${seconds} s (max ${max} s)`;
  return judge(name, seconds >= 0 && seconds <= max, detail);
}
