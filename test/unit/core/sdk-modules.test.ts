import { describe, expect, test } from 'vitest';
import { codeDeploySwitch } from '../../../src/swap/switches/code-deploy-switch.js';
import { makeDeploymentWorld } from '../../support/deployment-world.js';

describe('sdkModules', () => {
  test('lets no virtual time pass while a switch loads the SDK', async () => {
    const { cloud, clients, service, listenerArn } = makeDeploymentWorld();
    const { clock } = cloud;
    let seconds = 0;
    const stop = clock.every(1, () => {
      seconds += 1;
    });
    const timer = clock.sleep(3_600_000);

    await codeDeploySwitch({ ...service, listenerArn, clients }).percentByStack({ boundBy: 'STACK' });

    expect(seconds).toBeLessThan(2);
    stop();
    await timer;
  });
});
