import type { DeploymentGroupInfo, DeploymentInfo, RevisionLocation } from '@aws-sdk/client-codedeploy';
import { type CallOptions, callAws, collectPages, isAwsError, requireField } from '../../core/aws-call.js';
import { describeValue } from '../../core/describe-value.js';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import { lastSegment } from '../../core/last-segment.js';
import { isTaskDefinition, taskDefinitionIn } from './app-spec.js';
import { codeDeployUnderWay } from './code-deploy-status.js';
import type { ProbedServiceOptions } from './deployed-stack.js';
import { nameOf } from './service-revisions.js';
import type { SwitchClients } from './switch-clients.js';

/** Place of an AppSpec file that CodeDeploy does not return. */
export interface AppSpecLocation {
  /** ID of the deployment. */
  readonly deploymentId: string;
  /** Bucket of the AppSpec file. */
  readonly bucket: string;
  /** Key of the AppSpec file. */
  readonly key: string;
  /** Version of the S3 object, when the deployment names one. */
  readonly version?: string;
}

/** Returns the content of an AppSpec file, or its task definition: an ARN or `family:revision`. */
export type RevisionOf = (location: AppSpecLocation) => string | Promise<string>;

/** Calls to CodeDeploy about deployments. */
export class CodeDeployDeployments {
  readonly #clients: SwitchClients;
  /** Deployments as read before: a deployment stays in its group. */
  readonly #infos = new Map<string, DeploymentInfo>();

  constructor(clients: SwitchClients) {
    this.#clients = clients;
  }

  /** @throws ResourceNotFoundError when the deployment does not exist. */
  async get(deploymentId: string, { signal }: CallOptions): Promise<DeploymentInfo> {
    const { sdk, client } = await this.#clients.codeDeploy();
    const resource = resourceOf(deploymentId);
    const call = { action: 'codedeploy:GetDeployment', resource, signal };
    try {
      const { deploymentInfo } = await callAws(call, (http) =>
        client.send(new sdk.GetDeploymentCommand({ deploymentId }), http),
      );
      const info = requireField(deploymentInfo, 'deploymentInfo', call);
      requireField(info.status, 'deploymentInfo.status', call);
      this.#infos.set(deploymentId, info);
      return info;
    } catch (error) {
      throw asNotFound(error, deploymentId);
    }
  }

  /** Stops a deployment, and lets CodeDeploy roll it back. Returns false when it has already ended. */
  async rollBack(deploymentId: string, { signal }: CallOptions): Promise<boolean> {
    const { sdk, client } = await this.#clients.codeDeploy();
    const call = { action: 'codedeploy:StopDeployment', resource: resourceOf(deploymentId), signal };
    const command = new sdk.StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true });
    try {
      await callAws(call, (http) => client.send(command, http));
      return true;
    } catch (error) {
      if (isAwsError(error, 'DeploymentAlreadyCompletedException')) return false;
      throw asNotFound(error, deploymentId);
    }
  }

  /** Returns the other deployments of the same group that are under way. */
  async othersUnderWay(deploymentId: string, { signal }: CallOptions): Promise<string[]> {
    const { sdk, client } = await this.#clients.codeDeploy();
    const call = { action: 'codedeploy:ListDeployments', resource: resourceOf(deploymentId), signal };
    const info = this.#infos.get(deploymentId) ?? (await this.get(deploymentId, { signal }));
    const input = { ...groupOf(info, call), includeOnlyStatuses: [...codeDeployUnderWay] };
    const ids = await collectPages(
      call,
      (http) => sdk.paginateListDeployments({ client }, input, http),
      (page) => page.deployments,
    );
    return ids.filter((id) => id !== deploymentId);
  }

  /** @throws ResourceStateError when the deployment is of another service, or its group has another production listener. */
  async requireService(
    info: DeploymentInfo,
    expected: ProbedServiceOptions,
    { signal }: CallOptions,
  ): Promise<void> {
    const { sdk, client } = await this.#clients.codeDeploy();
    const call = {
      action: 'codedeploy:GetDeploymentGroup',
      resource: `deployment group ${info.applicationName}/${info.deploymentGroupName}`,
      signal,
    };
    const command = new sdk.GetDeploymentGroupCommand(groupOf(info, call));
    const { deploymentGroupInfo } = await callAws(call, (http) => client.send(command, http));
    requireSameService(
      requireField(deploymentGroupInfo, 'deploymentGroupInfo', call),
      expected,
      call.resource,
    );
  }

  /**
   * Returns the task definition of a deployment.
   *
   * @throws ResourceStateError for an AppSpec file in S3 without `revisionOf`, and for content whose task definition cannot be read.
   */
  async taskDefinitionOf(
    info: DeploymentInfo,
    revisionOf: RevisionOf | undefined,
    { signal }: CallOptions,
  ): Promise<string> {
    const { deploymentId = '', revision = {} } = info;
    const resource = resourceOf(deploymentId);
    const content = revision.s3Location
      ? await contentInS3(resource, { deploymentId, revision, revisionOf })
      : (contentIn(revision) ?? (await this.#contentOf(info, { signal })));
    const found = typeof content === 'string' ? parseContent(content) : undefined;
    if (found !== undefined) return found;
    throw new ResourceStateError(`Cannot read the task definition of deployment ${deploymentId}`, {
      resource,
      expected: 'an AppSpec file with one TaskDefinition, written out',
      actual: typeof content === 'string' ? 'other content' : describeValue(content),
      remedy: 'Return the ARN of the task definition from revisionOf, or write it into the AppSpec file',
    });
  }

  async #contentOf(
    { applicationName, deploymentId = '', revision }: DeploymentInfo,
    { signal }: CallOptions,
  ): Promise<string | undefined> {
    const { sdk, client } = await this.#clients.codeDeploy();
    const call = { action: 'codedeploy:GetApplicationRevision', resource: resourceOf(deploymentId), signal };
    const command = new sdk.GetApplicationRevisionCommand({
      applicationName: requireField(applicationName, 'deploymentInfo.applicationName', call),
      revision: requireField(revision, 'deploymentInfo.revision', call),
    });
    const response = await callAws(call, (http) => client.send(command, http));
    return contentIn(response.revision ?? {});
  }
}

