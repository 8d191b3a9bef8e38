import {
  GetHealthCheckCommand,
  GetHealthCheckStatusCommand,
  type HealthCheckConfig,
  type HealthCheckObservation,
  type ResourceRecordSet,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { type CallOptions, callAws, requireField } from '../../core/aws-call.js';
import { requireFound } from '../../core/not-found.js';
import type { TargetHealth } from '../types.js';

/** Percent of the health checkers above which Route 53 considers an endpoint healthy. */
const healthyPercent = 18;

/** Kinds of health check that have no health checkers, so that Route 53 returns no status of them. */
const kindsWithoutCheckers = /^(CALCULATED|CLOUDWATCH_METRIC|RECOVERY_CONTROL)$/;

/**
 * Returns 1 of 1 for a record that Route 53 considers healthy. A record without a health check counts as healthy, and so does one
 * whose health check has no health checkers, because its status cannot be read.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
 */
export async function readRecordHealth(
  client: Route53Client,
  { HealthCheckId, SetIdentifier }: ResourceRecordSet,
  { signal }: CallOptions,
): Promise<TargetHealth> {
  if (HealthCheckId === undefined) return { healthy: 1, total: 1 };
  const resource = `health check ${HealthCheckId}`;
  const missing = {
    errorName: 'NoSuchHealthCheck',
    kind: 'Route 53',
    resource,
    remedy: `Create the health check of the record ${SetIdentifier} again, or remove it from the record`,
  };
  const configCall = { action: 'route53:GetHealthCheck', resource, signal };
  const { HealthCheck } = await requireFound([missing], () =>
    callAws(configCall, (http) => client.send(new GetHealthCheckCommand({ HealthCheckId }), http)),
  );
  const config = requireField(HealthCheck?.HealthCheckConfig, 'HealthCheckConfig', configCall);
  if (config.Disabled !== true && kindsWithoutCheckers.test(`${config.Type}`)) {
    return { healthy: 1, total: 1 };
  }
  const statusCall = { action: 'route53:GetHealthCheckStatus', resource, signal };
  const { HealthCheckObservations } = await requireFound([missing], () =>
    callAws(statusCall, (http) => client.send(new GetHealthCheckStatusCommand({ HealthCheckId }), http)),
  );
  const observations = requireField(HealthCheckObservations, 'HealthCheckObservations', statusCall);
  return healthFrom(config, observations, resource);
}

function healthFrom(
  { Disabled, Inverted }: HealthCheckConfig,
  observations: readonly HealthCheckObservation[],
  resource: string,
): TargetHealth {
  const successes = observations.filter(({ StatusReport }) => /^Success/.test(StatusReport?.Status ?? ''));
  // Route 53 considers an endpoint healthy while its health check is disabled.
  const isPassing = Disabled === true || successes.length * 100 > observations.length * healthyPercent;
  if (isPassing !== (Inverted === true)) return { healthy: 1, total: 1 };
  const failure = observations.find((it) => !successes.includes(it))?.StatusReport?.Status;
  const counts = `${successes.length} of ${observations.length} health checkers report a success`;
  const detail = `${resource}: ${counts}${Inverted === true ? ', inverted' : ''}${failure ? ` (${failure})` : ''}`;
  return { healthy: 0, total: 1, detail };
}
