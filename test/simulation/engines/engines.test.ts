import { describe, expect, test } from 'vitest';
import { holdSecondsOf, parseShiftRequest } from '../../../src/traffic/shift-request.js';
import { ecsHook } from './ecs-hook.js';
import { type Engine, type EngineRun, type GreenPercentAt, makeEngineWorld } from './engine-world.js';
import { inProcess } from './in-process.js';
import { type EngineScenario, engineScenarios } from './scenarios.js';

const engines: Readonly<Record<string, Engine>> = {
  'in this process': inProcess,
  'ECS hook': ecsHook,
};

interface Result extends Pick<EngineRun, 'outcome'> {
  readonly weights: readonly GreenPercentAt[];
}

describe.each(engineScenarios.map((it) => [it.name, it] as const))('%s', (_name, scenario) => {
  test.each(Object.entries(engines))('%s', async (_, engine) => {
    const { outcome, weights } = await run(engine, scenario);

    expect({ outcome, greenPercents: weights.map(({ greenPercent }) => greenPercent) }).toEqual(
      scenario.expected,
    );
    expectHeld(weights, scenario);
  });
});

async function run(engine: Engine, scenario: EngineScenario): Promise<Result> {
  const world = makeEngineWorld(scenario);
  const { outcome } = await engine(world, scenario);
  const weights = world.greenPercents();
  // What the calls said is what is there.
  expect(weights.at(-1)?.greenPercent).toBe(world.presentGreenPercent());
  return { outcome, weights };
}

/** However an engine waits: each share has its time, unless it is left for the way back. */
function expectHeld(weights: readonly GreenPercentAt[], { request }: EngineScenario): void {
  const { strategy } = parseShiftRequest(request);
  for (const [index, { seconds, greenPercent }] of weights.entries()) {
    const next = weights[index + 1];
    const step = strategy.steps.find(({ percent }) => percent === greenPercent);
    if (next === undefined || step === undefined || next.greenPercent < greenPercent) continue;
    expect(next.seconds - seconds).toBeGreaterThanOrEqual(step.holdSeconds);
  }
  expect(holdSecondsOf(strategy)).toBeGreaterThan(0);
}
