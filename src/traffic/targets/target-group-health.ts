import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type TargetHealth as TargetState,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, callAws, requireField } from '../../core/aws-call.js';
import { requireFound } from '../../core/not-found.js';
import type { TargetHealth } from '../types.js';
import { missingTargetGroup } from './elastic-load-balancing.js';

/** Reads the state of the targets of one target group. IAM: elasticloadbalancing:DescribeTargetHealth. */
export async function readTargetGroup(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
  { signal }: CallOptions,
): Promise<TargetStatus[]> {
  const call = { action: 'elasticloadbalancing:DescribeTargetHealth', resource: targetGroupArn, signal };
  const command = new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn });
  const { TargetHealthDescriptions } = await requireFound([missingTargetGroup(targetGroupArn)], () =>
    callAws(call, (http) => client.send(command, http)),
  );
  const descriptions = requireField(TargetHealthDescriptions, 'TargetHealthDescriptions', call);
  return descriptions.map(({ TargetHealth }) => statusOf(requireField(TargetHealth, 'TargetHealth', call)));
}

/** State of one target as AWS reports it, and its meaning. */
export interface TargetStatus {
  /** `healthy`, `draining (Target.DeregistrationInProgress)`. */
  readonly description: string;
  /** `gone`: deregistered, stopped or never registered, which proves nothing about its group. */
  readonly meaning: 'healthy' | 'notChecked' | 'notInUse' | 'gone' | 'unfit';
  /** True until the first health checks of the target have ended. */
  readonly isPending?: boolean;
}

/**
 * Counts the targets that may receive traffic. AWS checks the targets of every group that an action names, whatever its weight.
 * The health is unknown only while no action names the group: then its unused targets count, because every new stack begins
 * like that. An unused target of a group that an action names, or of one with other targets in use, is in an Availability Zone
 * that the load balancer does not serve, and receives no traffic.
 *
 * @param isNamed - returns true when the action of the target names the group; called only when the states do not decide.
 */
export async function summarizeHealth(
  targets: readonly TargetStatus[],
  isNamed: () => Promise<boolean>,
): Promise<TargetHealth> {
  const isUnused = targets.some(({ meaning }) => meaning === 'notInUse');
  const isInUse = targets.some(({ meaning }) => meaning !== 'notInUse' && meaning !== 'gone');
  const isFault = isUnused && !isInUse && (await isNamed());
  const mayTakeTraffic = ({ meaning }: TargetStatus) =>
    meaning === 'healthy' || meaning === 'notChecked' || (meaning === 'notInUse' && !isInUse && !isFault);
  const states = describeStates(targets);
  const fault = isFault
    ? 'although the action names their target group: enable their Availability Zones at the load balancer'
    : '';
  const detail = [states, fault].filter(Boolean).join(', ');
  const pending = targets.filter(({ isPending }) => isPending).length;
  return {
    healthy: targets.filter(mayTakeTraffic).length,
    total: targets.length,
    ...(pending > 0 && { pending }),
    ...(detail && { detail }),
  };
}

function describeStates(targets: readonly TargetStatus[]): string {
  const remarkable = targets
    .filter(({ meaning }) => meaning !== 'healthy')
    .map(({ description }) => description);
  return [...new Set(remarkable)]
    .map((description) => `${count(remarkable, description)} ${description}`)
    .join(', ');
}

function statusOf({ State, Reason }: TargetState): TargetStatus {
  const description = Reason === undefined ? (State ?? 'unknown') : `${State} (${Reason})`;
  if (State === 'healthy') return { description, meaning: 'healthy' };
  if (Reason === 'Target.NotInUse') return { description, meaning: 'notInUse' };
  if (State === 'draining' || State === 'unused') return { description, meaning: 'gone' };
  // Health checks are disabled, which is the default for the group of a Lambda function.
  if (Reason === 'Target.HealthCheckDisabled') return { description, meaning: 'notChecked' };
  return { description, meaning: 'unfit', ...(State === 'initial' && { isPending: true }) };
}

function count(all: readonly string[], wanted: string): number {
  return all.filter((it) => it === wanted).length;
}
