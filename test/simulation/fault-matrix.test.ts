import { describe, expect, test } from 'vitest';
import * as root from '../../src/index.js';
import { SchedulerTools } from '../../src/scheduler/index.js';
import { type FaultKind, SimulatedCloud } from '../../src/testing/index.js';
import type { MethodScenario } from '../support/method-scenario.js';
import { methodScenarios } from './scenarios/all.js';

/** Everything with a method that is a tool's: the root, and the tool with a subpath of its own. */
const toolkit = { ...root, SchedulerTools };

/** The faults, and the recorded outcome of a call with each. */
const faults = new Map<FaultKind, RegExp>([
  ['throttle', /^(Thrott.*|LimitExceededException|TooManyRequestsException)$/],
  ['serverError', /^InternalFailure$/],
  ['lostResponse', /^TimeoutError$/],
]);

/** Runs a scenario on a new cloud, `times` times in a row, and verifies the outcome. */
async function runScenario(scenario: MethodScenario, { times = 1, cloud = new SimulatedCloud() } = {}) {
  const { act, verify } = scenario.arrange(cloud);
  let result: unknown;
  for (let time = 0; time < times; time += 1) result = await act();
  verify(result);
  return cloud;
}

/** Functions that call AWS without a tool. */
const functions = [
  'codeDeployHook',
  'rollBackServiceDeployment',
  'watchServiceDeployment',
] satisfies (keyof typeof toolkit)[];

/** Every public method of every tool, and these functions. */
function publicMethods(): string[] {
  const tools = Object.entries(toolkit).filter(([name]) => /(Tools|Rollout)$/.test(name));
  const methods = tools.flatMap(([name, tool]) =>
    Object.getOwnPropertyNames((tool as { prototype: object }).prototype)
      .filter((method) => method !== 'constructor')
      .map((method) => `${name}.${method}`),
  );
  return [...methods, ...functions].sort();
}

/** The method of a scenario, without the situation. */
function methodOf({ name }: MethodScenario): string {
  return name.replace(/ \(.*$/, '');
}

const points: { method: string; calls: number }[] = [];

describe.each(methodScenarios.map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  (name, scenario) => {
    test('reaches its outcome', async () => {
      await runScenario(scenario);
    });

    test('succeeds when repeated', async () => {
      await runScenario(scenario, { times: 2 });
    });

    test('reaches its outcome or throws the expected error for each fault at each of its calls', async () => {
      const { calls } = await runScenario(scenario);
      expect(calls.length).toBeGreaterThan(0);
      for (const [kind, outcome] of faults) {
        for (let atCall = 1; atCall <= calls.length; atCall += 1) {
          const cloud = new SimulatedCloud();
          cloud.injectFault({ kind, atCall });
          await expect(runScenario(scenario, { cloud }), `${kind} at call ${atCall}`).resolves.toBeDefined();
          expect(cloud.calls[atCall - 1]?.outcome, `${kind} befell call ${atCall}`).toMatch(outcome);
        }
      }
      points.push({ method: name, calls: calls.length });
    });
  },
);

test('the fault matrix covers every public method', () => {
  const methods = publicMethods();
  const calls = points.reduce((sum, point) => sum + point.calls, 0);

  expect([...new Set(methodScenarios.map(methodOf))].sort()).toEqual(methods);
  expect(points.map(({ method }) => method)).toEqual(methodScenarios.map(({ name }) => name));
  // biome-ignore lint/suspicious/noConsole: the size of the table is part of what this suite reports
  console.info(
    `fault table: ${methods.length} public methods in ${methodScenarios.length} situations, ${calls} calls × ${faults.size} faults = ${calls * faults.size} points, all passed`,
  );
});
