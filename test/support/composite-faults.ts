import { expect, test } from 'vitest';
import { MultipleFailuresError } from '../../src/core/errors.js';
import { type FaultKind, SimulatedCrash } from '../../src/testing/cloud/faults.js';
import { type ShiftState, steps, TrafficShifter, type TrafficWeights } from '../../src/traffic/index.js';
import { areSame } from '../../src/traffic/weights.js';
import { setUpApiGateway } from '../contract/api-gateway.js';
import { setUpComposite } from '../contract/composite.js';
import { setUpEndpointGroup } from '../contract/global-accelerator.js';
import { setUpListenerRules } from '../contract/load-balancers.js';
import { setUpWeightedRecord } from '../contract/route-53-weighted-record.js';
import { setUpStateMachineAlias } from '../contract/step-functions-alias.js';

const parts = {
  'a record and two rules': [setUpWeightedRecord('values'), setUpListenerRules(2)],
  'a stage, endpoints and a state machine': [setUpApiGateway, setUpEndpointGroup, setUpStateMachineAlias],
} as const;

const strategy = steps([
  { percent: 10, holdSeconds: 60 },
  { percent: 100, holdSeconds: 60 },
]);

/** Faults of one call, and those of every call of its operation from then on. */
const faults: readonly (readonly [FaultKind, times: number])[] = [
  ['crashBefore', 1],
  ['crashAfter', 1],
  ['lostResponse', 1],
  ['staleRead', 1],
  ['throttle', 20],
  ['serverError', 20],
  ['accessDenied', 1],
];

/**
 * Runs a shift of targets of different services with every kind of fault.
 *
 * @param every - at every call, every second call …
 */
export function testFaultsOfComposites(every: number): void {
  test.each(Object.entries(parts))(
    'ends with all parts on one side, whatever fails at whichever call: %s',
    async (_, setUps) => {
      const setUp = () => setUpComposite(...setUps)({ blue: 100, green: 0 });
      const straight = await drive(setUp());
      expect(straight).toMatchObject({ outcome: 'succeeded', side: 'green', isKept: true });

      const wrong: string[] = [];
      for (const [index, [kind, times]] of faults.entries()) {
        for (let atCall = 1 + (index % every); atCall <= straight.calls; atCall += every) {
          const set = setUp();
          set.cloud.injectFault({ kind, atCall, times });
          const { outcome, side, isKept } = await drive(set);
          const isRight = side === (outcome === 'succeeded' ? 'green' : 'blue') && outcome !== 'halted';
          if (!isRight || !isKept) wrong.push(`${kind} at call ${atCall}: ${outcome}, ${side}, ${isKept}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );
}

/** Drives a shift as an engine does, which calls again after an error that passes. */
async function drive(set: ReturnType<ReturnType<typeof setUpComposite>>) {
  const { cloud, target } = set;
  const before = JSON.stringify(set.withoutWeights(set.readRaw()));
  const shifter = () => new TrafficShifter({ target, clock: cloud.clock });
  let state: ShiftState | undefined;
  let outcome: string | undefined;
  for (let attempts = 0; outcome === undefined && attempts < 400; attempts += 1) {
    try {
      if (state === undefined) {
        state = await shifter().begin({ incoming: 'green', strategy });
        continue;
      }
      const progress = await shifter().advance(JSON.parse(JSON.stringify(state)));
      ({ state, outcome } = progress);
      await cloud.clock.sleep(progress.waitSeconds * 1000);
    } catch (error) {
      if (isCrash(error)) cloud.restart();
      await cloud.clock.sleep(5000);
    }
  }
  const calls = cloud.calls.length;
  cloud.clearFaults();
  return {
    outcome,
    calls,
    side: sideOf(await target.readWeights()),
    isKept: JSON.stringify(set.withoutWeights(set.readRaw())) === before,
  };
}

function isCrash(error: unknown): boolean {
  if (error instanceof MultipleFailuresError) return error.errors.some(isCrash);
  return error instanceof SimulatedCrash;
}

function sideOf(weights: TrafficWeights): 'blue' | 'green' | 'between' {
  if (areSame(weights, { blue: 100, green: 0 })) return 'blue';
  return areSame(weights, { blue: 0, green: 100 }) ? 'green' : 'between';
}
