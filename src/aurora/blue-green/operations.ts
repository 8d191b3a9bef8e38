import type { CreateBlueGreenDeploymentCommandInput } from '@aws-sdk/client-rds';
import { type CallOptions, isAwsError } from '../../core/aws-call.js';
import { isRefusedForNow } from '../../core/failures.js';
import { notFound } from '../../core/not-found.js';
import { toTags } from '../creation-inputs.js';
import { isStateFault, RdsApi } from '../rds-api.js';
import { BlueGreenApi } from './blue-green-api.js';
import { BlueGreenDeploymentError } from './blue-green-error.js';
import { judgeGuardrails } from './guardrails.js';
import {
  identifierOf,
  markOf,
  type ObservedDatabase,
  type ObservedDeployment,
  observedOf,
  readDatabase,
  readIdentity,
} from './observe.js';
import type { BlueGreenSettings } from './parse.js';
import { lagReader, type ReadLag } from './replica-lag.js';
import type { BlueGreenGuardrail, DatabaseIdentity, ResolvedBlueGreenRequest } from './types.js';

/** Refusal of RDS that passes. */
export interface Refusal {
  readonly refusal: Error;
}

/** Reads and changes of a blue/green deployment. Each one makes at most one change. */
export class BlueGreenOperations {
  readonly #settings: BlueGreenSettings;
  readonly #rds: RdsApi;
  readonly #api: BlueGreenApi;
  readonly #readLag: ReadLag;

  constructor(settings: BlueGreenSettings) {
    this.#settings = settings;
    this.#rds = new RdsApi(settings.rds);
    this.#api = new BlueGreenApi(settings.rds);
    this.#readLag = lagReader(settings);
  }

