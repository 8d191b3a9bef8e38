import type { CallOptions } from '../../core/aws-call.js';
import { ResourceNotFoundError } from '../../core/errors.js';
import { pollUntil, type WaitOptions } from '../../core/poll-until.js';
import { defaultWaitSeconds } from '../context.js';
import {
  identifierOf,
  isForDatabase,
  isOwn,
  type ObservedDeployment,
  settingsMark,
  stateOf,
} from './observe.js';
import type { BlueGreenOperations } from './operations.js';
import type { BlueGreenSettings } from './parse.js';
import { busyError, foreignError, pastReturnError, requireMet } from './refusals.js';
import type {
  BlueGreenDeletion,
  BlueGreenGuardrail,
  BlueGreenName,
  BlueGreenReading,
  DatabaseIdentity,
  ResolvedBlueGreenRequest,
} from './types.js';

/** A deployment of this name, with the database that has the name of the production database now. */
interface Found {
  readonly source: DatabaseIdentity;
  readonly deployment: ObservedDeployment | undefined;
  readonly reading: BlueGreenReading;
}

/** A deployment that could not be deleted yet. */
interface Left {
  readonly text: string;
  readonly refusal?: Error;
}

/** The calls of `RdsBlueGreen` besides a run: each one reads, and makes one change. */
export class DirectChanges {
  readonly #settings: BlueGreenSettings;
  readonly #operations: BlueGreenOperations;

  constructor(settings: BlueGreenSettings, operations: BlueGreenOperations) {
    this.#settings = settings;
    this.#operations = operations;
  }

  async find({ name, creationId }: BlueGreenName, options: CallOptions): Promise<Found> {
    const [source, deployment] = await Promise.all([
      this.#operations.requireSource(options),
      this.#operations.findDeployment({ name, id: undefined }, options),
    ]);
    return { source, deployment, reading: readingOf(deployment, { source, creationId }) };
  }