function asNotFound(error: unknown, deploymentId: string): unknown {
  if (!isAwsError(error, 'DeploymentDoesNotExistException', 'InvalidDeploymentIdException')) return error;
  return new ResourceNotFoundError(`Deployment ${deploymentId} not found`, {
    resource: resourceOf(deploymentId),
    remedy: 'Check the Region and the account of the CodeDeploy client',
    cause: error,
  });
}

function parseContent(content: string): string | undefined {
  const text = content.trim();
  return isTaskDefinition(text) ? text : taskDefinitionIn(text);
}

/** `string` is the older form of `appSpecContent`. */
function contentIn({ appSpecContent, string }: RevisionLocation): string | undefined {
  return appSpecContent?.content ?? string?.content;
}

async function contentInS3(
  resource: string,
  {
    deploymentId,
    revision: { s3Location },
    revisionOf,
  }: {
    /** ID of the deployment. */
    readonly deploymentId: string;
    readonly revision: RevisionLocation;
    readonly revisionOf: RevisionOf | undefined;
  },
): Promise<unknown> {
  const { bucket = '', key = '', version } = s3Location ?? {};
  if (revisionOf !== undefined)
    return await revisionOf({ deploymentId, bucket, key, ...(version !== undefined && { version }) });
  throw new ResourceStateError(`Cannot read the AppSpec file of deployment ${deploymentId}`, {
    resource,
    expected: 'an AppSpec file that CodeDeploy returns',
    actual: `one in the S3 bucket ${bucket}`,
    remedy: 'Read it in the option revisionOf, or pass its content to CreateDeployment',
  });
}

function requireSameService(
  { ecsServices = [], loadBalancerInfo }: DeploymentGroupInfo,
  expected: ProbedServiceOptions,
  resource: string,
): void {
  const services = ecsServices.map(
    ({ clusterName = '', serviceName = '' }) => `${lastSegment(clusterName)}/${lastSegment(serviceName)}`,
  );
  const pairs = loadBalancerInfo?.targetGroupPairInfoList ?? [];
  const listeners = pairs.flatMap(({ prodTrafficRoute }) => prodTrafficRoute?.listenerArns ?? []);
  const wrong = {
    resource,
    remedy: 'Give codeDeploySwitch the service and the production listener of its group',
  };
  if (!services.includes(nameOf(expected))) {
    throw new ResourceStateError('Deployment belongs to another service', {
      ...wrong,
      expected: `service ${nameOf(expected)}`,
      actual: services.join(', ') || 'no ECS service',
    });
  }
  if (listeners.some((arn) => isOfListener(arn, expected.listenerArn))) return;
  throw new ResourceStateError('Deployment group has another production listener', {
    ...wrong,
    expected: expected.listenerArn,
    actual: listeners.join(', ') || 'none',
  });
}

/** True for the listener, and for one of its rules. */
function isOfListener(arn: string, listenerArn: string): boolean {
  return arn === listenerArn || arn.replace(':listener-rule/', ':listener/').startsWith(`${listenerArn}/`);
}

function groupOf(
  { applicationName, deploymentGroupName }: DeploymentInfo,
  call: { readonly action: string; readonly resource: string },
) {
  return {
    applicationName: requireField(applicationName, 'deploymentInfo.applicationName', call),
    deploymentGroupName: requireField(deploymentGroupName, 'deploymentInfo.deploymentGroupName', call),
  };
}

/** Returns the deployment's name in errors. */
export function resourceOf(deploymentId: string): string {
  return `deployment ${deploymentId}`;
}
