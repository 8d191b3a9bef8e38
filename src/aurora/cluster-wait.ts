import { ResourceStateError } from '../core/errors.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { clusterNotFound, findClusterState } from './cluster-power.js';
import { ClusterState, isOutOfReach } from './cluster-state.js';
import { type AuroraContext, defaultWaitSeconds, pollSeconds } from './context.js';
import { readinessOf } from './member-state.js';

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
  const observed = await findClusterState(api, cluster, { signal });
  const { state, text } = observed ?? { state: ClusterState.deleted, text: ClusterState.deleted };
  if (state !== wanted) {
    if (observed === undefined) throw clusterNotFound(cluster);
    return { isDone: false, isImpossible: isOutOfReach(wanted, state), text };
  }
  if (wanted !== ClusterState.available) return { isDone: true, isImpossible: false, text };
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
