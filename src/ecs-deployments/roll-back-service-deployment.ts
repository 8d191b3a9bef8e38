import { ECSClient } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { resolveClients } from '../core/clients.js';
import { ResourceStateError } from '../core/errors.js';
import { abortSignal, nonEmptyString, strictObject } from '../core/schemas.js';
import { stopwatch } from '../core/stopwatch.js';
import { clientOptionsOf, toolDependencies, toolOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { requestRollback } from './change-deployment.js';
import { describeDeployment, type ObservedDeployment, phaseOf } from './deployment-status.js';
import type { EcsDeploymentClients } from './pause-types.js';
import { readDeployment, resourceOf } from './read-deployment.js';
import type { RollBackServiceDeploymentOptions } from './watch-types.js';

/** Schema entries of both functions. */
export const deploymentEntries = {
  ...toolOptionsEntries,
  signal: v.optional(abortSignal),
  serviceDeploymentArn: v.pipe(
    nonEmptyString,
    v.check((arn) => arn.includes(':service-deployment/'), 'the ARN of a service deployment'),
  ),
};

const rollBackSchema = strictObject(deploymentEntries);

/**
 * Requests that ECS rolls a deployment back. Returns when ECS has accepted the request, or is rolling back already; `watchServiceDeployment` waits for the end.
 *
 * @remarks IAM: ecs:DescribeServiceDeployments, ecs:StopServiceDeployment
 * @throws ResourceStateError when the deployment has ended otherwise; InvalidInputError, ResourceNotFoundError, AccessDeniedError,
 * OperationAbortedError
 */
export async function rollBackServiceDeployment(options: RollBackServiceDeploymentOptions): Promise<void> {
  const parsed = parseInput('rollBackServiceDeployment options', rollBackSchema, options);
  const { serviceDeploymentArn: arn, signal } = parsed;
  const { ecs } = resolveClients<EcsDeploymentClients>(clientOptionsOf(parsed), { ecs: ECSClient });
  const { clock, logger } = toolDependencies(parsed);
  const elapsed = stopwatch(clock);
  const resource = resourceOf(arn);
  const deployment = await readDeployment(ecs, arn, { signal });
  if (isReturned(deployment)) return;
  requireUnderWay(deployment);
  const result = await requestRollback(ecs, arn, { signal });
  if (result.isAccepted) {
    logger.info('Requested rollback of deployment', { resource, durationMs: elapsed() });
    return;
  }
  if (!isReturned(result.deployment)) requireUnderWay(result.deployment);
}

function isReturned(deployment: ObservedDeployment): boolean {
  const phase = phaseOf(deployment);
  return phase === 'returning' || phase === 'rolledBack';
}

/** @throws ResourceStateError for a deployment that has ended. */
function requireUnderWay(deployment: ObservedDeployment): void {
  if (phaseOf(deployment) === 'underWay') return;
  const { serviceDeploymentArn } = deployment;
  throw new ResourceStateError(`Service deployment ${serviceDeploymentArn} cannot be rolled back`, {
    resource: resourceOf(serviceDeploymentArn),
    expected: 'a deployment in progress',
    actual: describeDeployment(deployment),
    remedy: 'Deploy the previous task definition',
  });
}
