import { silentLogger } from '../../src/core/logger.js';
import { DynamoSwapRecord } from '../../src/swap/dynamo/index.js';
import { invokeFunction } from '../../src/swap/steps/invoke-function.js';
import { codeDeploySwitch } from '../../src/swap/switches/code-deploy-switch.js';
import { deployedStack } from '../../src/swap/switches/deployed-stack.js';
import { ecsSwitch } from '../../src/swap/switches/ecs-switch.js';
import type { DeploymentSwitch } from '../../src/swap/switches/types.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { makeCodeDeploySwapWorld } from './codedeploy-swap-world.js';
import { makeDeploymentWorld } from './deployment-world.js';
import { makeEcsDeploymentWorld } from './ecs-deployment-world.js';
import type { PermissionScenario } from './permission-scenarios.js';
import { recordedActions } from './recorded-actions.js';
import { recordItem } from './swap-record-items.js';

const boundBy = 'STACK';

function scenario(
  method: string,
  situation: string,
  act: () => Promise<Pick<SimulatedCloud, 'calls'>>,
): PermissionScenario {
  return { method, situation, run: async () => recordedActions(await act()) };
}

async function useSwitch(deployments: DeploymentSwitch, owner: Parameters<DeploymentSwitch['statusOf']>[0]) {
  await deployments.percentByStack({ boundBy });
  await deployments.bindingOf(owner, boundBy);
  await deployments.statusOf(owner);
  await deployments.isAnotherUnderWay(owner);
  await deployments.returnTraffic(owner, 'test');
}

function recordOf(cloud: SimulatedCloud) {
  cloud.dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
  return new DynamoSwapRecord({ tableName: 'stack-swaps', clients: cloud.clients, clock: cloud.clock });
}

/** Scenarios of swap records and switches. */
export const swapPermissionScenarios: readonly PermissionScenario[] = [
  scenario('DynamoSwapRecord.read', 'no item', async () => {
    const cloud = new SimulatedCloud();
    await recordOf(cloud).read('orders');
    return cloud;
  }),
  scenario('DynamoSwapRecord.write', 'a conflict', async () => {
    const cloud = new SimulatedCloud();
    const record = recordOf(cloud);
    await record.write(recordItem());
    await record.write(recordItem({ writeId: 'other' }));
    return cloud;
  }),
  scenario('codeDeploySwitch', 'every method', async () => {
    const { cloud, clients, service, listenerArn, deploy, taskDefinitions } = makeDeploymentWorld();
    const { deploymentId: id } = deploy(taskDefinitions.green);
    await useSwitch(codeDeploySwitch({ ...service, listenerArn, clients }), { kind: 'codeDeploy', id });
    return cloud;
  }),
  {
    method: 'codeDeploySwapHooks',
    situation: 'a deployment; the other calls are those of the swap',
    run: async () => {
      const { cloud, deploy, taskDefinitions } = makeCodeDeploySwapWorld();
      await deploy(taskDefinitions.green).ended;
      return recordedActions(cloud).filter((action) => action.startsWith('codedeploy:Put'));
    },
  },
  scenario('invokeFunction', 'one invocation', async () => {
    const cloud = new SimulatedCloud();
    cloud.lambda.addFunction({ name: 'schema', handler: () => {} });
    const { clients, clock } = cloud;
    const step = invokeFunction({
      name: 'schema',
      functionName: 'schema',
      deletes: true,
      undo: 'none',
      clients,
    });
    await step.run({
      stack: 'green',
      incoming: 'green',
      outgoing: 'blue',
      swapId: 'swap-1',
      attempt: 1,
      clock,
      logger: silentLogger,
      memory: {},
      signal: new AbortController().signal,
    });
    return cloud;
  }),
  scenario('ecsSwitch', 'every method', async () => {
    const { cloud, clients, service, listenerArn, deploy, taskDefinitions } = makeEcsDeploymentWorld();
    const { serviceDeploymentArn: id } = deploy(taskDefinitions.green);
    await useSwitch(ecsSwitch({ ...service, listenerArn, clients }), { kind: 'ecs', id });
    return cloud;
  }),
  ...[makeDeploymentWorld, makeEcsDeploymentWorld].map((makeWorld) =>
    scenario('deployedStack', makeWorld.name, async () => {
      const { cloud, clients, service, listenerArn } = makeWorld();
      await deployedStack({ ...service, listenerArn, clients, boundBy }).percentByStack();
      return cloud;
    }),
  ),
];
