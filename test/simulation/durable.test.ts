import { describe, expect, test } from 'vitest';
import { durable } from './engines/durable.js';
import { makeEngineWorld } from './engines/engine-world.js';
import { engineScenarios } from './engines/scenarios.js';

describe('on the journal', () => {
  test.each(engineScenarios.map((it) => [it.name, it] as const))('%s', async (_name, scenario) => {
    const world = makeEngineWorld(scenario);

    const { outcome } = await durable(world, scenario);

    const greenPercents = world.greenPercents().map(({ greenPercent }) => greenPercent);
    expect({ outcome, greenPercents }).toEqual(scenario.expected);
  });
});
