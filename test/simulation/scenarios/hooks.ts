import { expect } from 'vitest';
import { type CodeDeployHookFunction, codeDeployHook } from '../../../src/hooks/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';

/** Lambda invokes the hook, and once more on the same event when the scenario is repeated. */
function arrangeHook(cloud: SimulatedCloud, run: CodeDeployHookFunction, status: 'Succeeded' | 'Failed') {
  const handler = codeDeployHook(run, {
    clients: cloud.clients,
    clock: cloud.clock,
    logger: recorderOf(cloud),
  });
  const event = cloud.codeDeploy.openHookExecution();
  return {
    act: () => {
      const endsAt = cloud.clock.now() + 60_000;
      return handler(event, { getRemainingTimeInMillis: () => endsAt - cloud.clock.now() });
    },
    verify: (result: unknown) => {
      expect(result).toMatchObject({ status });
      expect(cloud.codeDeploy.responses).toMatchObject([{ status }]);
    },
  };
}

export const hooksScenarios: readonly MethodScenario[] = [
  {
    name: 'codeDeployHook',
    arrange: (cloud) => arrangeHook(cloud, () => {}, 'Succeeded'),
  },
  {
    name: 'codeDeployHook (failed)',
    arrange: (cloud) => arrangeHook(cloud, () => Promise.reject(new Error('the tests failed')), 'Failed'),
  },
  {
    name: 'codeDeployHook (out of time)',
    arrange: (cloud) => arrangeHook(cloud, () => new Promise(() => {}), 'Failed'),
  },
];
