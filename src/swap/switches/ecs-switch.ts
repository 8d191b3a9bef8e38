import type { ServiceDeployment, ServiceDeploymentBrief } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { type CallOptions, callAws, isAwsError, requireField, throwIfAborted } from '../../core/aws-call.js';
import type { ClientOptions } from '../../core/clients.js';
import { ResourceNotFoundError, ResourceStateError } from '../../core/errors.js';
import { lastSegment } from '../../core/last-segment.js';
import { type Logger, silentLogger } from '../../core/logger.js';
import { safeLogger } from '../../core/safe-logger.js';
import { strictObject } from '../../core/schemas.js';
import { clientOptionsOf, loggerSchema } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { SwapOwner } from '../record/types.js';
import {
  fingerprintOf,
  type ProbedServiceOptions,
  probedServiceEntries,
  readPercents,
} from './deployed-stack.js';
import { ecsStatus, hasEcsDeploymentEnded } from './ecs-status.js';
import { parseBoundBy, parseCallOptions, parseOwner, parseReason } from './owner-options.js';
import { switchPermissions } from './permissions.js';
import { nameOf, readRevisions } from './service-revisions.js';
import { type CodeDeploySwitchClients, type ProbeClients, SwitchClients } from './switch-clients.js';
import { KnownStacks } from './task-definition-stacks.js';
import type {
  DeploymentSwitch,
  OwnerStatus,
  ProbeOptions,
  RevisionBinding,
  TrafficPercents,
} from './types.js';

/** Options of {@link ecsSwitch}. */
export type EcsSwitchOptions = ClientOptions<ProbeClients> &
  ProbedServiceOptions & {
    /**
     * Logger of the rollbacks that are requested.
     * @default nothing is logged
     */
    readonly logger?: Logger | undefined;
  };

const optionsSchema = strictObject({ ...probedServiceEntries, logger: v.optional(loggerSchema) });

/**
 * Creates the switch of a swap whose traffic ECS moves itself, in a blue/green, linear or canary deployment. It reads the service
 * deployment and the listener, and writes no weights: to return traffic it asks ECS to roll the deployment back. The test rule of the
 * service is left out, also when it is in the production listener.
 *
 * @remarks IAM: ecs:DescribeServiceDeployments, ecs:DescribeServiceRevisions, ecs:DescribeServices,
 * ecs:DescribeTaskDefinition, ecs:ListServiceDeployments, ecs:StopServiceDeployment, elasticloadbalancing:DescribeRules
 * @throws InvalidInputError when an option is missing, malformed or unknown. Its methods throw ResourceNotFoundError and
 * ResourceStateError for what cannot be known; AccessDeniedError, OperationAbortedError
 * @example
 * ```ts
 * import { ecsSwitch } from 'aws-blue-green-toolkit/swap';
 *
 * const deployments = ecsSwitch({
 *   cluster: 'orders',
 *   service: 'web',
 *   listenerArn: process.env['LISTENER_ARN'] ?? '',
 * });
 * ```
 */
export function ecsSwitch(options: EcsSwitchOptions): DeploymentSwitch {
  const { logger, ...parsed } = parseInput('ecsSwitch options', optionsSchema, options);
  const clients = new SwitchClients(clientOptionsOf<CodeDeploySwitchClients>(parsed), [
    'ecs',
    'elasticLoadBalancing',
  ]);
  return new EcsSwitch({
    service: parsed,
    clients,
    knownStacks: new KnownStacks(),
    logger: safeLogger(logger ?? silentLogger),
  });
}

interface EcsSwitchDependencies {
  readonly service: ProbedServiceOptions;
  readonly clients: SwitchClients;
  readonly knownStacks: KnownStacks;
  readonly logger: Logger;
}

class EcsSwitch implements DeploymentSwitch {
  readonly kind = 'ecs';
  readonly description: string;
  readonly fingerprint: string;
  readonly permissions = switchPermissions.ecsSwitch;
  readonly #dependencies: EcsSwitchDependencies;

  constructor(dependencies: EcsSwitchDependencies) {
    this.#dependencies = dependencies;
    this.description = `ECS deployments of service ${nameOf(dependencies.service)}`;
    this.fingerprint = fingerprintOf(dependencies.service);
  }

