import type { DeploymentLifecycleHookDetail, ServiceDeployment } from '@aws-sdk/client-ecs';

/** A hook of a deployment. */
export interface ObservedHook {
  readonly hookId: string;
  /** True for a pause; false for a Lambda hook. */
  readonly isPause: boolean;
  /** Status as ECS returns it. ECS may add statuses. */
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  /** Action of ECS after the expiry. */
  readonly timeoutAction?: string;
}

/** The fields of a service deployment that decide what follows. */
export interface ObservedDeployment {
  readonly serviceDeploymentArn: string;
  readonly serviceArn: string | undefined;
  readonly status: string;
  readonly stage: string | undefined;
  readonly hooks: readonly ObservedHook[];
  /** Percent of the production traffic that the new revision has; undefined without a managed shift. */
  readonly productionPercent: number | undefined;
  readonly testPercent: number | undefined;
  /** Reasons of a rollback as ECS names them. */
  readonly reason: string | undefined;
  readonly triggeredAlarms: readonly string[];
  readonly isCircuitBroken: boolean;
}

/** Phase of a deployment. A status that ECS has added since is `underWay`. */
export type DeploymentPhase =
  | 'underWay'
  | 'returning'
  | 'succeeded'
  | 'rolledBack'
  | 'rollbackFailed'
  | 'stopped';

/**
 * Statuses that decide.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
 */
const phases: ReadonlyMap<string, DeploymentPhase> = new Map([
  ['STOP_REQUESTED', 'returning'],
  ['ROLLBACK_REQUESTED', 'returning'],
  ['ROLLBACK_IN_PROGRESS', 'returning'],
  ['SUCCESSFUL', 'succeeded'],
  ['ROLLBACK_SUCCESSFUL', 'rolledBack'],
  ['ROLLBACK_FAILED', 'rollbackFailed'],
  ['STOPPED', 'stopped'],
]);

export function phaseOf({ status }: Pick<ObservedDeployment, 'status'>): DeploymentPhase {
  return phases.get(status) ?? 'underWay';
}

/** Copies the fields that decide. Hooks without an ID cannot be responded to, and are left out. */
export function observedOf(
  deployment: ServiceDeployment,
  { arn, status }: { readonly arn: string; readonly status: string },
): ObservedDeployment {
  const { targetServiceRevision, alarms, deploymentCircuitBreaker, rollback } = deployment;
  return {
    serviceDeploymentArn: arn,
    serviceArn: deployment.serviceArn,
    status,
    // PRE_PRODUCTION_TRAFFIC_SHIFT is missing from the enumeration of the SDK, and ECS may add stages.
    stage: deployment.lifecycleStage,
    hooks: (deployment.lifecycleHookDetails ?? []).flatMap(hookOf),
    productionPercent: targetServiceRevision?.requestedProductionTrafficWeight,
    testPercent: targetServiceRevision?.requestedTestTrafficWeight,
    reason: rollback?.reason ?? deployment.statusReason,
    triggeredAlarms: alarms?.triggeredAlarmNames ?? [],
    isCircuitBroken: deploymentCircuitBreaker?.status === 'TRIGGERED',
  };
}

function hookOf(detail: DeploymentLifecycleHookDetail): ObservedHook[] {
  const { hookId, targetType, status, expiresAt, timeoutAction } = detail;
  if (hookId === undefined || status === undefined) return [];
  return [
    {
      hookId,
      isPause: targetType === 'PAUSE',
      status,
      ...(expiresAt !== undefined && { expiresAt: expiresAt.getTime() }),
      ...(timeoutAction !== undefined && { timeoutAction }),
    },
  ];
}

/** Describes a deployment for errors and reasons. */
export function describeDeployment(deployment: ObservedDeployment): string {
  const { status, stage } = deployment;
  const because = rollbackCauseOf(deployment);
  return `${status}${stage === undefined ? '' : ` in the stage ${stage}`}${because && ` (${because})`}`;
}

/** Names what has made ECS roll back: the alarms, the circuit breaker, and ECS's own reason. Empty when nothing is known. */
export function rollbackCauseOf({ triggeredAlarms, isCircuitBroken, reason }: ObservedDeployment): string {
  const alarms = triggeredAlarms.join(', ');
  return [
    alarms && `the alarm${triggeredAlarms.length > 1 ? 's' : ''} ${alarms} triggered`,
    isCircuitBroken && 'the circuit breaker triggered',
    reason,
  ]
    .filter(Boolean)
    .join('; ');
}
