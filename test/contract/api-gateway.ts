import { SimulatedCloud } from '../../src/testing/index.js';
import { ApiGatewayCanaryTarget } from '../../src/traffic/api-gateway/index.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { brokenLogger } from '../support/broken-logger.js';
import type { TargetSetUp } from './traffic-target.js';

const name = { restApiId: 'a1b2c3d4e5', stageName: 'prod' };
const variablesOf = (stack: string) => ({ backend: `orders-${stack}`, table: `table_${stack}` });

/** Sets up a stage for the contract suite. Its own deployment is blue's while that has traffic. */
export function setUpApiGateway(weights: TrafficWeights, cloud = new SimulatedCloud()): TargetSetUp {
  cloud.apiGateway.addStage({
    ...name,
    deployments: ['blue1', 'green2', 'other3'],
    description: 'What the shop calls',
    ...stageFor(weights),
  });
  return {
    cloud,
    target: new ApiGatewayCanaryTarget({
      ...name,
      blue: { deploymentId: 'blue1', variables: variablesOf('blue') },
      green: { deploymentId: 'green2', variables: variablesOf('green') },
      clients: cloud.clients,
      clock: cloud.clock,
      logger: brokenLogger,
    }),
    readRaw: () => cloud.apiGateway.stage(name),
    withoutWeights: (raw) => {
      const { variables, ...stage } = raw as { readonly variables: Readonly<Record<string, string>> };
      const { backend: _backend, table: _table, ...kept } = variables;
      return { ...stage, variables: kept, deploymentId: '', canarySettings: undefined, updatedAt: 0 };
    },
    externalWrite: (other) => cloud.apiGateway.changeStage(name, stageFor(other)),
    addForeignDestination: () =>
      cloud.apiGateway.changeStage(name, {
        ...stageFor({ blue: 100, green: 0 }),
        canarySettings: { deploymentId: 'other3', percentTraffic: 10 },
      }),
  };
}

function stageFor({ blue, green }: TrafficWeights) {
  const own = blue === 0 ? 'green' : 'blue';
  const hasCanary = blue > 0 && green > 0;
  return {
    deploymentId: own === 'blue' ? 'blue1' : 'green2',
    variables: { ...variablesOf(own), shared: 'both' },
    canarySettings: hasCanary
      ? { deploymentId: 'green2', percentTraffic: green, stageVariableOverrides: variablesOf('green') }
      : undefined,
  };
}