  async percentByStack(options: ProbeOptions = {}): Promise<TrafficPercents> {
    return readPercents(this.#dependencies, options);
  }

  /** In a rollback too, the target revision is the new one: lambda-lifecycle-hooks.html. */
  async bindingOf(owner: SwapOwner, boundBy: string, options: CallOptions = {}): Promise<RevisionBinding> {
    const arn = parseOwner(owner, this.kind);
    const variable = parseBoundBy(boundBy);
    const { signal } = parseCallOptions(options);
    const ecs = await this.#dependencies.clients.ecs();
    const deployment = await this.#describe(arn, { signal });
    this.#requireService(deployment);
    const call = { action: 'ecs:DescribeServiceDeployments', resource: resourceOf(arn), signal };
    const target = requireField(deployment.targetServiceRevision?.arn, 'targetServiceRevision.arn', call);
    const [revision] = await readRevisions(ecs, [target], call);
    const { taskDefinition } = requireField(revision, 'serviceRevisions', call);
    const { knownStacks } = this.#dependencies;
    const stacks = await knownStacks.read(ecs, taskDefinition, { boundBy: variable, signal });
    return { stacks, revision: lastSegment(taskDefinition) };
  }

  async statusOf(owner: SwapOwner, options: CallOptions = {}): Promise<OwnerStatus> {
    const arn = parseOwner(owner, this.kind);
    const { signal } = parseCallOptions(options);
    return ecsStatus(await this.#describe(arn, { signal }));
  }

  /** Lists all statuses, because ECS may add some that are under way. The newest deployments come first. */
  async isAnotherUnderWay(owner: SwapOwner, options: CallOptions = {}): Promise<boolean> {
    const arn = parseOwner(owner, this.kind);
    const { signal } = parseCallOptions(options);
    const { clients, service } = this.#dependencies;
    const { sdk, client } = await clients.ecs();
    const resource = `service ${nameOf(service)}`;
    const isOther = (it: ServiceDeploymentBrief) =>
      it.serviceDeploymentArn !== arn && !hasEcsDeploymentEnded(it.status);
    const input = { cluster: service.cluster, service: service.service, maxResults: 100 };
    let nextToken: string | undefined;
    do {
      const command = new sdk.ListServiceDeploymentsCommand({ ...input, nextToken });
      const page = await callAws({ action: 'ecs:ListServiceDeployments', resource, signal }, (http) =>
        client.send(command, http),
      );
      if (page.serviceDeployments?.some(isOther)) return true;
      throwIfAborted({ signal, resource });
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return false;
  }

  async returnTraffic(owner: SwapOwner, reason: string, options: CallOptions = {}): Promise<void> {
    const arn = parseOwner(owner, this.kind);
    const { signal } = parseCallOptions(options);
    const because = parseReason(reason);
    const { sdk, client } = await this.#dependencies.clients.ecs();
    const resource = resourceOf(arn);
    const command = new sdk.StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' });
    try {
      await callAws({ action: 'ecs:StopServiceDeployment', resource, signal }, (http) =>
        client.send(command, http),
      );
    } catch (error) {
      if (isAwsError(error, 'ServiceDeploymentNotFoundException')) throw notFound(arn, error);
      // ECS does not document with which error it refuses to stop a deployment that has ended.
      if (!isAwsError(error, 'ConflictException', 'ClientException', 'InvalidParameterException'))
        throw error;
      const { state } = ecsStatus(await this.#describe(arn, { signal }));
      if (state === 'underWay') throw error;
      return;
    }
    this.#dependencies.logger.info('Requested rollback of deployment', { resource, reason: because });
  }

  async #describe(arn: string, { signal }: CallOptions): Promise<ServiceDeployment> {
    const { sdk, client } = await this.#dependencies.clients.ecs();
    const resource = resourceOf(arn);
    const call = { action: 'ecs:DescribeServiceDeployments', resource, signal };
    const command = new sdk.DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] });
    const { serviceDeployments = [] } = await callAws(call, (http) => client.send(command, http));
    const found = serviceDeployments.find(({ serviceDeploymentArn }) => serviceDeploymentArn === arn);
    if (found === undefined) {
      throw new ResourceNotFoundError(`Service deployment ${arn} not found`, {
        resource,
        remedy:
          'Check the Region and the account of the ECS client; ECS keeps service deployments for 90 days',
      });
    }
    requireField(found.status, 'serviceDeployments[].status', call);
    return found;
  }

  #requireService({ serviceDeploymentArn = '', serviceArn = '', clusterArn = '' }: ServiceDeployment): void {
    const expected = nameOf(this.#dependencies.service);
    const actual = nameOf({ cluster: clusterArn, service: serviceArn });
    if (actual === expected) return;
    throw new ResourceStateError('Deployment belongs to another service', {
      resource: resourceOf(serviceDeploymentArn),
      expected: `service ${expected}`,
      actual,
      remedy: 'Give ecsSwitch the service whose deployments call the hook',
    });
  }
}

function notFound(arn: string, cause?: unknown): ResourceNotFoundError {
  return new ResourceNotFoundError(`Service deployment ${arn} not found`, {
    resource: resourceOf(arn),
    remedy: 'Check the Region and the account of the ECS client',
    cause,
  });
}

function resourceOf(arn: string): string {
  return `service deployment ${arn}`;
}
