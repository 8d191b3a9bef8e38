import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { isAwsError } from '../core/aws-call.js';
import { describeError } from '../core/describe-error.js';
import { ResourceStateError, ToolkitError } from '../core/errors.js';
import { isRefusedForNow } from '../core/failures.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { stopwatch } from '../core/stopwatch.js';
import { isAtRest, observeCluster } from './cluster-state.js';
import { type AuroraContext, defaultWaitSeconds, pollSeconds } from './context.js';
import { obstacleDetails, quotaDetails } from './deletion-obstacles.js';
import {
  type DeletionStep,
  finalSnapshotIdentifier,
  isDeletableMember,
  nextDeletionStep,
  type PresentMember,
  presentMembers,
} from './deletion-step.js';
import { isStateFault } from './rds-api.js';
import { RefusedDeletions } from './refused-deletions.js';
import type { DatabaseDeletion } from './types.js';

interface View {
  readonly cluster: DBCluster | undefined;
  /** Without those whose deletion RDS has accepted: a stale read may still show such a member as it was before. */
  readonly instances: readonly DBInstance[];
  /** True when RDS shows every member as being deleted. */
  readonly membersAreGoing: boolean;
}

/** The state that the deletion waits to pass. */
interface Pending {
  readonly text: string;
  readonly refusal: Error | undefined;
  /** True when RDS will keep refusing. */
  readonly isLasting: boolean;
}

/** Options of one deletion. */
interface DeletionOptions extends WaitOptions {
  readonly withSnapshot: boolean;
  readonly deleteAutomatedBackups: boolean | undefined;
  /** Turns the deletion protection off; undefined where protection is an obstacle. */
  readonly unprotect?: (() => Promise<void>) | undefined;
  /** Resource ID of the cluster, when the caller has read it. */
  readonly resourceId?: string | undefined;
}

/** One deletion, from the first read of the cluster to the accepted DeleteDBCluster. */
export class DatabaseDeleter {
  readonly #context: AuroraContext;
  readonly #cluster: string;
  readonly #options: DeletionOptions;
  readonly #elapsed: () => number;
  readonly #accepted = new Set<string>();
  readonly #refused = new RefusedDeletions();
  #quotaIsChecked = false;
  #snapshot: string | undefined;
  #resourceId: string | undefined;

  constructor(context: AuroraContext, cluster: string, options: DeletionOptions) {
    this.#context = context;
    this.#cluster = cluster;
    this.#options = options;
    this.#resourceId = options.resourceId;
    this.#elapsed = stopwatch(context.clock);
  }

  async run(): Promise<DatabaseDeletion> {
    try {
      await pollUntil<Pending | undefined>({
        resource: this.#cluster,
        expected: 'a cluster that can be deleted',
        maxWaitSeconds: this.#options.maxWaitSeconds ?? defaultWaitSeconds,
        signal: this.#options.signal,
        intervalSeconds: pollSeconds,
        clock: this.#context.clock,
        observe: () => this.#advance(),
        isDone: (pending) => pending === undefined || this.#requireWaiting(pending),
        describe: (pending) => this.#withAccepted(pending ? textOf(pending) : 'no cluster'),
        causeOf: (pending) => pending?.refusal,
      });
    } catch (error) {
      throw this.#explain(error);
    }
    return { finalSnapshotIdentifier: this.#snapshot };
  }

  /** Runs step after step until the deletion is accepted or nothing can be sent for now. */
  async #advance(): Promise<Pending | undefined> {
    this.#refused.nextRound();
    const { withSnapshot, unprotect } = this.#options;
    const mayUnprotect = unprotect !== undefined;
    let isUnprotected = false;
    for (;;) {
      const view = await this.#read();
      const step = nextDeletionStep(view.cluster, view.instances, { withSnapshot, mayUnprotect });
      if (step.kind === 'done') return undefined;
      if (step.kind === 'refuse') throw this.#impossible(obstacleDetails(step.because));
      if (step.kind === 'wait') return this.#pending(view, step);
      if (this.#context.onTransition === 'fail') this.#requireDeletable(view);
      await this.#checkQuota();
      if (step.kind === 'unprotect') {
        // A read can still show the protection, and is repeated later.
        const refusal = isUnprotected ? undefined : await this.#unprotect();
        if (isUnprotected || refusal !== undefined)
          return { text: `${observedText(view)}, protected`, refusal, isLasting: false };
        isUnprotected = true;
      } else if (step.kind === 'deleteMembers') {
        if (!(await this.#deleteMembers(step.members))) return this.#pending(view, step);
      } else {
        const outcome = await this.#deleteCluster(view);
        if (outcome === 'accepted') return undefined;
        if (outcome === 'notDue') return this.#pending(view, step);
      }
    }
  }

  async #read(): Promise<View> {
    const { api } = this.#context;
    const cluster = await api.findCluster(this.#cluster, this.#options);
    this.#requireSame(cluster);
    const instances = cluster ? await api.listInstances(this.#cluster, this.#options) : [];
    return {
      cluster,
      instances: instances.filter((it) => !this.#accepted.has(it.DBInstanceIdentifier ?? '')),
      membersAreGoing: instances.every((it) => it.DBInstanceStatus === 'deleting'),
    };
  }

  /** During the wait another cluster can get the name, such as by the switchover of a blue/green deployment. */
  #requireSame(cluster: DBCluster | undefined): void {
    const present = cluster?.DbClusterResourceId;
    this.#resourceId ??= present;
    if (present === undefined || present === this.#resourceId) return;
    throw this.#impossible({
      expected: `the cluster with the resource ID ${this.#resourceId}`,
      actual: `another one, ${present}, which has the name now`,
      remedy: 'Check which cluster is to be deleted, then repeat the deletion',
    });
  }

  /** Turns the deletion protection off. Returns the error with which RDS refuses for now. */
  async #unprotect(): Promise<Error | undefined> {
    const { unprotect = async () => {} } = this.#options;
    const refusal = await refusalOf(unprotect);
    if (refusal === undefined)
      this.#context.logger.info('Removed deletion protection of database cluster', {
        resource: this.#cluster,
        durationMs: this.#elapsed(),
      });
    return refusal;
  }

