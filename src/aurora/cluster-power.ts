import { type CallOptions, requireField } from '../core/aws-call.js';
import { ResourceNotFoundError, ResourceStateError } from '../core/errors.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import { stopwatch } from '../core/stopwatch.js';
import { ClusterState, nextStartStep, nextStopStep, type PowerStep } from './cluster-state.js';
import { type AuroraContext, defaultWaitSeconds, pollSeconds, refusalsTolerated } from './context.js';
import { isInstanceStateFault, isStateFault, type RdsApi } from './rds-api.js';

/** The observed state, what follows from it, and the error with which RDS refused the change, if it did. */
interface Observation {
  readonly state: ClusterState;
  readonly step: PowerStep;
  readonly refusal?: Error | undefined;
}

interface PowerChange {
  readonly verb: 'start' | 'stop';
  readonly done: string;
  /** The states from which, or in which, the change is at hand. */
  readonly expected: string;
  next(state: ClusterState): PowerStep;
  send(api: RdsApi, cluster: string, options: CallOptions): Promise<void>;
}

const start: PowerChange = {
  verb: 'start',
  done: 'Started',
  expected: `${ClusterState.stopped}, ${ClusterState.starting} or ${ClusterState.available}`,
  next: nextStartStep,
  send: (api, cluster, options) => api.startCluster(cluster, options),
};

const stop: PowerChange = {
  verb: 'stop',
  done: 'Stopped',
  expected: `${ClusterState.available}, ${ClusterState.stopping} or ${ClusterState.stopped}`,
  next: nextStopStep,
  send: (api, cluster, options) => api.stopCluster(cluster, options),
};

/** The state of the cluster, or `undefined` when it does not exist. */
export async function findClusterState(
  api: RdsApi,
  cluster: string,
  options: CallOptions,
): Promise<ClusterState | undefined> {
  const found = await api.findCluster(cluster, options);
  return (
    found && requireField(found.Status, 'Status', { action: 'rds:DescribeDBClusters', resource: cluster })
  );
}

/** The state of a cluster that has to exist. */
export async function readClusterState(
  api: RdsApi,
  cluster: string,
  options: CallOptions,
): Promise<ClusterState> {
  const state = await findClusterState(api, cluster, options);
  if (state === undefined) throw clusterNotFound(cluster);
  return state;
}

/** The error for a cluster that has to exist and does not. */
export function clusterNotFound(cluster: string): ResourceNotFoundError {
  return new ResourceNotFoundError(`The database cluster ${cluster} does not exist`, {
    resource: cluster,
    remedy: 'Check the cluster identifier, the region and the account',
  });
}

/** Starts the cluster, unless it is started. */
export function startCluster(context: AuroraContext, cluster: string, options: WaitOptions): Promise<void> {
  return switchPower(context, cluster, start, options);
}

/** Stops the cluster, unless it is stopped. */
export function stopCluster(context: AuroraContext, cluster: string, options: WaitOptions): Promise<void> {
  return switchPower(context, cluster, stop, options);
}

async function switchPower(
  context: AuroraContext,
  cluster: string,
  change: PowerChange,
  options: WaitOptions,
): Promise<void> {
  const elapsed = stopwatch(context.clock);
  let refusals = 0;
  await pollUntil<Observation>({
    resource: cluster,
    expected: change.expected,
    maxWaitSeconds: options.maxWaitSeconds ?? defaultWaitSeconds,
    signal: options.signal,
    intervalSeconds: pollSeconds,
    clock: context.clock,
    observe: () => attempt(context, cluster, change, { ...options, elapsed }),
    isDone: ({ state, step, refusal }) => {
      if (step === 'done') return true;
      if (step === 'send' && !isInstanceStateFault(refusal)) refusals += 1;
      if (step === 'refuse' || context.onTransition === 'fail' || refusals > refusalsTolerated)
        throw cannot(change, cluster, state, refusal);
      return false;
    },
    describe: ({ state, refusal }) => (refusal ? `${state} (${refusal.message})` : state),
  });
}

/** Makes the change when its time has come. After a refusal the state is read again: the change may have been made. */
async function attempt(
  { api, clock, logger, lastPower }: AuroraContext,
  cluster: string,
  change: PowerChange,
  { elapsed, ...options }: CallOptions & { elapsed: () => number },
): Promise<Observation> {
  const look = async () =>
    lastPower.present(cluster, await readClusterState(api, cluster, options), clock.now());
  const state = await look();
  const step = change.next(state);
  if (step !== 'send') return { state, step };
  try {
    await change.send(api, cluster, options);
  } catch (refusal) {
    if (!isStateFault(refusal)) throw refusal;
    const after = await look();
    return { state: after, step: change.next(after), refusal };
  }
  lastPower.note(cluster, change.verb, clock.now());
  logger.info(`${change.done} database cluster`, {
    resource: cluster,
    from: state,
    durationMs: elapsed(),
  });
  return { state, step: 'done' };
}

function cannot(
  { verb, expected }: PowerChange,
  cluster: string,
  actual: ClusterState,
  cause: Error | undefined,
): ResourceStateError {
  const reason = cause === undefined ? '' : ` (${cause.message})`;
  return new ResourceStateError(`Cannot ${verb} the database cluster ${cluster}${reason}`, {
    resource: cluster,
    expected,
    actual,
    remedy: 'Wait until the cluster has come to rest, or repair it, and try again',
    cause,
  });
}