  async create(
    request: Pick<ResolvedBlueGreenRequest, 'name' | 'creationId' | 'green' | 'tags'>,
    options: CallOptions,
  ): Promise<BlueGreenReading> {
    const { source, deployment, reading } = await this.find(request, options);
    const { name } = request;
    requireSame(request, { source, deployment, reading });
    if (reading.state === 'deleting' && deployment !== undefined)
      throw busyError(name, deployment, 'no deployment of this name');
    if (reading.state !== 'none') return reading;
    const created = await this.#operations.create(source, request, options);
    if (created === undefined) {
      const found = await this.find(request, options);
      requireSame(request, found);
      return found.reading;
    }
    this.#settings.logger.info('Created blue/green deployment', {
      resource: source.identifier,
      name,
      deploymentIdentifier: created.id,
    });
    return readingOf(created, { source, creationId: request.creationId });
  }

  async readGuardrails(
    request: BlueGreenName & Pick<ResolvedBlueGreenRequest, 'maxReplicaLagSeconds'>,
    options: CallOptions,
  ): Promise<readonly BlueGreenGuardrail[]> {
    const { source, deployment } = await this.#requireOwn(request, options);
    const limits = { wanted: source, maxReplicaLagSeconds: request.maxReplicaLagSeconds };
    return (await this.#operations.readGuardrails(deployment, limits, options)).guardrails;
  }

  async switchOver(
    request: BlueGreenName &
      Pick<ResolvedBlueGreenRequest, 'maxReplicaLagSeconds' | 'switchoverTimeoutSeconds'>,
    options: CallOptions,
  ): Promise<void> {
    const { source, deployment, reading } = await this.#requireOwn(request, options);
    if (reading.state === 'switchingOver' || reading.state === 'switchedOver') return;
    const { maxReplicaLagSeconds, switchoverTimeoutSeconds, name } = request;
    const limits = { wanted: source, maxReplicaLagSeconds };
    const { guardrails } = await this.#operations.readGuardrails(deployment, limits, options);
    requireMet(source.identifier, guardrails);
    const result = await this.#operations.switchOver(deployment, switchoverTimeoutSeconds, options);
    if (result !== true) throw busyError(name, deployment, 'RDS to accept the switchover', result.refusal);
    this.#settings.logger.info('Started switchover of blue/green deployment', {
      resource: source.identifier,
      name,
      timeoutSeconds: switchoverTimeoutSeconds,
    });
  }

  /** Deletes the deployment with its green environment. */
  async deleteGreen(
    request: BlueGreenName,
    { maxWaitSeconds = defaultWaitSeconds, signal }: WaitOptions,
  ): Promise<BlueGreenDeletion> {
    const { source, deployment, reading } = await this.find(request, { signal });
    const { name } = request;
    if (deployment === undefined || reading.state === 'other') return { deleted: false };
    if (reading.state === 'switchedOver') throw pastReturnError(name, source.identifier);
    await pollUntil<Left | undefined>({
      resource: name,
      expected: 'the deletion of the deployment',
      maxWaitSeconds,
      signal,
      intervalSeconds: this.#settings.intervalSeconds,
      clock: this.#settings.clock,
      observe: () => this.#deleteOnce(request, deployment.id, source, { signal }),
      isDone: (left) => left === undefined,
      describe: (left) => left?.text ?? 'deleted',
      causeOf: (left) => left?.refusal,
    });
    return { deleted: true };
  }

  async deleteCompleted(request: BlueGreenName, options: CallOptions): Promise<BlueGreenDeletion> {
    const { source, deployment, reading } = await this.find(request, options);
    if (deployment === undefined || reading.state === 'other' || reading.state === 'deleting')
      return { deleted: false };
    if (reading.state !== 'switchedOver') throw busyError(request.name, deployment, 'SWITCHOVER_COMPLETED');
    const result = await this.#operations.delete(deployment, { wanted: source, withGreen: false }, options);
    if (typeof result === 'object')
      throw busyError(request.name, deployment, 'RDS to accept the deletion', result.refusal);
    this.#logDeletion(source, request.name, false);
    return { deleted: true };
  }

  /** Returns undefined when the deletion is accepted, or else the deployment that refuses it for now. */
  async #deleteOnce(
    { name, creationId }: BlueGreenName,
    id: string,
    source: DatabaseIdentity,
    options: CallOptions,
  ): Promise<Left | undefined> {
    const deployment = await this.#operations.findDeployment({ name, id }, options);
    if (deployment === undefined || stateOf(deployment) === 'deleting') return undefined;
    if (!isOwn(deployment, creationId)) return undefined;
    if (stateOf(deployment) === 'switchedOver') throw pastReturnError(name, source.identifier);
    if (stateOf(deployment) === 'switchingOver') return { text: deployment.text };
    const target = { wanted: source, withGreen: true };
    let result = await this.#operations.delete(deployment, target, options);
    if (result === 'unprotected') result = await this.#operations.delete(deployment, target, options);
    if (result !== 'deleted')
      return { text: deployment.text, ...(typeof result === 'object' && { refusal: result.refusal }) };
    this.#logDeletion(source, name, true);
    return undefined;
  }

  #logDeletion({ identifier }: DatabaseIdentity, name: string, withGreen: boolean): void {
    this.#settings.logger.info('Started deletion of blue/green deployment', {
      resource: identifier,
      name,
      withGreen,
    });
  }

  /** @throws ResourceNotFoundError without a deployment, and BlueGreenDeploymentError for one of another caller. */
  async #requireOwn(
    request: BlueGreenName,
    options: CallOptions,
  ): Promise<Found & { readonly deployment: ObservedDeployment }> {
    const { source, deployment, reading } = await this.find(request, options);
    if (deployment === undefined)
      throw new ResourceNotFoundError(`Blue/green deployment ${request.name} not found`, {
        resource: request.name,
        remedy: 'Create it first (createDeployment)',
      });
    if (reading.state === 'other') throw foreignError(request.name, source.identifier, deployment);
    return { source, deployment, reading };
  }
}

/** @throws BlueGreenDeploymentError for a deployment of another caller, or with other green settings. */
function requireSame(
  { name, green }: Pick<ResolvedBlueGreenRequest, 'name' | 'green'>,
  { source, deployment, reading }: Found,
): void {
  const isOther = deployment !== undefined && deployment.settings !== settingsMark(green);
  if (isOther || reading.state === 'other') throw foreignError(name, source.identifier, deployment);
}

/** The reading of a deployment; `other` unless it was created by this caller for this database. */
function readingOf(
  deployment: ObservedDeployment | undefined,
  { source, creationId }: { readonly source: DatabaseIdentity; readonly creationId: string | undefined },
): BlueGreenReading {
  const { resourceId: productionResourceId } = source;
  if (deployment === undefined) return { state: 'none', productionResourceId };
  const { sourceArn, targetArn, text, id } = deployment;
  const state = stateOf(deployment);
  // After the switchover the name of the production database is that of the green one.
  const isSame = state === 'switchedOver' ? targetArn === source.arn : isForDatabase(deployment, source);
  return {
    state: isOwn(deployment, creationId) && isSame ? state : 'other',
    productionResourceId,
    text,
    deploymentIdentifier: id,
    ...(targetArn !== undefined && { greenIdentifier: identifierOf(targetArn) }),
    ...(sourceArn !== undefined && { blueIdentifier: identifierOf(sourceArn) }),
  };
}
