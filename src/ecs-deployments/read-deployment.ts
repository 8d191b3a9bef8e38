import { DescribeServiceDeploymentsCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { type CallOptions, callAws, requireField } from '../core/aws-call.js';
import { ResourceNotFoundError } from '../core/errors.js';
import { type ObservedDeployment, observedOf } from './deployment-status.js';

/**
 * Reads a service deployment.
 *
 * @throws ResourceNotFoundError when ECS does not know it.
 */
export async function readDeployment(
  ecs: ECSClient,
  arn: string,
  { signal }: CallOptions,
): Promise<ObservedDeployment> {
  const resource = resourceOf(arn);
  const call = { action: 'ecs:DescribeServiceDeployments', resource, signal };
  const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] });
  const { serviceDeployments = [] } = await callAws(call, (http) => ecs.send(command, http));
  const found = serviceDeployments.find(({ serviceDeploymentArn }) => serviceDeploymentArn === arn);
  if (found === undefined) throw deploymentNotFound(arn);
  return observedOf(found, { arn, status: requireField(found.status, 'serviceDeployments[].status', call) });
}

export function deploymentNotFound(arn: string, cause?: unknown): ResourceNotFoundError {
  return new ResourceNotFoundError(`Service deployment ${arn} not found`, {
    resource: resourceOf(arn),
    remedy: 'Check the Region and the account of the ECS client; ECS keeps service deployments for 90 days',
    cause,
  });
}

export function resourceOf(arn: string): string {
  return `service deployment ${arn}`;
}
