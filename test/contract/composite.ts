import { SimulatedCloud } from '../../src/testing/index.js';
import { CompositeTarget } from '../../src/traffic/targets/composite.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { brokenLogger } from '../support/broken-logger.js';
import type { TargetSetUp } from './traffic-target.js';

/** Set-up of a part on a cloud that it shares with the other parts. */
type PartSetUp = (weights: TrafficWeights, on: SimulatedCloud) => TargetSetUp;

/** Sets up a target of several parts for the contract suite, from the set-ups of its parts. */
export function setUpComposite(...parts: readonly PartSetUp[]) {
  return (weights: TrafficWeights): TargetSetUp => {
    const cloud = new SimulatedCloud();
    const sets = parts.map((setUp) => setUp(weights, cloud));
    return {
      cloud,
      target: new CompositeTarget({
        targets: sets.map(({ target }) => target),
        clock: cloud.clock,
        logger: brokenLogger,
      }),
      readRaw: () => sets.map((set) => set.readRaw()),
      withoutWeights: (raw) =>
        sets.map((set, index) => set.withoutWeights((raw as readonly unknown[])[index])),
      withoutRevision: (raw) =>
        JSON.parse(JSON.stringify(raw).replaceAll(/"revisionId":"[^"]*"/g, '"revisionId":""')),
      restoresParts: true,
      externalWrite: (other) => {
        for (const set of sets) set.externalWrite(other);
      },
      // In the last part alone: the parts before it must stay unchanged as well.
      addForeignDestination: () => sets.at(-1)?.addForeignDestination(),
    };
  };
}
