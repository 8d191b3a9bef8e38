import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import { isAwsError } from '../core/aws-call.js';
import { ResourceStateError } from '../core/errors.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { stopwatch } from '../core/stopwatch.js';
import { ClusterState, isAtRest } from './cluster-state.js';
import { type AuroraContext, defaultWaitSeconds, pollSeconds, refusalsTolerated } from './context.js';
import { type DeletionStep, finalSnapshotIdentifier, nextDeletionStep } from './deletion-step.js';
import { isStateFault } from './rds-api.js';
import type { DatabaseDeletion } from './types.js';

/** What stands in the way: RDS refused the step, and it is still the next one. */
interface Blockage {
  readonly step: DeletionStep;
  readonly refusal: Error;
  readonly state: string | undefined;
}

/** One deletion, from the first look at the cluster to the accepted DeleteDBCluster. */
export class DatabaseDeleter {
  readonly #context: AuroraContext;
  readonly #cluster: string;
  readonly #options: WaitOptions;
  readonly #withSnapshot: boolean;
  readonly #elapsed: () => number;
  #snapshot: string | undefined;
  #refusals = 0;

  constructor(
    context: AuroraContext,
    cluster: string,
    options: WaitOptions & { readonly withSnapshot: boolean },
  ) {
    this.#context = context;
    this.#cluster = cluster;
    this.#options = options;
    this.#withSnapshot = options.withSnapshot;
    this.#elapsed = stopwatch(context.clock);
  }

  async run(): Promise<DatabaseDeletion> {
    await pollUntil<Blockage | undefined>({
      resource: this.#cluster,
      expected: 'a cluster that can be deleted',
      maxWaitSeconds: this.#options.maxWaitSeconds ?? defaultWaitSeconds,
      signal: this.#options.signal,
      intervalSeconds: pollSeconds,
      clock: this.#context.clock,
      observe: () => this.#advance(),
      isDone: (blockage) => blockage === undefined || this.#canWait(blockage),
      describe: (blockage) => `${blockage?.state} (${blockage?.refusal.message})`,
    });
    return { finalSnapshotIdentifier: this.#snapshot };
  }

  /** Goes from step to step, until the deletion is accepted or a refused step is still the next one. */
  async #advance(): Promise<Blockage | undefined> {
    const asked = new Set<string>();
    let refused: { readonly step: DeletionStep; readonly refusal: Error } | undefined;
    for (;;) {
      const { cluster, instances } = await this.#look();
      // A stale answer may still show a member as it was before its deletion was accepted.
      const step = nextDeletionStep(
        cluster,
        instances.filter((it) => !asked.has(it.DBInstanceIdentifier ?? '')),
      );
      if (step.kind === 'done') return undefined;
      if (step.kind === 'refuse') throw refusal(step.because, this.#cluster);
      if (refused !== undefined && isSame(step, refused.step)) return { ...refused, state: cluster?.Status };
      const fault =
        step.kind === 'deleteCluster'
          ? await this.#deleteCluster(cluster?.Status)
          : await this.#deleteMembers(step.instances, asked);
      if (step.kind === 'deleteCluster' && fault === undefined) return undefined;
      refused = fault && { step, refusal: fault };
    }
  }

  async #look(): Promise<{ cluster: DBCluster | undefined; instances: readonly DBInstance[] }> {
    const cluster = await this.#context.api.findCluster(this.#cluster, this.#options);
    const instances = cluster ? await this.#context.api.listInstances(this.#cluster, this.#options) : [];
    return { cluster, instances };
  }

  async #deleteMembers(instances: readonly string[], asked: Set<string>): Promise<Error | undefined> {
    const { api, logger } = this.#context;
    const faults = await mapConcurrently(instances, (instance) =>
      faultOf(async () => {
        await api.deleteInstance(instance, this.#options);
        asked.add(instance);
        logger.info('Deleted database instance', {
          resource: instance,
          cluster: this.#cluster,
          durationMs: this.#elapsed(),
        });
      }),
    );
    return faults.find((fault) => fault !== undefined);
  }

  async #deleteCluster(from: string | undefined): Promise<Error | undefined> {
    const { api, logger, clock } = this.#context;
    const snapshot = this.#withSnapshot ? finalSnapshotIdentifier(this.#cluster, clock.now()) : undefined;
    this.#snapshot = snapshot;
    return faultOf(async () => {
      await api.deleteCluster(this.#cluster, snapshot, this.#options);
      logger.info('Deleted database cluster', {
        resource: this.#cluster,
        ...(from !== undefined && { from }),
        finalSnapshot: snapshot ?? 'skipped',
        durationMs: this.#elapsed(),
      });
    });
  }

  /** Never done; throws when waiting is not wanted or will not help. */
  #canWait({ refusal, state }: Blockage): false {
    const isLasting = isAwsError(refusal, 'InvalidDBClusterStateFault') && isAtRest(state ?? '');
    if (isLasting) this.#refusals += 1;
    if (this.#context.onTransition === 'fail' || this.#refusals > refusalsTolerated) {
      throw new ResourceStateError(
        `Cannot delete the database cluster ${this.#cluster} (${refusal.message})`,
        {
          resource: this.#cluster,
          expected: 'a cluster and members that can be deleted',
          actual: state,
          remedy: 'Remove what stands in the way and repeat the deletion: it goes on where it stopped',
          cause: refusal,
        },
      );
    }
    return false;
  }
}

/** The error with which RDS refused because of a state, or because a snapshot has the name; others are thrown. */
async function faultOf(change: () => Promise<void>): Promise<Error | undefined> {
  try {
    await change();
    return undefined;
  } catch (error) {
    if (isStateFault(error) || isAwsError(error, 'DBClusterSnapshotAlreadyExistsFault')) return error;
    throw error;
  }
}

function isSame(one: DeletionStep, other: DeletionStep): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function refusal(because: 'protected' | 'stopped', cluster: string): ResourceStateError {
  const details =
    because === 'protected'
      ? {
          expected: 'deletion protection off',
          actual: 'deletion protection on',
          remedy: 'Turn the deletion protection off (ModifyDBCluster) if the cluster may really go',
        }
      : {
          expected: ClusterState.available,
          actual: 'a stopped cluster, which RDS does not delete',
          remedy:
            'Start it (startDatabase), wait until it is available (waitForClusterState), then delete it',
        };
  return new ResourceStateError(`Cannot delete the database cluster ${cluster}`, {
    resource: cluster,
    ...details,
  });
}
