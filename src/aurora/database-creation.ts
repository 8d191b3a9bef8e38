import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { isAwsError, requireField } from '../core/aws-call.js';
import { describeError } from '../core/describe-error.js';
import { ResourceStateError, ToolkitError } from '../core/errors.js';
import { classifyFailure, isRefusedForNow } from '../core/failures.js';
import { pollUntil } from '../core/poll-until.js';
import { stopwatch } from '../core/stopwatch.js';
import { clusterNotFound } from './cluster-power.js';
import { ClusterState, isAtRest, observeCluster } from './cluster-state.js';
import {
  type AuroraContext,
  creationPollSeconds,
  defaultCreationSeconds,
  missesTolerated,
  refusalsTolerated,
} from './context.js';
import type { CreationApi } from './creation-api.js';
import {
  type ClusterToCreate,
  cloneInput,
  emptyInput,
  memberInput,
  modificationInput,
  restoreInput,
} from './creation-inputs.js';
import { foreignDetails, refusedDetails, unfinishedDetails } from './creation-obstacles.js';
import { requireCapacity, requireInsights } from './creation-options.js';
import {
  findPartner,
  type MergedSettings,
  mergeSettings,
  type Partner,
  sourceText,
} from './creation-partner.js';
import {
  type CreationIdentity,
  copyKind,
  identityTags,
  memberIdentifier,
  nextCreationStep,
  readIdentity,
} from './creation-step.js';
import type { CreateDatabaseOptions, DatabaseCreation } from './creation-types.js';

/** One creation, as `createDatabase` begins or continues it. */
export interface CreationRequest extends CreateDatabaseOptions {
  readonly cluster: string;
  readonly partner: string;
  /** Instances of the complete database: the writer and the readers. */
  readonly members: number;
}

interface View {
  readonly cluster: DBCluster | undefined;
  readonly instances: readonly DBInstance[];
}

/** The state that the creation waits to pass, and the error with which AWS refused for now, if it did. */
interface Pending {
  readonly text: string;
  readonly refusal: Error | undefined;
}

/** Clones of a cluster that AWS makes by copy-on-write; the next one is a full copy. */
const maxClones = 15;

/** One creation, from the first read of the cluster to the accepted creation of its last instance. */
export class DatabaseCreator {
  readonly #context: AuroraContext;
  readonly #creation: CreationApi;
  readonly #request: CreationRequest;
  readonly #elapsed: () => number;
  #partner: Partner | undefined;
  #merged: MergedSettings | undefined;
  #isConfigured = false;
  #hasCreatedCluster = false;
  #hasChanged = false;
  /** True once a read has shown the cluster, and not its deletion. */
  #isSeen = false;
  /** Reads in a row that lack a cluster which exists. */
  #misses = 0;
  #refusals = 0;

  constructor(context: AuroraContext, creation: CreationApi, request: CreationRequest) {
    this.#context = context;
    this.#creation = creation;
    this.#request = request;
    this.#elapsed = stopwatch(context.clock);
  }

  async run(): Promise<DatabaseCreation> {
    const { cluster, maxWaitSeconds = defaultCreationSeconds, signal } = this.#request;
    let view: View | undefined;
    await pollUntil<Pending | View>({
      resource: cluster,
      expected: 'a cluster with all its instances',
      maxWaitSeconds,
      signal,
      intervalSeconds: creationPollSeconds,
      clock: this.#context.clock,
      observe: () => this.#advance(),
      isDone: (observed) => {
        if ('text' in observed) return this.#requireWaiting(observed);
        view = observed;
        return true;
      },
      describe: (observed) => ('text' in observed ? textOf(observed) : ''),
      causeOf: (observed) => ('text' in observed ? observed.refusal : undefined),
      remedy: 'Repeat createDatabase: it continues where it stopped',
    });
    return this.#resultOf(view ?? (await this.#read()));
  }

  /** Runs step after step until the last instance is accepted, or nothing can be sent for now. */
  async #advance(): Promise<Pending | View> {
    for (;;) {
      const view = await this.#read();
      if (view.cluster !== undefined) await this.#requireOwn(view.cluster);
      if (this.#isMissing(view)) return { text: observed(view), refusal: undefined };
      const { members } = this.#request;
      const step = nextCreationStep(view.cluster, view.instances, {
        members,
        isConfigured: this.#isConfigured,
      });
      if (step.kind === 'done') return view;
      if (step.kind === 'wait') return this.#pendingOf(view);
      if (step.kind === 'refuse') throw this.#impossible(refusedDetails(step.because, observed(view)));
      const refusal = await this.#send(step, view);
      if (refusal !== undefined) return { text: observed(view), refusal };
    }
  }

