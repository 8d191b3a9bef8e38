import type { CallOptions } from '../core/aws-call.js';
import { isAwsError } from '../core/aws-call.js';
import { ResourceNotFoundError, ResourceStateError } from '../core/errors.js';
import { isRefusedForNow } from '../core/failures.js';
import { pollUntil, type WaitOptions } from '../core/poll-until.js';
import type { RecentWrites } from '../core/recent-writes.js';
import { stopwatch } from '../core/stopwatch.js';
import {
  ClusterState,
  nextStartStep,
  nextStopStep,
  type ObservedCluster,
  observeCluster,
  type PowerStep,
} from './cluster-state.js';
import { type AuroraContext, defaultWaitSeconds, pollSeconds, refusalsTolerated } from './context.js';
import { isStateFault, type RdsApi } from './rds-api.js';

/** The state that was read, the next step in it, and the error with which RDS refused the change, if it did. */
interface Observation extends ObservedCluster {
  readonly step: PowerStep;
  readonly refusal?: Error | undefined;
}

interface PowerChange {
  readonly verb: 'start' | 'stop';
  readonly done: string;
  readonly operation: string;
  /** The states from which the change is possible, or in which it is done. */
  readonly expected: string;
  next(state: ClusterState): PowerStep;
  send(api: RdsApi, cluster: string, options: CallOptions): Promise<void>;
}

const start: PowerChange = {
  verb: 'start',
  done: 'Started',
  operation: 'StartDBCluster',
  expected: `${ClusterState.stopped}, ${ClusterState.starting} or ${ClusterState.available}`,
  next: nextStartStep,
  send: (api, cluster, options) => api.startCluster(cluster, options),
};

const stop: PowerChange = {
  verb: 'stop',
  done: 'Stopped',
  operation: 'StopDBCluster',
  expected: `${ClusterState.available}, ${ClusterState.stopping} or ${ClusterState.stopped}`,
  next: nextStopStep,
  send: (api, cluster, options) => api.stopCluster(cluster, options),
};

/** The state of a cluster that has to exist. */
export async function readClusterState(
  api: RdsApi,
  cluster: string,
  options: CallOptions,
): Promise<ObservedCluster> {
  const found = await api.findCluster(cluster, options);
  if (found === undefined) throw clusterNotFound(cluster);
  return observeCluster(found);
}

/** The error for a cluster that has to exist and does not. */
export function clusterNotFound(cluster: string): ResourceNotFoundError {
  return new ResourceNotFoundError(`Database cluster ${cluster} not found`, {
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
    isDone: (observation) => {
      const { step, refusal } = observation;
      if (step === 'done') return true;
      // Counts refusals because of the cluster itself. A member or a replica may be busy while the cluster is at rest.
      if (step !== 'send') refusals = 0;
      else if (isAwsError(refusal, 'InvalidDBClusterStateFault')) refusals += 1;
      const isFatal =
        refusals > refusalsTolerated || (context.onTransition === 'fail' && isStateFault(refusal));
      if (step === 'send' && refusal !== undefined) {
        if (isFatal) throw refused(change, cluster, observation.text, refusal);
        return false;
      }
      if (step === 'refuse' || context.onTransition === 'fail') throw cannot(change, cluster, observation);
      return false;
    },
    describe: ({ text, refusal }) => (refusal ? `${text} (${refusal.message})` : text),
    causeOf: ({ refusal }) => refusal,
  });
}

/** Sends the change when the state allows it. Reads the state again after a refusal: the change may be in effect. */
async function attempt(
  { api, logger, recentPower }: AuroraContext,
  cluster: string,
  change: PowerChange,
  { elapsed, ...options }: CallOptions & { elapsed: () => number },
): Promise<Observation> {
  const read = async () =>
    withRecentPower(recentPower.get(cluster), await readClusterState(api, cluster, options));
  const observed = await read();
  const step = change.next(observed.state);
  if (step !== 'send') return { ...observed, step };
  try {
    await change.send(api, cluster, options);
  } catch (error) {
    if (error instanceof Error && isRefusedForNow(error)) {
      const after = await read();
      return { ...after, step: change.next(after.state), refusal: error };
    }
    throw isStateFault(error) ? refused(change, cluster, observed.text, error) : error;
  }
  recentPower.record([cluster], change.verb);
  logger.info(`${change.done} database cluster`, {
    resource: cluster,
    from: observed.state,
    durationMs: elapsed(),
  });
  return { ...observed, step: 'done' };
}

/** The state that was read or, where that is the one before a recent start or stop, the one to which this has led. */
function withRecentPower(
  last: ReturnType<RecentWrites<'start' | 'stop'>['get']>,
  observed: ObservedCluster,
): ObservedCluster {
  const isOld = (state: ClusterState) => observed.state === state;
  if (last === 'stop' && isOld(ClusterState.available))
    return { state: ClusterState.stopping, text: ClusterState.stopping };
  if (last === 'start' && isOld(ClusterState.stopped))
    return { state: ClusterState.starting, text: ClusterState.starting };
  return observed;
}

/** The error for a state in which the change is impossible, or not waited for. */
function cannot(
  { verb, expected }: PowerChange,
  cluster: string,
  { step, text, refusal }: Observation,
): ResourceStateError {
  const remedy =
    step === 'refuse'
      ? 'Repair the cluster, or create it again'
      : 'Try again when the transition is over, or set onTransition: "wait"';
  return new ResourceStateError(`Cannot ${verb} database cluster ${cluster}`, {
    resource: cluster,
    expected,
    actual: refusal === undefined ? text : `${text}: ${refusal.message}`,
    remedy,
    cause: refusal,
  });
}

/** The error for a change that RDS refuses although the state allows it. */
function refused(
  { verb, operation }: PowerChange,
  cluster: string,
  text: string,
  cause: Error,
): ResourceStateError {
  return new ResourceStateError(`Cannot ${verb} database cluster ${cluster}`, {
    resource: cluster,
    expected: `RDS to accept ${operation}`,
    actual: `a refusal while the cluster is ${text}: ${cause.message}`,
    remedy: 'Remove the reason for the refusal, then try again',
    cause,
  });
}