  /** Reads the production database. */
  async requireSource(options: CallOptions): Promise<DatabaseIdentity> {
    const { source } = this.#settings;
    const found = await readIdentity(this.#rds, source, options);
    if (found !== undefined) return found;
    throw notFound({
      kind: source.kind === 'cluster' ? 'Database cluster' : 'Database instance',
      resource: source.identifier,
      remedy: 'Check its identifier, the Region and the account',
    });
  }

  /** Reads the database that has a name now, without its members. */
  async findIdentity(identifier: string, options: CallOptions): Promise<DatabaseIdentity | undefined> {
    return readIdentity(this.#rds, { ...this.#settings.source, identifier }, options);
  }

  /** Reads the database that has a name now, with its members. */
  async findDatabase(identifier: string, options: CallOptions): Promise<ObservedDatabase | undefined> {
    return readDatabase(this.#rds, { ...this.#settings.source, identifier }, options);
  }

  async findDeployment(
    { name, id }: { readonly name: string; readonly id: string | undefined },
    options: CallOptions,
  ): Promise<ObservedDeployment | undefined> {
    const found =
      id === undefined ? await this.#api.findByName(name, options) : await this.#api.findById(id, options);
    return found && observedOf(found);
  }

  /** Creates the deployment. Returns undefined when a deployment of this name exists, such as after a lost response. */
  async create(
    source: DatabaseIdentity,
    {
      name,
      creationId,
      green,
      tags,
    }: Pick<ResolvedBlueGreenRequest, 'name' | 'creationId' | 'green' | 'tags'>,
    options: CallOptions,
  ): Promise<ObservedDeployment | undefined> {
    const input: CreateBlueGreenDeploymentCommandInput = {
      BlueGreenDeploymentName: name,
      Source: source.arn,
      ...inputOf(green),
      Tags: toTags({ ...tags, ...markOf(source, { creationId, green }) }),
    };
    try {
      const created = await this.#api.create(input, options);
      return created && observedOf(created);
    } catch (error) {
      if (isAwsError(error, 'BlueGreenDeploymentAlreadyExistsFault')) return undefined;
      throw error;
    }
  }

  /** Reads everything that the switchover depends on. */
  async readGuardrails(
    deployment: ObservedDeployment,
    {
      wanted,
      maxReplicaLagSeconds,
    }: { readonly wanted: DatabaseIdentity; readonly maxReplicaLagSeconds: number },
    options: CallOptions,
  ): Promise<{
    readonly guardrails: readonly BlueGreenGuardrail[];
    readonly green: ObservedDatabase | undefined;
  }> {
    const [blue, green] = await Promise.all([
      this.findDatabase(wanted.identifier, options),
      this.#findGreen(deployment, options),
    ]);
    const lag =
      green === undefined
        ? ({ kind: 'noData', detail: 'the green database was not found' } as const)
        : await this.#readLag(green, this.#settings.clock.now(), options);
    const readings = { deployment, wanted, blue, green, lag, maxReplicaLagSeconds };
    return { guardrails: judgeGuardrails(readings), green };
  }

  /** Starts the switchover. Returns the error when RDS refuses it for now. */
  async switchOver(
    { id }: Pick<ObservedDeployment, 'id'>,
    timeoutSeconds: number,
    options: CallOptions,
  ): Promise<true | Refusal> {
    return this.#unlessRefused(() => this.#api.switchOver(id, timeoutSeconds, options));
  }

  /**
   * Deletes the deployment, and its green environment before the switchover. The deletion protection of the green database is removed
   * first, with a call of its own.
   *
   * @throws BlueGreenDeploymentError when the green database has the name or the resource ID of the production database.
   */
  async delete(
    deployment: ObservedDeployment,
    { wanted, withGreen }: { readonly wanted: DatabaseIdentity; readonly withGreen: boolean },
    options: CallOptions,
  ): Promise<'deleted' | 'unprotected' | Refusal> {
    if (withGreen) {
      const green = await this.#requireGreen(deployment, wanted, options);
      if (green?.isProtected === true) {
        const isOff = await this.#unlessRefused(() => this.#unprotect(green, options));
        return isOff === true ? 'unprotected' : isOff;
      }
    }
    const isDeleted = await this.#unlessRefused(() => this.#api.delete(deployment.id, withGreen, options));
    return isDeleted === true ? 'deleted' : isDeleted;
  }

  /**
   * Reads the green database. Names are exchanged by a switchover, so the resource IDs decide which database may be deleted: also when
   * the name of the green one is that of no database any more.
   */
  async #requireGreen(
    deployment: ObservedDeployment,
    wanted: DatabaseIdentity,
    options: CallOptions,
  ): Promise<ObservedDatabase | undefined> {
    const former = deployment.createdFor ?? wanted.resourceId;
    const [green, live] = await Promise.all([
      this.#findGreen(deployment, options),
      this.findIdentity(wanted.identifier, options),
    ]);
    if (green?.resourceId !== former && live?.resourceId === former) return green;
    const shown = green === undefined ? 'no database' : `${green.identifier} (${green.resourceId})`;
    throw new BlueGreenDeploymentError(`Green environment of ${wanted.identifier} was not deleted`, {
      resource: wanted.identifier,
      expected: `the name ${wanted.identifier} for ${former}, and another database as the green one`,
      actual: `${live?.resourceId ?? 'no database'} with this name, and ${shown} as the green one`,
      remedy:
        'The switchover may have exchanged the names. Compare the databases by their resource IDs, then delete the deployment by hand',
    });
  }

  async #findGreen(
    { targetArn }: ObservedDeployment,
    options: CallOptions,
  ): Promise<ObservedDatabase | undefined> {
    return targetArn === undefined ? undefined : this.findDatabase(identifierOf(targetArn), options);
  }

  async #unprotect({ identifier }: ObservedDatabase, options: CallOptions): Promise<void> {
    if (this.#settings.source.kind === 'cluster') await this.#api.unprotectCluster(identifier, options);
    else await this.#api.unprotectInstance(identifier, options);
  }

  /** Returns the error when RDS refuses the call because of a state that passes. */
  async #unlessRefused(send: () => Promise<void>): Promise<true | Refusal> {
    try {
      await send();
      return true;
    } catch (error) {
      if (isStateFault(error) && isRefusedForNow(error)) {
        this.#settings.logger.debug('Blue/green deployment refused change for now', {
          resource: this.#settings.source.identifier,
          error: error.message,
        });
        return { refusal: error };
      }
      throw error;
    }
  }
}

/** Names of RDS for the changes of the green environment. */
function inputOf(green: ResolvedBlueGreenRequest['green']): Partial<CreateBlueGreenDeploymentCommandInput> {
  const { kmsKeys = {} } = green;
  return {
    TargetEngineVersion: green.engineVersion,
    TargetDBClusterParameterGroupName: green.clusterParameterGroupName,
    TargetDBParameterGroupName: green.parameterGroupName,
    TargetDBInstanceClass: green.instanceClass,
    TargetStorageType: green.storageType,
    TargetAllocatedStorage: green.allocatedStorage,
    TargetIops: green.iops,
    TargetStorageThroughput: green.storageThroughput,
    UpgradeTargetStorageConfig: green.upgradeStorageConfig,
    TargetResourceConfigurations:
      Object.keys(kmsKeys).length === 0
        ? undefined
        : Object.entries(kmsKeys).map(([SourceArn, TargetKmsKeyId]) => ({ SourceArn, TargetKmsKeyId })),
  };
}
