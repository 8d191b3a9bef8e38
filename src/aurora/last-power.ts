import { ClusterState } from './cluster-state.js';

/** RDS may go on showing the state of before a change for a while after it has accepted it; this is ample. */
const maxLagSeconds = 60;

/** The starts and stops of a tool which RDS has accepted last, by cluster. */
export class LastPower {
  readonly #changes = new Map<string, { readonly verb: 'start' | 'stop'; readonly at: number }>();

  note(cluster: string, verb: 'start' | 'stop', now: number): void {
    this.#changes.set(cluster, { verb, at: now });
  }

  /** The state that was seen or, where that is the one of before a change just accepted, the one into which this has led. */
  present(cluster: string, seen: ClusterState, now: number): ClusterState {
    const change = this.#changes.get(cluster);
    if (change === undefined || now - change.at >= maxLagSeconds * 1000) return seen;
    if (change.verb === 'stop') return seen === ClusterState.available ? ClusterState.stopping : seen;
    return seen === ClusterState.stopped ? ClusterState.starting : seen;
  }
}
