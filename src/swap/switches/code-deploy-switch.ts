import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import type { ClientOptions } from '../../core/clients.js';
import { lastSegment } from '../../core/last-segment.js';
import { type Logger, silentLogger } from '../../core/logger.js';
import { safeLogger } from '../../core/safe-logger.js';
import { functionOf, strictObject } from '../../core/schemas.js';
import { clientOptionsOf, loggerSchema } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { SwapOwner } from '../record/types.js';
import { CodeDeployDeployments, type RevisionOf, resourceOf } from './code-deploy-deployments.js';
import { codeDeployStatus } from './code-deploy-status.js';
import {
  fingerprintOf,
  type ProbedServiceOptions,
  probedServiceEntries,
  readPercents,
} from './deployed-stack.js';
import { parseBoundBy, parseCallOptions, parseOwner, parseReason } from './owner-options.js';
import { switchPermissions } from './permissions.js';
import { nameOf } from './service-revisions.js';
import { type CodeDeploySwitchClients, SwitchClients } from './switch-clients.js';
import { KnownStacks } from './task-definition-stacks.js';
import type {
  DeploymentSwitch,
  OwnerStatus,
  ProbeOptions,
  RevisionBinding,
  TrafficPercents,
} from './types.js';

/** Options of {@link codeDeploySwitch}. */
export type CodeDeploySwitchOptions = ClientOptions<CodeDeploySwitchClients> &
  ProbedServiceOptions & {
    /**
     * Reads an AppSpec file in S3, which CodeDeploy does not return. Returns its content, or the task definition in it.
     * @default none: only AppSpec files that were passed to CreateDeployment
     */
    readonly revisionOf?: RevisionOf | undefined;
    /**
     * Logger of the rollbacks that are requested.
     * @default nothing is logged
     */
    readonly logger?: Logger | undefined;
  };

const optionsSchema = strictObject({
  ...probedServiceEntries,
  revisionOf: v.optional(functionOf<RevisionOf>()),
  logger: v.optional(loggerSchema),
});

/**
 * Creates the switch of a swap whose traffic CodeDeploy moves. It reads the deployment and the listener, and writes no weights: to return
 * traffic it asks CodeDeploy to stop the deployment and to roll it back.
 *
 * @remarks IAM: codedeploy:GetApplicationRevision, codedeploy:GetDeployment, codedeploy:GetDeploymentGroup,
 * codedeploy:ListDeployments, codedeploy:StopDeployment, ecs:DescribeServices, ecs:DescribeTaskDefinition,
 * elasticloadbalancing:DescribeRules
 * @throws InvalidInputError when an option is missing, malformed or unknown. Its methods throw ResourceNotFoundError and
 * ResourceStateError for what cannot be known; AccessDeniedError, OperationAbortedError
 * @example
 * ```ts
 * import { codeDeploySwitch } from 'aws-blue-green-toolkit/swap';
 *
 * const deployments = codeDeploySwitch({
 *   cluster: 'orders',
 *   service: 'web',
 *   listenerArn: process.env['LISTENER_ARN'] ?? '',
 * });
 * ```
 */
export function codeDeploySwitch(options: CodeDeploySwitchOptions): DeploymentSwitch {
  const { revisionOf, logger, ...parsed } = parseInput('codeDeploySwitch options', optionsSchema, options);
  const clients = new SwitchClients(clientOptionsOf<CodeDeploySwitchClients>(parsed), [
    'codeDeploy',
    'ecs',
    'elasticLoadBalancing',
  ]);
  return new CodeDeploySwitch({
    service: parsed,
    clients,
    knownStacks: new KnownStacks(),
    revisionOf,
    logger: safeLogger(logger ?? silentLogger),
  });
}

interface CodeDeploySwitchDependencies {
  readonly service: ProbedServiceOptions;
  readonly clients: SwitchClients;
  readonly knownStacks: KnownStacks;
  readonly revisionOf: RevisionOf | undefined;
  readonly logger: Logger;
}

class CodeDeploySwitch implements DeploymentSwitch {
  readonly kind = 'codeDeploy';
  readonly description: string;
  readonly fingerprint: string;
  readonly permissions = switchPermissions.codeDeploySwitch;
  readonly #dependencies: CodeDeploySwitchDependencies;
  readonly #deployments: CodeDeployDeployments;

  constructor(dependencies: CodeDeploySwitchDependencies) {
    this.#dependencies = dependencies;
    this.#deployments = new CodeDeployDeployments(dependencies.clients);
    this.description = `CodeDeploy deployments of service ${nameOf(dependencies.service)}`;
    this.fingerprint = fingerprintOf(dependencies.service);
  }

  async percentByStack(options: ProbeOptions = {}): Promise<TrafficPercents> {
    return readPercents(this.#dependencies, options);
  }

  async bindingOf(owner: SwapOwner, boundBy: string, options: CallOptions = {}): Promise<RevisionBinding> {
    const { clients, service, knownStacks, revisionOf } = this.#dependencies;
    const id = parseOwner(owner, this.kind);
    const variable = parseBoundBy(boundBy);
    const { signal } = parseCallOptions(options);
    const info = await this.#deployments.get(id, { signal });
    await this.#deployments.requireService(info, service, { signal });
    const taskDefinition = await this.#deployments.taskDefinitionOf(info, revisionOf, { signal });
    const stacks = await knownStacks.read(await clients.ecs(), taskDefinition, { boundBy: variable, signal });
    return { stacks, revision: lastSegment(taskDefinition) };
  }

  async statusOf(owner: SwapOwner, options: CallOptions = {}): Promise<OwnerStatus> {
    const id = parseOwner(owner, this.kind);
    const { signal } = parseCallOptions(options);
    const info = await this.#deployments.get(id, { signal });
    const rollbackId = info.rollbackInfo?.rollbackDeploymentId;
    const rollback =
      rollbackId === undefined ? undefined : await this.#deployments.get(rollbackId, { signal });
    return codeDeployStatus(info, rollback);
  }

  async isAnotherUnderWay(owner: SwapOwner, options: CallOptions = {}): Promise<boolean> {
    const id = parseOwner(owner, this.kind);
    const { signal } = parseCallOptions(options);
    return (await this.#deployments.othersUnderWay(id, { signal })).length > 0;
  }

  async returnTraffic(owner: SwapOwner, reason: string, options: CallOptions = {}): Promise<void> {
    const deploymentId = parseOwner(owner, this.kind);
    const { signal } = parseCallOptions(options);
    const because = parseReason(reason);
    if (!(await this.#deployments.rollBack(deploymentId, { signal }))) return;
    const resource = resourceOf(deploymentId);
    this.#dependencies.logger.info('Requested rollback of deployment', { resource, reason: because });
  }
}
