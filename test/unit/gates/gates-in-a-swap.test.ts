import { describe, expect, test } from 'vitest';
import { check, type SwapStep } from '../../../src/swap/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import type { Check } from '../../../src/traffic/index.js';
import { type GateScenario, type GateSituation, gateScenarios } from '../../support/gate-scenarios.js';
import { SwapWorld } from '../../support/swap-world.js';

/** Runs a swap whose test is a gate in a situation, and returns its end and the seconds from the begin of the test. */
async function swapWith(
  { arrange }: GateScenario,
  situation: GateSituation,
  { isDenied = false }: { readonly isDenied?: boolean } = {},
) {
  const world = new SwapWorld();
  const cloud = new SimulatedCloud();
  const { clock } = cloud;
  const gate = arrange(cloud, situation);
  if (isDenied) cloud.injectFault({ kind: 'accessDenied', times: Number.POSITIVE_INFINITY });
  let beganAt: number | undefined;
  // The world has a clock of its own, and the data of the gate are as old as its scenario says.
  const onCloud: Check = {
    ...gate,
    evaluate(context) {
      beganAt ??= world.clock.now();
      const now = clock.now();
      return gate.evaluate({ ...context, clock, now, weightsSince: now - 900_000, startedAt: now - 960_000 });
    },
  };
  const step: SwapStep = check(onCloud, { maxWaitSeconds: 120 });
  const end = await world.swap({ test: [step] }).run();
  return { end, name: gate.name, seconds: (world.clock.now() - (beganAt ?? Number.NaN)) / 1000 };
}

describe.each(gateScenarios)('$name in a swap', (scenario) => {
  test('continues the swap when it passes', async () => {
    const { end } = await swapWith(scenario, 'open');

    expect(end).toMatchObject({ outcome: 'succeeded' });
  });

  test('ends the swap with its last measurement when it stays closed', async () => {
    const { end, name } = await swapWith(scenario, 'closed');

    expect(end).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringMatching(/ was not done after 120 s: \S.{10,}/),
    });
    expect(end).toMatchObject({ reason: expect.stringContaining(`step "${name}"`) });
  });

  test('ends the swap at once, with the action, when a permission is denied', async () => {
    const { end, seconds } = await swapWith(scenario, 'open', { isDenied: true });

    expect(end).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringMatching(
        /^step ".+" failed: Access to .+ was denied. Allow the IAM action [\w-]+:\w+/,
      ),
    });
    expect(seconds).toBeLessThan(60);
  });
});
