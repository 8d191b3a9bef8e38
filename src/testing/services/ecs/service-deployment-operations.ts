import {
  type ContinueServiceDeploymentCommandInput,
  type ContinueServiceDeploymentCommandOutput,
  type DeploymentConfiguration,
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
import { describeHooks } from './simulated-active-hooks.js';
import type { SimulatedEcsServiceDeployment } from './simulated-ecs-deployment.js';
import type { SimulatedEcsStrategy } from './simulated-ecs-deployment-types.js';
import { defaultTimeoutMinutes, isPauseHook } from './simulated-ecs-hook-execution.js';
import type { SimulatedServiceRevisions } from './simulated-service-revisions.js';

const maxDescribed = 20;

/** Creates the operations on service deployments and revisions. */
export function serviceDeploymentOperations(
  deployments: readonly SimulatedEcsServiceDeployment[],
  serviceRevisions: SimulatedServiceRevisions,
) {
  const find = (arn: string, operation: string) => {
    const deployment = deployments.find(({ serviceDeploymentArn }) => serviceDeploymentArn === arn);
    if (deployment !== undefined) return deployment;
    throw new ServiceDeploymentNotFoundException(
      clientFault(`The service deploy ARN that you specified in the ${operation} doesn’t exist.`),
    );
  };
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

    ContinueServiceDeployment: (
      input: ContinueServiceDeploymentCommandInput,
    ): OperationOutput<ContinueServiceDeploymentCommandOutput> => {
      const arn = required(input.serviceDeploymentArn, 'serviceDeploymentArn');
      const hookId = required(input.hookId, 'hookId');
      const { action = 'CONTINUE' } = input;
      const deployment = find(arn, 'ContinueServiceDeployment');
      if (action !== 'CONTINUE' && action !== 'ROLLBACK')
        throw awsError('InvalidParameterException', `Unknown action ${String(action)}`);
      const hook = deployment.activeHooks.all.find((it) => it.hookId === hookId);
      // Which of the two errors ECS returns for a settled hook is not documented.
      if (hook?.status !== 'AWAITING_ACTION')
        throw awsError('InvalidParameterException', `The hook ${hookId} does not await an action`);
      if (deployment.status !== 'IN_PROGRESS')
        throw awsError('ClientException', `The service deployment is ${deployment.status}`);
      deployment.activeHooks.respond(hook, action);
      return { serviceDeploymentArn: arn };
    },

    StopServiceDeployment: (
      input: StopServiceDeploymentCommandInput,
    ): OperationOutput<StopServiceDeploymentCommandOutput> => {
      const arn = required(input.serviceDeploymentArn, 'serviceDeploymentArn');
      const deployment = find(arn, 'StopServiceDeployment');
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
    ...describeHooks(deployment.activeHooks.all, options.listedHooks ?? 'active'),
    deploymentConfiguration: describeConfiguration(deployment),
    ...describeMonitors(deployment),
  };
}

function describeConfiguration({ options }: SimulatedEcsServiceDeployment): DeploymentConfiguration {
  const { strategy, hooks = [], bakeTimeInMinutes = 0 } = options;
  return {
    ...describeStrategy(strategy),
    bakeTimeInMinutes,
    lifecycleHooks: hooks.map((hook) => ({
      targetType: isPauseHook(hook) ? 'PAUSE' : 'AWS_LAMBDA',
      lifecycleStages: [...hook.stages],
      timeoutConfiguration: {
        timeoutInMinutes: hook.timeoutInMinutes ?? defaultTimeoutMinutes,
        action: hook.timeoutAction ?? 'ROLLBACK',
      },
    })),
  };
}

function describeStrategy(
  strategy: SimulatedEcsStrategy = { type: 'BLUE_GREEN' },
): Pick<DeploymentConfiguration, 'strategy' | 'canaryConfiguration' | 'linearConfiguration'> {
  switch (strategy.type) {
    case 'BLUE_GREEN':
      return { strategy: strategy.type };
    case 'CANARY': {
      const { type, ...canaryConfiguration } = strategy;
      return { strategy: type, canaryConfiguration };
    }
    case 'LINEAR': {
      const { type, ...linearConfiguration } = strategy;
      return { strategy: type, linearConfiguration };
    }
  }
}

function describeMonitors(deployment: SimulatedEcsServiceDeployment): Partial<ServiceDeployment> {
  const { status, arns, options, hasEnded, monitors } = deployment;
  const { statusReason, rollbackStartedAt, triggeredAlarms, isCircuitBroken } = monitors;
  const quiet = hasEnded ? 'MONITORING_COMPLETE' : 'MONITORING';
  const { alarmNames = [] } = options;
  return {
    ...(statusReason !== undefined && { statusReason }),
    ...(status.startsWith('ROLLBACK') && {
      rollback: {
        serviceRevisionArn: arns.source,
        ...(statusReason !== undefined && { reason: statusReason }),
        ...(rollbackStartedAt !== undefined && { startedAt: new Date(rollbackStartedAt) }),
      },
    }),
    alarms: {
      status: triggeredAlarms.length > 0 ? 'TRIGGERED' : alarmNames.length > 0 ? quiet : 'DISABLED',
      alarmNames: [...alarmNames],
      triggeredAlarmNames: [...triggeredAlarms],
    },
    deploymentCircuitBreaker: { status: isCircuitBroken ? 'TRIGGERED' : 'DISABLED' },
  };
}
