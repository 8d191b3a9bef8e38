import { describe, expect, test } from 'vitest';
import { type FaultKind, SimulatedCloud } from '../../src/testing/index.js';
import type { MethodScenario } from '../support/method-scenario.js';
import { auroraScenarios } from './scenarios/aurora.js';
import { cloudwatchScenarios } from './scenarios/cloudwatch.js';
import { dynamoScenarios } from './scenarios/dynamo.js';
import { ecsScenarios } from './scenarios/ecs.js';
import { hooksScenarios } from './scenarios/hooks.js';
import { kinesisScenarios } from './scenarios/kinesis.js';
import { lambdaScenarios } from './scenarios/lambda.js';
import { snsScenarios } from './scenarios/sns.js';
import { sqsScenarios } from './scenarios/sqs.js';

const scenarios: readonly MethodScenario[] = [
  ...auroraScenarios,
  ...cloudwatchScenarios,
  ...dynamoScenarios,
  ...ecsScenarios,
  ...hooksScenarios,
  ...kinesisScenarios,
  ...lambdaScenarios,
  ...snsScenarios,
  ...sqsScenarios,
];
const faults: readonly FaultKind[] = ['throttle', 'serverError', 'lostAnswer'];

/** Carries a scenario out on a fresh cloud, `times` times in a row, and verifies the outcome. */
async function carryOut(scenario: MethodScenario, { times = 1, cloud = new SimulatedCloud() } = {}) {
  const { act, verify } = scenario.arrange(cloud);
  let result: unknown;
  for (let time = 0; time < times; time += 1) result = await act();
  verify(result);
  return cloud;
}

const points: { method: string; faults: number; calls: number }[] = [];

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
  test('does its work', async () => {
    await carryOut(scenario);
  });

  test('succeeds when repeated', async () => {
    await carryOut(scenario, { times: 2 });
  });

  test('survives each fault at each of its calls', async () => {
    const { calls } = await carryOut(scenario);
    expect(calls.length).toBeGreaterThan(0);
    for (const kind of faults) {
      for (let atCall = 1; atCall <= calls.length; atCall += 1) {
        const cloud = new SimulatedCloud();
        cloud.injectFault({ kind, atCall });
        await expect(carryOut(scenario, { cloud }), `${kind} at call ${atCall}`).resolves.toBeDefined();
        expect(cloud.calls.length, `${kind} at call ${atCall} befell a call`).toBeGreaterThan(0);
      }
    }
    points.push({ method: name, calls: calls.length, faults: calls.length * faults.length });
  });
});

test('the table of methods, calls and faults is complete', () => {
  const total = points.reduce((sum, point) => sum + point.faults, 0);
  expect(points).toHaveLength(scenarios.length);
  // biome-ignore lint/suspicious/noConsole: the size of the table is part of what this suite reports
  console.info(
    `fault table: ${scenarios.length} situations × their calls × ${faults.length} faults = ${total} points, all passed`,
  );
});
