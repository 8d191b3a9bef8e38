import { ResourceStateError } from '../core/errors.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { clusterNotFound } from './cluster-power.js';
import { ClusterState, isOutOfReach, observeCluster } from './cluster-state.js';
import { type AuroraContext, defaultWaitSeconds, pollSeconds } from './context.js';
import { readinessOf, servesWithoutInstance } from './member-state.js';

/** One read of a cluster, and for `available` of its members. */
interface Arrival {
  readonly isDone: boolean;
  readonly isImpossible: boolean;
  readonly text: string;
}

/** Waits until the cluster is in a state; for `available`, with its members. */
export async function waitForCluster(
  context: AuroraContext,
  { cluster, wanted, ...options }: WaitOptions & { readonly cluster: string; readonly wanted: ClusterState },
): Promise<void> {
  const { maxWaitSeconds = defaultWaitSeconds, signal } = options;
  await pollUntil<Arrival>({
    resource: cluster,
    expected: wanted,
    maxWaitSeconds,
    signal,
    intervalSeconds: pollSeconds,
    clock: context.clock,
    observe: () => observeArrival(context, cluster, wanted, signal),
    isDone: ({ isDone, isImpossible, text }) => {
      if (isImpossible) throw unreachable(cluster, wanted, text);
      return isDone;
    },
    describe: ({ text }) => text,
  });
}

async function observeArrival(
  { api }: AuroraContext,
  cluster: string,
  wanted: ClusterState,
  signal: AbortSignal | undefined,
): Promise<Arrival> {
  const found = await api.findCluster(cluster, { signal });
  if (found === undefined) {
    if (wanted !== ClusterState.deleted) throw clusterNotFound(cluster);
    return { isDone: true, isImpossible: false, text: ClusterState.deleted };
  }
  const { state, text } = observeCluster(found);
  if (state !== wanted) return { isDone: false, isImpossible: isOutOfReach(wanted, state), text };
  if (wanted !== ClusterState.available || servesWithoutInstance(found))
    return { isDone: true, isImpossible: false, text };
  const members = readinessOf(await api.listInstances(cluster, { signal }));
  return {
    isDone: members.isReady,
    isImpossible: members.isBroken,
    text: members.isReady ? text : `${text} (${members.text})`,
  };
}

function unreachable(cluster: string, wanted: ClusterState, actual: string): ResourceStateError {
  return new ResourceStateError(`Database cluster ${cluster} will not be ${wanted} any more`, {
    resource: cluster,
    expected: wanted,
    actual,
    remedy: 'Repair the cluster, or create it again',
  });
}
