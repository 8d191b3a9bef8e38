import { describe, expect, test } from 'vitest';
import { codeDeploySwapHooks } from '../../src/hooks/codedeploy-swap-hooks.js';
import { codeDeploySwitch } from '../../src/swap/switches/code-deploy-switch.js';
import { makeCodeDeploySwapWorld } from '../support/codedeploy-swap-world.js';

/** Hooks of another service that were given the application name of the world's service by mistake. */
function makeStranger(world: ReturnType<typeof makeCodeDeploySwapWorld>) {
  const { clients, listenerArn, makeSwap } = world;
  const mover = codeDeploySwitch({ cluster: 'orders', service: 'other', listenerArn, clients });
  const swap = makeSwap({
    switch: { ...pick(mover), percentByStack: async () => ({ blue: 0, green: 100 }) },
  });
  return { swap, hooks: codeDeploySwapHooks(swap, { clients }) };
}

function pick(mover: ReturnType<typeof codeDeploySwitch>) {
  const { kind, description, fingerprint, permissions } = mover;
  return {
    kind,
    description,
    fingerprint,
    permissions,
    bindingOf: mover.bindingOf.bind(mover),
    statusOf: mover.statusOf.bind(mover),
    isAnotherUnderWay: mover.isAnotherUnderWay.bind(mover),
    returnTraffic: mover.returnTraffic.bind(mover),
  };
}

const context = { getRemainingTimeInMillis: () => 300_000 };

describe('codeDeploySwapHooks › the record of another service', () => {
  test.each(['deploymentEnded', 'resume', 'requestRollBack', 'status', 'adopt'] as const)(
    'throws SwapBindingError from %s, and changes nothing',
    async (method) => {
      const world = makeCodeDeploySwapWorld();
      const { cloud, deploy, taskDefinitions, until, item, calls } = world;
      const deployment = deploy(taskDefinitions.green);
      await until(() => deployment.replacementPercent === 100);
      await cloud.clock.sleep(60_000);
      const before = await item();
      const { swap, hooks } = makeStranger(world);
      const call = {
        deploymentEnded: () => hooks.deploymentEnded({}, context),
        resume: () => swap.resume(),
        requestRollBack: () => swap.requestRollBack('late'),
        status: () => swap.status(),
        adopt: () => swap.adopt('green', { reason: 'wrong' }),
      };

      await expect(call[method]()).rejects.toMatchObject({ code: 'SWAP_BINDING' });

      expect(await item()).toEqual(before);
      expect(calls.filter(({ stack }) => stack === 'blue')).toEqual([]);
    },
  );
});