  /** With `onTransition: 'fail'` a member that cannot be deleted now is an error before another one is deleted. */
  #requireDeletable({ instances }: View): void {
    const busy = presentMembers(instances).filter((it) => !isDeletableMember(it));
    if (busy.length === 0) return;
    throw this.#impossible({
      expected: 'members that can be deleted',
      actual: busy.map(describeMember).join(', '),
      remedy: 'Repeat the deletion when the transition is over, or set onTransition: "wait"',
    });
  }

  /** A final snapshot over the quota is refused only when the members are gone. */
  async #checkQuota(): Promise<void> {
    if (this.#quotaIsChecked || !this.#options.withSnapshot) return;
    this.#quotaIsChecked = true;
    const { api, logger } = this.#context;
    try {
      const quota = await api.findSnapshotQuota(this.#cluster, this.#options);
      if (quota && quota.used >= quota.max) throw this.#impossible(quotaDetails(quota));
    } catch (error) {
      if (ToolkitError.isInstance(error)) throw error;
      const resource = this.#cluster;
      logger.warn('Could not read the quota of cluster snapshots', { resource, ...describeError(error) });
    }
  }

  /** Returns false when no deletion was due. */
  async #deleteMembers(members: readonly PresentMember[]): Promise<boolean> {
    const { api, logger } = this.#context;
    const due = members.filter((it) => this.#refused.isDue(it.identifier, it.state, isDeletableMember(it)));
    await mapConcurrently(due, async ({ identifier, state }) => {
      const error = await refusalOf(() => api.deleteInstance(identifier, this.#options)).catch((thrown) => {
        throw members.length > 1 ? ofMember(identifier, thrown) : thrown;
      });
      if (error !== undefined) {
        this.#refused.record(identifier, state, error);
        return;
      }
      this.#accepted.add(identifier);
      logger.info('Deleted database instance', {
        resource: identifier,
        cluster: this.#cluster,
        durationMs: this.#elapsed(),
      });
    });
    return due.length > 0;
  }

  async #deleteCluster({ cluster, instances }: View): Promise<'accepted' | 'refused' | 'notDue'> {
    const { api, logger, clock } = this.#context;
    const from = cluster?.Status ?? '';
    const state = [
      from,
      ...instances.map((it) => `${it.DBInstanceIdentifier}=${it.DBInstanceStatus}`),
    ].join();
    if (!this.#refused.isDue(this.#cluster, state, isAtRest(from))) return 'notDue';
    const snapshot = this.#options.withSnapshot
      ? finalSnapshotIdentifier(this.#cluster, clock.now())
      : undefined;
    this.#snapshot = snapshot;
    const { deleteAutomatedBackups } = this.#options;
    const error = await refusalOf(() =>
      api.deleteCluster(this.#cluster, { snapshot, deleteAutomatedBackups }, this.#options),
    );
    if (error !== undefined) {
      this.#refused.record(this.#cluster, state, error);
      return 'refused';
    }
    logger.info('Deleted database cluster', {
      resource: this.#cluster,
      ...(from !== '' && { from }),
      finalSnapshot: snapshot ?? 'skipped',
      durationMs: this.#elapsed(),
    });
    return 'accepted';
  }

  #pending(view: View, step: DeletionStep): Pending {
    const { cluster, membersAreGoing } = view;
    const members = step.kind === 'deleteMembers' ? step.members : [];
    const resources = step.kind === 'deleteMembers' ? members.map((it) => it.identifier) : [this.#cluster];
    // A cluster may be refused because of members that RDS does not show as being deleted yet.
    const isStable = isAtRest(cluster?.Status ?? '') && (step.kind !== 'deleteCluster' || membersAreGoing);
    const lasting = isStable ? this.#refused.lastingError(resources) : undefined;
    const text = [observedText(view), ...members.map(describeMember)].join(', ');
    return {
      text,
      refusal: lasting ?? this.#refused.lastError(resources),
      isLasting: lasting !== undefined,
    };
  }

  /** Returns false. Throws when waiting is disabled or cannot succeed. */
  #requireWaiting({ text, refusal, isLasting }: Pending): false {
    if (isLasting && refusal !== undefined) throw this.#refusedFor(refusal, text);
    if (this.#context.onTransition === 'wait') return false;
    if (refusal === undefined) {
      throw this.#impossible({
        expected: 'a cluster at rest',
        actual: text,
        remedy: 'Repeat the deletion when the transition is over, or set onTransition: "wait"',
      });
    }
    if (isStateFault(refusal)) throw this.#refusedFor(refusal, text);
    return false;
  }

  /** Adds the deleted members to an error that could not be predicted. */
  #explain(error: unknown): unknown {
    if (this.#accepted.size > 0) {
      this.#context.logger.warn('Deleted only a part of database cluster', {
        resource: this.#cluster,
        instances: [...this.#accepted],
        ...describeError(error),
      });
    }
    // Errors about the whole cluster list the deleted members already.
    const isComplete =
      ToolkitError.isInstance(error) && (error.resource === this.#cluster || isOfCaller(error));
    if (isComplete || !(error instanceof Error)) return error;
    return this.#accepted.size > 0 || isStateFault(error) ? this.#refusedFor(error) : error;
  }

  #refusedFor(cause: Error, text?: string): ResourceStateError {
    const reason = `a refusal${text === undefined ? '' : ` while the cluster is ${text}`}: ${cause.message}`;
    return this.#impossible({
      expected: 'RDS to accept the deletion',
      actual: reason,
      remedy: 'Remove the reason for the refusal, then repeat the deletion: it continues where it stopped',
      cause,
    });
  }

  #impossible(details: {
    expected: string;
    actual: string;
    remedy: string;
    cause?: Error;
  }): ResourceStateError {
    return new ResourceStateError(`Cannot delete database cluster ${this.#cluster}`, {
      ...details,
      resource: this.#cluster,
      actual: this.#withAccepted(details.actual),
    });
  }

  #withAccepted(text: string): string {
    return this.#accepted.size > 0 ? `${text}; already deleted: ${[...this.#accepted].join(', ')}` : text;
  }
}

