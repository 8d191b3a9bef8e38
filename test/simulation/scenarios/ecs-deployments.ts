import { expect } from 'vitest';
import { rollBackServiceDeployment, watchServiceDeployment } from '../../../src/ecs-deployments/index.js';
import type { SimulatedCloud } from '../../../src/testing/index.js';
import type { MethodScenario } from '../../support/method-scenario.js';
import { recorderOf } from '../../support/recorded-lines.js';

function arrangeDeployment(cloud: SimulatedCloud) {
  const deployment = cloud.ecsDeployments.start({
    service: { cluster: 'shop', service: 'web' },
    strategy: { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
  });
  const { serviceDeploymentArn } = deployment;
  const options = {
    serviceDeploymentArn,
    clients: { ecs: cloud.clients.ecs },
    clock: cloud.clock,
    logger: recorderOf(cloud),
  };
  return { deployment, options };
}

/** Functions for the deployments of ECS itself. */
export const ecsDeploymentScenarios: readonly MethodScenario[] = [
  {
    name: 'rollBackServiceDeployment',
    arrange: (cloud) => {
      const { deployment, options } = arrangeDeployment(cloud);
      return {
        act: () => rollBackServiceDeployment(options),
        verify: () => expect(deployment.status).toMatch(/^ROLLBACK_/),
      };
    },
  },
  {
    name: 'watchServiceDeployment',
    arrange: (cloud) => {
      const { deployment, options } = arrangeDeployment(cloud);
      return {
        act: () => watchServiceDeployment(options),
        verify: (result) => {
          expect(result).toMatchObject({ outcome: 'succeeded' });
          expect(deployment.targetPercent.production).toBe(100);
        },
      };
    },
  },
  {
    name: 'watchServiceDeployment (rollback requested)',
    arrange: (cloud) => {
      const { deployment, options } = arrangeDeployment(cloud);
      const rollBackSignal = AbortSignal.abort();
      return {
        act: () => watchServiceDeployment({ ...options, rollBackSignal }),
        verify: (result) => {
          expect(result).toMatchObject({ outcome: 'rolledBack' });
          expect(deployment.targetPercent.production).toBe(0);
        },
      };
    },
  },
];
