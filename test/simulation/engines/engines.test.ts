import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseShiftRequest } from '../../../src/traffic/shift/shift-request.js';
import { setUpRunners, tearRunnersDown } from '../../support/durable-runner.js';
import { durable } from './durable.js';
import { ecsHook } from './ecs-hook.js';
import { type Engine, type EngineRun, type GreenPercentAt, makeEngineWorld } from './engine-world.js';
import { inProcess } from './in-process.js';
import { type EngineScenario, engineScenarios } from './scenarios.js';
import { stepFunctions } from './step-functions.js';

const names = ['in this process', 'Step Functions', 'ECS hook', 'durable function'] as const;
const scenarios = engineScenarios.map((it) => [it.name, it] as const);
const results = new Map<string, Result>();

interface Result extends Pick<EngineRun, 'outcome'> {
  readonly greenPercents: readonly number[];
}

runAllOn('in this process', inProcess);
runAllOn('Step Functions', stepFunctions);
runAllOn('ECS hook', ecsHook);
// The local engine replaces the timers of the whole process meanwhile.
runAllOn('durable function', durable, () => {
  beforeAll(setUpRunners);
  afterAll(tearRunnersDown);
});

describe('every engine', () => {
  test.each(scenarios)('%s', (name) => {
    const [one, ...others] = names.map((engine) => results.get(`${engine}: ${name}`));
    expect(one).toBeDefined();
    for (const other of others) expect(other).toEqual(one);
  });
});

function runAllOn(engineName: (typeof names)[number], engine: Engine, setUp = () => {}): void {
  describe(engineName, () => {
    setUp();

    test.each(scenarios)('%s', async (name, scenario) => {
      const result = await run(engine, scenario);
      results.set(`${engineName}: ${name}`, result);

      expect(result).toEqual(scenario.expected);
    });
  });
}

async function run(engine: Engine, scenario: EngineScenario): Promise<Result> {
  const world = makeEngineWorld(scenario);
  const { outcome } = await engine(world, scenario);
  const weights = world.greenPercents();
  // The writes match the live weights.
  expect(weights.at(-1)?.greenPercent).toBe(world.presentGreenPercent());
  expectHeld(weights, scenario);
  return { outcome, greenPercents: weights.map(({ greenPercent }) => greenPercent) };
}

/** Each share is held for its time, unless a rollback follows. */
function expectHeld(weights: readonly GreenPercentAt[], { request }: EngineScenario): void {
  const { strategy } = parseShiftRequest(request);
  for (const [index, { seconds, greenPercent }] of weights.entries()) {
    const next = weights[index + 1];
    const step = strategy.steps.find(({ percent }) => percent === greenPercent);
    if (next === undefined || step === undefined || next.greenPercent < greenPercent) continue;
    expect(next.seconds - seconds).toBeGreaterThanOrEqual(step.holdSeconds);
  }
}