/** The error with which RDS refuses for now, or because a snapshot has the name; others are thrown. */
async function refusalOf(change: () => Promise<void>): Promise<Error | undefined> {
  try {
    await change();
    return undefined;
  } catch (error) {
    // The next attempt has another name.
    const isNameTaken = isAwsError(error, 'DBClusterSnapshotAlreadyExistsFault');
    if (error instanceof Error && (isNameTaken || isRefusedForNow(error))) return error;
    throw error;
  }
}

/** The error of one member among several: RDS need not name it. */
function ofMember(resource: string, thrown: unknown): unknown {
  if (ToolkitError.isInstance(thrown) || !(thrown instanceof Error)) return thrown;
  return new ResourceStateError(`Cannot delete database instance ${resource}`, {
    resource,
    expected: 'RDS to accept the deletion',
    actual: `${thrown.name}: ${thrown.message}`,
    cause: thrown,
  });
}

/** True for an error that the caller handles by its class. */
function isOfCaller({ code }: ToolkitError): boolean {
  return code === 'ACCESS_DENIED' || code === 'OPERATION_ABORTED';
}

function observedText({ cluster }: View): string {
  return cluster === undefined ? '' : observeCluster(cluster).text;
}

function textOf({ text, refusal }: Pending): string {
  return refusal === undefined ? text : `${text} (${refusal.message})`;
}

function describeMember({ identifier, text }: PresentMember): string {
  return `${identifier} ${text}`;
}
