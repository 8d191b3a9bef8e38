import {
  ApplicationDoesNotExistException,
  type ContinueDeploymentCommandInput,
  type CreateDeploymentCommandInput,
  type CreateDeploymentCommandOutput,
  DeploymentAlreadyCompletedException,
  DeploymentDoesNotExistException,
  DeploymentGroupDoesNotExistException,
  DeploymentIdRequiredException,
  DeploymentIsNotInReadyStateException,
  type GetApplicationRevisionCommandInput,
  type GetApplicationRevisionCommandOutput,
  type GetDeploymentCommandInput,
  type GetDeploymentCommandOutput,
  type GetDeploymentGroupCommandInput,
  type GetDeploymentGroupCommandOutput,
  type ListDeploymentsCommandInput,
  type ListDeploymentsCommandOutput,
  RevisionDoesNotExistException,
  type RevisionLocation,
  RevisionRequiredException,
  type StopDeploymentCommandInput,
  type StopDeploymentCommandOutput,
  type TargetGroupPairInfo,
} from '@aws-sdk/client-codedeploy';
import { clientFault, type OperationOutput, pageOf } from '../../cloud/environment.js';
import { locationOf } from './app-spec.js';
import { isPredefined, nameOfConfiguration } from './deployment-configurations.js';
import type { DeploymentRecord } from './deployment-record.js';
import type { SimulatedDeploymentGroup } from './simulated-deployment-group.js';
import type { SimulatedTrafficRoute } from './target-group-pair.js';

/** Creates the operations on the deployments of these groups. */
export function deploymentOperations(groups: readonly SimulatedDeploymentGroup[]) {
  const all = () => groups.flatMap(({ deployments }) => deployments);
  return {
    CreateDeployment: (
      input: CreateDeploymentCommandInput,
    ): OperationOutput<CreateDeploymentCommandOutput> => {
      const group = findGroup(groups, input.applicationName, input.deploymentGroupName);
      if (input.revision?.s3Location !== undefined || input.revision?.gitHubLocation !== undefined)
        throw new TypeError('SimulatedCloud reads AppSpec files in the request only: use startDeployment');
      const content = input.revision?.appSpecContent?.content ?? input.revision?.string?.content;
      if (content === undefined)
        throw new RevisionRequiredException(clientFault('An AppSpec file in the request is required'));
      const { deploymentConfigName: name } = input;
      if (name !== undefined && !isPredefined(name))
        throw new TypeError(`SimulatedCloud does not simulate the deployment configuration ${name}`);
      return { deploymentId: group.start({ deploymentConfig: name }, content).deploymentId };
    },

    GetDeployment: (input: GetDeploymentCommandInput): OperationOutput<GetDeploymentCommandOutput> => ({
      deploymentInfo: findDeployment(all(), input.deploymentId).describe(),
    }),

    StopDeployment: (input: StopDeploymentCommandInput): OperationOutput<StopDeploymentCommandOutput> => {
      const deployment = findDeployment(all(), input.deploymentId);
      if (deployment.hasEnded) {
        throw new DeploymentAlreadyCompletedException(
          clientFault(`The deployment ${deployment.deploymentId} has already completed`),
        );
      }
      const { autoRollbackEnabled: rollBack } = input;
      deployment.stop(rollBack === undefined ? {} : { rollBack });
      return { status: 'Pending', statusMessage: 'The deployment is being stopped' };
    },

    ContinueDeployment: (input: ContinueDeploymentCommandInput): void => {
      const { run } = findDeployment(all(), input.deploymentId);
      if (input.deploymentWaitType !== 'TERMINATION_WAIT' || run.currentStep !== 'TerminateOriginal') {
        throw new DeploymentIsNotInReadyStateException(
          clientFault('The deployment does not wait for the termination of the original task set'),
        );
      }
      run.skipTerminationWait();
    },

    ListDeployments: (input: ListDeploymentsCommandInput): OperationOutput<ListDeploymentsCommandOutput> => {
      const { applicationName, deploymentGroupName, includeOnlyStatuses: statuses = [] } = input;
      const concerned =
        deploymentGroupName === undefined
          ? all()
          : findGroup(groups, applicationName, deploymentGroupName).deployments;
      const found = concerned
        .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
        .map(({ deploymentId }) => deploymentId)
        .reverse();
      const { items, nextToken } = pageOf(found, { token: input.nextToken, size: 100, maxSize: 100 });
      return { deployments: items, nextToken };
    },

    GetDeploymentGroup: (
      input: GetDeploymentGroupCommandInput,
    ): OperationOutput<GetDeploymentGroupCommandOutput> => ({
      deploymentGroupInfo: describeGroup(findGroup(groups, input.applicationName, input.deploymentGroupName)),
    }),

    GetApplicationRevision: (
      input: GetApplicationRevisionCommandInput,
    ): OperationOutput<GetApplicationRevisionCommandOutput> => {
      const { applicationName, revision } = input;
      const ofApplication = groups.filter(({ options }) => options.application === applicationName);
      if (ofApplication.length === 0)
        throw new ApplicationDoesNotExistException(
          clientFault(`No application found for ${applicationName}`),
        );
      const found = ofApplication
        .flatMap(({ deployments, lastRevision, place }) =>
          [lastRevision, ...deployments.map(({ identity }) => identity.revision)].map((content) => ({
            content,
            location: locationOf(content, place),
          })),
        )
        .find(({ location }) => isSameLocation(location, revision));
      if (found === undefined)
        throw new RevisionDoesNotExistException(clientFault('The revision could not be found'));
      const { appSpecContent } = found.location;
      return {
        applicationName,
        revision: {
          ...found.location,
          ...(appSpecContent && { appSpecContent: { ...appSpecContent, content: found.content } }),
        },
      };
    },
  };
}

