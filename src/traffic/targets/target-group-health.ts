import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type TargetHealth as TargetState,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, callAws, requireField } from '../../core/aws-call.js';
import type { TargetHealth } from '../types.js';

/** Asks for the health of the targets of one target group. IAM: elasticloadbalancing:DescribeTargetHealth. */
export async function readTargetGroupHealth(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
  { signal }: CallOptions,
): Promise<TargetHealth> {
  const call = { action: 'elasticloadbalancing:DescribeTargetHealth', resource: targetGroupArn, signal };
  const command = new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn });
  const { TargetHealthDescriptions } = await callAws(call, (http) => client.send(command, http));
  const descriptions = requireField(TargetHealthDescriptions, 'TargetHealthDescriptions', call);
  return summarizeHealth(
    descriptions.map(({ TargetHealth }) => standingOf(requireField(TargetHealth, 'TargetHealth', call))),
  );
}

/** How one target stands, in AWS's words, and what that means. */
export interface TargetStanding {
  /** `healthy`, `draining (Target.DeregistrationInProgress)`. */
  readonly words: string;
  /** `gone`: deregistered, stopped or never there, which says nothing about its group. */
  readonly meaning: 'healthy' | 'notChecked' | 'notInUse' | 'gone' | 'unfit';
}

/**
 * Counts the targets that may take traffic. A target group without traffic is `not in use`, and nobody checks its targets:
 * that is where every incoming stack begins, so they count. One that is not in use while others of its group are is in an
 * Availability Zone that its load balancer does not serve, and gets none.
 */
export function summarizeHealth(targets: readonly TargetStanding[]): TargetHealth {
  const isInUse = targets.some(({ meaning }) => meaning !== 'notInUse' && meaning !== 'gone');
  const mayTakeTraffic = ({ meaning }: TargetStanding) =>
    meaning === 'healthy' || meaning === 'notChecked' || (meaning === 'notInUse' && !isInUse);
  const remarkable = targets.filter(({ meaning }) => meaning !== 'healthy').map(({ words }) => words);
  const detail = [...new Set(remarkable)].map((words) => `${count(remarkable, words)} ${words}`).join(', ');
  return { healthy: targets.filter(mayTakeTraffic).length, total: targets.length, ...(detail && { detail }) };
}

function standingOf({ State, Reason }: TargetState): TargetStanding {
  const words = Reason === undefined ? (State ?? 'unknown') : `${State} (${Reason})`;
  if (State === 'healthy') return { words, meaning: 'healthy' };
  if (Reason === 'Target.NotInUse') return { words, meaning: 'notInUse' };
  if (State === 'draining' || State === 'unused') return { words, meaning: 'gone' };
  // Somebody has decided that these take traffic without any checks; a Lambda function's group has none by default.
  if (Reason === 'Target.HealthCheckDisabled') return { words, meaning: 'notChecked' };
  return { words, meaning: 'unfit' };
}

function count(all: readonly string[], wanted: string): number {
  return all.filter((it) => it === wanted).length;
}
