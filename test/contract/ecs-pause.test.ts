import { EcsPause } from '../../src/ecs-deployments/index.js';
import { makeEcsPauseWorld, passing, stagesWith } from '../support/ecs-pause-world.js';
import { describeResumable } from './resumable.js';

const arn = 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/shop/web/1';

function setUp(listedHooks: 'active' | 'ofStage') {
  const world = makeEcsPauseWorld({
    strategy: { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 1 },
    bakeTimeInMinutes: 1,
    scaleUpSeconds: 30,
    listedHooks,
  });
  const { cloud, serviceDeploymentArn, deployment } = world;
  const ecs = world.clientWithoutRetries();
  return {
    clock: cloud.clock,
    request: { serviceDeploymentArn },
    make: () =>
      new EcsPause({
        stages: stagesWith(passing),
        intervalSeconds: 60,
        clock: cloud.clock,
        clients: { ecs },
      }),
    read: () => deployment.targetPercent,
    calls: () => cloud.calls.length,
    changes: () => world.changes().length,
    failAt: (call: number, fault: string) => {
      const isLost = fault === 'lostResponse' || fault === 'crashAfter';
      cloud.injectFault({
        kind: isLost ? 'lostResponse' : new Error('Simulated fault'),
        atCall: call - cloud.calls.length,
      });
    },
  };
}

const expectations = {
  approvals: [],
  wanted: { test: 100, production: 100 },
  malformed: [
    undefined,
    {},
    { serviceDeploymentArn: 'arn:aws:ecs:eu-west-1:123456789012:service/shop/web' },
    { serviceDeploymentArn: arn, hookID: 'hook' },
    { serviceDeploymentArn: arn, waitForRollback: false },
    { serviceDeploymentArn: arn, lifecycleStage: 'POST_SCALE_UP' },
  ],
  rollsBackAtEnd: false,
  lateStates: 3,
};

describeResumable('EcsPause', expectations, () => setUp('active'));

describeResumable('EcsPause where ECS lists settled hooks', expectations, () => setUp('ofStage'));