function isSameLocation(location: RevisionLocation, wanted: RevisionLocation | undefined): boolean {
  const idOf = (it: RevisionLocation | undefined) => it?.s3Location?.key ?? it?.appSpecContent?.sha256;
  return idOf(location) === idOf(wanted);
}

function findDeployment(deployments: readonly DeploymentRecord[], id: string | undefined): DeploymentRecord {
  if (!id) throw new DeploymentIdRequiredException(clientFault('The deployment ID is missing'));
  const found = deployments.find(({ deploymentId }) => deploymentId === id);
  if (found === undefined)
    throw new DeploymentDoesNotExistException(clientFault(`The deployment ${id} could not be found`));
  return found;
}

/** Returns the group of this name. */
export function findGroup(
  groups: readonly SimulatedDeploymentGroup[],
  application: string | undefined,
  name: string | undefined,
): SimulatedDeploymentGroup {
  const ofApplication = groups.filter(({ options }) => options.application === application);
  if (ofApplication.length === 0)
    throw new ApplicationDoesNotExistException(clientFault(`No application found for ${application}`));
  const found = ofApplication.find(({ options }) => options.name === name);
  if (found === undefined)
    throw new DeploymentGroupDoesNotExistException(clientFault(`No deployment group found for ${name}`));
  return found;
}

function describeGroup({ options, deployments, lastRevision, place }: SimulatedDeploymentGroup) {
  const { application, name, service, route, deploymentConfig = 'CodeDeployDefault.ECSAllAtOnce' } = options;
  const lastId = deployments.at(-1)?.deploymentId;
  return {
    applicationName: application,
    deploymentGroupName: name,
    deploymentConfigName: nameOfConfiguration(deploymentConfig),
    computePlatform: 'ECS' as const,
    targetRevision: locationOf(lastRevision, place),
    ecsServices: service ? [{ clusterName: service.cluster, serviceName: service.service }] : [],
    ...(route && { loadBalancerInfo: { targetGroupPairInfoList: [describeRoute(route)] } }),
    ...(lastId !== undefined && { lastAttemptedDeployment: { deploymentId: lastId } }),
  };
}

function describeRoute({
  targetGroups,
  listenerArn,
  testListenerArn,
}: SimulatedTrafficRoute): TargetGroupPairInfo {
  return {
    targetGroups: targetGroups.map((arn) => ({ name: arn.split('/').at(-2) })),
    prodTrafficRoute: { listenerArns: [listenerArn] },
    ...(testListenerArn !== undefined && { testTrafficRoute: { listenerArns: [testListenerArn] } }),
  };
}