  /** Sends the calls of one step. Returns the error with which AWS refuses for now. */
  async #send(
    step: Exclude<ReturnType<typeof nextCreationStep>, { kind: 'done' | 'wait' | 'refuse' }>,
    { cluster }: View,
  ): Promise<Error | undefined> {
    try {
      if (step.kind === 'createCluster') await this.#createCluster();
      else if (cluster === undefined) return undefined;
      else if (step.kind === 'configureCluster') await this.#configureCluster(cluster);
      else return await this.#createMembers(cluster, step.numbers);
      this.#refusals = 0;
      return undefined;
    } catch (error) {
      // Its own earlier call has created it, or the next read shows whose it is.
      if (isAwsError(error, 'DBClusterAlreadyExistsFault')) return error;
      if (error instanceof Error && isRefusedForNow(error)) return error;
      throw this.#explain(error, cluster);
    }
  }

  async #createCluster(): Promise<void> {
    const { from, cluster } = this.#request;
    const partner = await this.#readPartner();
    const { settings } = await this.#readMerged();
    this.#requireClass(settings.instanceClass);
    const identity = this.#identityOf(partner);
    const tags = identityTags(identity);
    const wanted: ClusterToCreate = { cluster, settings, tags };
    if (from === 'clone') await this.#clone(wanted, partner);
    else if (from === 'empty') {
      const engine = requireField(partner.cluster.Engine, 'Engine', describeCall(partner.identifier));
      await this.#creation.createCluster(emptyInput(wanted, engine), this.#request);
    } else await this.#restore(wanted, from.snapshotIdentifier);
    this.#hasCreatedCluster = true;
    this.#context.logger.info('Created database cluster', {
      resource: cluster,
      source: identity.source,
      durationMs: this.#elapsed(),
    });
  }

  async #clone(wanted: ClusterToCreate, { cluster, identifier }: Partner): Promise<void> {
    await this.#warnOfFullCopy(cluster);
    await this.#creation.clone(cloneInput(wanted, identifier), this.#request);
  }

  async #restore(wanted: ClusterToCreate, identifier: string): Promise<void> {
    const snapshot = await this.#creation.readSnapshot(identifier, this.#request);
    const call = { action: 'rds:DescribeDBClusterSnapshots', resource: identifier };
    const engine = requireField(snapshot?.Engine, 'Engine', call);
    const input = restoreInput(wanted, { identifier, engine, engineVersion: snapshot?.EngineVersion });
    await this.#creation.restore(input, this.#request);
  }

  /** AWS does not refuse the sixteenth clone, but copies all data. */
  async #warnOfFullCopy({ CloneGroupId }: DBCluster): Promise<void> {
    if (CloneGroupId === undefined) return;
    const { cluster: resource } = this.#request;
    const { logger } = this.#context;
    try {
      const clones = (await this.#creation.countClones(resource, CloneGroupId, this.#request)) - 1;
      if (clones >= maxClones)
        logger.warn('Clone becomes a full copy of database cluster', { resource, clones });
    } catch (error) {
      if (ToolkitError.isInstance(error) && error.code === 'OPERATION_ABORTED') throw error;
      logger.warn('Could not count the clones of database cluster', { resource, ...describeError(error) });
    }
  }

  /** Completes the settings that the call which creates a cluster does not take. */
  async #configureCluster(cluster: DBCluster): Promise<void> {
    const { settings } = await this.#readMerged();
    const changes = modificationInput(cluster, settings);
    if (settings.dataApi === true && cluster.HttpEndpointEnabled !== true) {
      const arn = requireField(cluster.DBClusterArn, 'DBClusterArn', describeCall(this.#request.cluster));
      await this.#creation.enableDataApi(arn, this.#request);
      this.#hasChanged = true;
      this.#context.logger.info('Enabled Data API of database cluster', {
        resource: this.#request.cluster,
        durationMs: this.#elapsed(),
      });
    }
    if (changes !== undefined) {
      await this.#creation.modifyCluster(this.#request.cluster, changes, this.#request);
      this.#hasChanged = true;
      this.#context.logger.info('Modified database cluster', {
        resource: this.#request.cluster,
        settings: Object.keys(changes).filter((it) => it !== 'ApplyImmediately'),
        durationMs: this.#elapsed(),
      });
    }
    this.#isConfigured = true;
  }

  /**
   * One after the other: the first instance of a cluster becomes its writer, and a refusal is the same for all. Returns the refusal when
   * every instance exists already: the list does not show them yet.
   */
  async #createMembers(cluster: DBCluster, numbers: readonly number[]): Promise<Error | undefined> {
    const refusals: Error[] = [];
    for (const number of numbers) refusals.push(...(await this.#createMember(cluster, number)));
    this.#refusals = 0;
    return refusals.length === numbers.length ? refusals[0] : undefined;
  }

  /** Returns the refusal for an instance of the cluster that exists already, or nothing. */
  async #createMember(present: DBCluster, number: number): Promise<Error[]> {
    const { cluster } = this.#request;
    const { settings } = await this.#readMerged();
    this.#requireClass(settings.instanceClass);
    const identifier = memberIdentifier(cluster, number);
    const engine = requireField(present.Engine, 'Engine', describeCall(cluster));
    const tags = identityTags(this.#identityOf(await this.#readPartner()));
    const input = memberInput({ cluster, settings, tags }, { identifier, engine });
    try {
      await this.#creation.createInstance(input, this.#request);
    } catch (error) {
      if (!isAwsError(error, 'DBInstanceAlreadyExistsFault')) throw error;
      const found = await this.#context.api.findInstance(identifier, this.#request);
      // A stale read does not show it yet.
      if (found !== undefined && found.DBClusterIdentifier?.toLowerCase() !== cluster) throw error;
      return [error];
    }
    this.#hasChanged = true;
    this.#context.logger.info('Created database instance', {
      resource: identifier,
      cluster,
      durationMs: this.#elapsed(),
    });
    return [];
  }

  #requireClass(instanceClass: string | undefined): void {
    if (instanceClass !== undefined) return;
    throw this.#impossible({
      expected: 'an instance class',
      actual: `none, because ${this.#request.partner} has no instance`,
      remedy: 'Set settings.instanceClass',
    });
  }

  async #findPartner(): Promise<Partner | undefined> {
    this.#partner ??= await findPartner(this.#context.api, this.#request.partner, this.#request);
    return this.#partner;
  }

  async #readPartner(): Promise<Partner> {
    const partner = await this.#findPartner();
    if (partner === undefined) throw clusterNotFound(this.#request.partner);
    return partner;
  }

  async #readMerged(): Promise<MergedSettings> {
    if (this.#merged !== undefined) return this.#merged;
    const partner = await this.#readPartner();
    const instances = await this.#context.api.listInstances(this.#request.partner, this.#request);
    const merged = mergeSettings(partner, instances, this.#request);
    requireInsights(this.#request.settings ?? {}, merged.settings);
    requireCapacity(merged.settings);
    this.#merged = merged;
    return merged;
  }

  #identityOf(partner: Partner | undefined): CreationIdentity {
    const { from, creationId, partner: identifier } = this.#request;
    return { source: sourceText(from, identifier, partner?.cluster.DbClusterResourceId), creationId };
  }

  /** @throws ResourceStateError for a cluster of another origin: its data would be taken for those of the source. */
  async #requireOwn(cluster: DBCluster): Promise<void> {
    if (cluster.Status === ClusterState.deleting) return;
    const found = readIdentity(cluster);
    const partner = await this.#findPartner();
    const wanted = this.#identityOf(partner);
    // The partner of a complete clone may be deleted by now.
    const isSameSource =
      partner === undefined && this.#request.from === 'clone'
        ? found?.source.startsWith(wanted.source)
        : found?.source === wanted.source;
    const isSame = isSameSource && [undefined, found?.creationId].includes(wanted.creationId);
    if (!isSame) throw this.#impossible(foreignDetails(wanted, found));
  }

  /**
   * Returns true for a read without the cluster that exists, which a stale read lacks for a while. After a deletion during the call no
   * other cluster is created. It would be left over when the deletion is the rollback of the swap, and this call a late one of a
   * process that stood still.
   *
   * @throws ResourceStateError for a cluster that is being deleted, or stays away.
   */
  #isMissing(view: View): boolean {
    const isDeleting = view.cluster?.Status === ClusterState.deleting;
    if (view.cluster !== undefined && !isDeleting) {
      this.#isSeen = true;
      this.#misses = 0;
      return false;
    }
    if (!this.#isSeen && (isDeleting || !this.#hasCreatedCluster)) return false;
    this.#misses += 1;
    if (!isDeleting && this.#misses <= missesTolerated) return true;
    throw this.#impossible({
      expected: 'the cluster that exists since the creation began',
      actual: `${observed(view)}: another program has deleted it`,
      remedy: 'Repeat createDatabase if the database is still wanted',
    });
  }

  async #read(): Promise<View> {
    const { api } = this.#context;
    const { cluster } = this.#request;
    const found = await api.findCluster(cluster, this.#request);
    // In these states the instances decide nothing.
    const isDecided = found === undefined || /^(creating|deleting)$/.test(found.Status ?? '');
    const instances = isDecided ? [] : await api.listInstances(cluster, this.#request);
    return { cluster: found, instances };
  }

  /** @throws ResourceStateError for a cluster that is being deleted, when waiting is disabled. */
  #pendingOf(view: View): Pending {
    const text = observed(view);
    if (view.cluster?.Status !== ClusterState.deleting || this.#context.onTransition === 'wait')
      return { text, refusal: undefined };
    throw this.#impossible({
      expected: 'no cluster that is being deleted',
      actual: text,
      remedy: 'Repeat the creation when the deletion is over, or set onTransition: "wait"',
    });
  }

  /** Returns false. Throws when waiting is disabled or cannot succeed. */
  #requireWaiting({ text, refusal }: Pending): false {
    if (refusal === undefined) return false;
    const partnerState = this.#partner?.cluster.Status ?? '';
    const isResting = isAtRest(partnerState) || partnerState === ClusterState.stopped;
    // Read again before the next attempt.
    this.#partner = undefined;
    if (isAwsError(refusal, 'InvalidDBClusterStateFault') && isResting) this.#refusals += 1;
    const isFatal = this.#context.onTransition === 'fail' && /State(Fault)?$/.test(refusal.name);
    if (this.#refusals > refusalsTolerated || isFatal)
      throw this.#impossible(unfinishedDetails(refusal, { text }));
    return false;
  }

  /** Adds the present state to a refusal of AWS, whose own sentence names the reason. */
  #explain(error: unknown, cluster: DBCluster | undefined): unknown {
    if (ToolkitError.isInstance(error) || !(error instanceof Error)) return error;
    if (classifyFailure(error) !== 'final') return error;
    return this.#impossible(unfinishedDetails(error, { text: observed({ cluster, instances: [] }) }));
  }

  #impossible(details: {
    expected: string;
    actual: string;
    remedy: string;
    cause?: Error | undefined;
  }): ResourceStateError {
    const { cluster } = this.#request;
    return new ResourceStateError(`Cannot create database cluster ${cluster}`, {
      ...details,
      resource: cluster,
    });
  }

  async #resultOf({ cluster = {}, instances }: View): Promise<DatabaseCreation> {
    const { from, cluster: clusterIdentifier, partner } = this.#request;
    // The first clone of a cluster gives it a clone group.
    const source =
      from === 'clone' ? await findPartner(this.#context.api, partner, this.#request) : undefined;
    const isOld = !this.#hasCreatedCluster && !this.#hasChanged;
    const present = instances.filter((it) => it.DBInstanceStatus !== 'deleting');
    return {
      outcome: isOld ? 'existing' : this.#hasCreatedCluster ? 'created' : 'continued',
      clusterIdentifier,
      instanceIdentifiers: present.flatMap((it) => it.DBInstanceIdentifier ?? []).sort(),
      copiedSettings: isOld ? [] : (this.#merged?.copied ?? []),
      copy: source && copyKind(cluster, source.cluster),
      masterUserSecretArn: cluster.MasterUserSecret?.SecretArn,
    };
  }
}

function observed({ cluster }: View): string {
  return cluster === undefined ? 'no cluster' : observeCluster(cluster).text;
}

function textOf({ text, refusal }: Pending): string {
  return refusal === undefined ? text : `${text} (${refusal.message})`;
}

function describeCall(resource: string) {
  return { action: 'rds:DescribeDBClusters', resource };
}
