import {
  type DescribeServiceDeploymentsCommandInput,
  type DescribeServiceDeploymentsCommandOutput,
  type DescribeServiceRevisionsCommandInput,
  type DescribeServiceRevisionsCommandOutput,
  type ListServiceDeploymentsCommandInput,
  type ListServiceDeploymentsCommandOutput,
  type ServiceDeployment,
  type ServiceDeploymentLifecycleStage,
  ServiceDeploymentNotFoundException,
  type StopServiceDeploymentCommandInput,
  type StopServiceDeploymentCommandOutput,
} from '@aws-sdk/client-ecs';
import { awsError, clientFault, type OperationOutput, pageOf, required } from '../../cloud/environment.js';
import type { SimulatedEcsServiceDeployment } from './simulated-ecs-deployment.js';
import type { SimulatedServiceRevisions } from './simulated-service-revisions.js';

const maxDescribed = 20;

/** Creates the operations on service deployments and revisions. */
export function serviceDeploymentOperations(
  deployments: readonly SimulatedEcsServiceDeployment[],
  serviceRevisions: SimulatedServiceRevisions,
) {
  return {
    DescribeServiceDeployments: (
      input: DescribeServiceDeploymentsCommandInput,
    ): OperationOutput<DescribeServiceDeploymentsCommandOutput> => {
      const arns = requireUpToTwenty(input.serviceDeploymentArns, 'serviceDeploymentArns');
      const found = deployments.filter(({ serviceDeploymentArn }) => arns.includes(serviceDeploymentArn));
      const missing = arns.filter((arn) => found.every((it) => it.serviceDeploymentArn !== arn));
      return {
        serviceDeployments: found.map(describe),
        failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
      };
    },

    ListServiceDeployments: (
      input: ListServiceDeploymentsCommandInput,
    ): OperationOutput<ListServiceDeploymentsCommandOutput> => {
      const service = required(input.service, 'service');
      const { status = [], nextToken: token, maxResults: size = 20 } = input;
      const matching = deployments
        .filter((it) => it.serviceArn === service || it.serviceArn.endsWith(`/${input.cluster}/${service}`))
        .filter((it) => status.length === 0 || status.includes(it.status))
        .reverse();
      const { items, nextToken } = pageOf(matching, { token, size, maxSize: 100 });
      return {
        serviceDeployments: items.map((it) => ({
          serviceDeploymentArn: it.serviceDeploymentArn,
          serviceArn: it.serviceArn,
          clusterArn: it.arns.cluster,
          status: it.status,
          targetServiceRevisionArn: it.arns.target,
          ...timesOf(it),
        })),
        nextToken,
      };
    },

    DescribeServiceRevisions: (
      input: DescribeServiceRevisionsCommandInput,
    ): OperationOutput<DescribeServiceRevisionsCommandOutput> => {
      const arns = requireUpToTwenty(input.serviceRevisionArns, 'serviceRevisionArns');
      const revisions = arns.map((arn) => serviceRevisions.describe(arn));
      return {
        serviceRevisions: revisions.flatMap((it) => it ?? []),
        failures: arns.filter((_, index) => !revisions[index]).map((arn) => ({ arn, reason: 'MISSING' })),
      };
    },

    StopServiceDeployment: (
      input: StopServiceDeploymentCommandInput,
    ): OperationOutput<StopServiceDeploymentCommandOutput> => {
      const arn = required(input.serviceDeploymentArn, 'serviceDeploymentArn');
      const deployment = deployments.find(({ serviceDeploymentArn }) => serviceDeploymentArn === arn);
      if (deployment === undefined) {
        throw new ServiceDeploymentNotFoundException(
          clientFault(
            'The service deploy ARN that you specified in the StopServiceDeployment doesn’t exist.',
          ),
        );
      }
      if (input.stopType === 'ABORT')
        throw awsError('InvalidParameterException', 'The valid stop types are ROLLBACK');
      if (deployment.hasEnded)
        throw awsError('ConflictException', `The service deployment is ${deployment.status}`);
      deployment.stop();
      return { serviceDeploymentArn: arn };
    },
  };
}

function requireUpToTwenty(arns: readonly string[] | undefined, member: string): readonly string[] {
  const { length } = arns ?? [];
  if (length >= 1 && length <= maxDescribed) return arns ?? [];
  throw awsError('InvalidParameterException', `${member} has 1 to ${maxDescribed} ARNs, not ${length}`);
}

function timesOf({ startedAt, finishedAt }: SimulatedEcsServiceDeployment) {
  return {
    createdAt: new Date(startedAt),
    startedAt: new Date(startedAt),
    ...(finishedAt !== undefined && { finishedAt: new Date(finishedAt) }),
  };
}

/** The enumeration of AWS lacks PRE_PRODUCTION_TRAFFIC_SHIFT, which the service returns all the same. */
function describe(deployment: SimulatedEcsServiceDeployment): ServiceDeployment {
  const { arns, status, targetPercent, options } = deployment;
  const lifecycleStage = deployment.lifecycleStage as ServiceDeploymentLifecycleStage | undefined;
  const { test, production } = targetPercent;
  return {
    serviceDeploymentArn: arns.deployment,
    serviceArn: arns.service,
    clusterArn: arns.cluster,
    status,
    ...(lifecycleStage !== undefined && { lifecycleStage }),
    ...timesOf(deployment),
    sourceServiceRevisions: [
      {
        arn: arns.source,
        requestedTestTrafficWeight: 100 - test,
        requestedProductionTrafficWeight: 100 - production,
      },
    ],
    targetServiceRevision: {
      arn: arns.target,
      requestedTestTrafficWeight: test,
      requestedProductionTrafficWeight: production,
    },
    deploymentConfiguration: {
      strategy: options.strategy?.type ?? 'BLUE_GREEN',
      bakeTimeInMinutes: options.bakeTimeInMinutes ?? 0,
    },
    ...(status.startsWith('ROLLBACK') && { rollback: { serviceRevisionArn: arns.source } }),
  };
}
