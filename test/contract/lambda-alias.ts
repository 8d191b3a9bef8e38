import { SimulatedCloud, type SimulatedLambda } from '../../src/testing/index.js';
import { LambdaAliasTarget } from '../../src/traffic/targets/lambda-alias.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { brokenLogger } from '../support/broken-logger.js';
import type { TargetSetUp } from './traffic-target.js';

/** Sets up a Lambda alias for the contract suite. Its own version is one with traffic, preferably blue's. */
export function setUpLambdaAlias(weights: TrafficWeights, on = new SimulatedCloud()): TargetSetUp {
  return setUpAlias(weights, {}, on);
}

/** Sets up an alias with provisioned concurrency, which Lambda allocates for two minutes after a change of the alias's version. */
export function setUpProvisionedAlias(weights: TrafficWeights): TargetSetUp {
  return setUpAlias(weights, { provisionedConcurrency: { executions: 10 } });
}

function setUpAlias(
  weights: TrafficWeights,
  more: Pick<Parameters<SimulatedLambda['addAlias']>[0], 'provisionedConcurrency'>,
  cloud = new SimulatedCloud(),
): TargetSetUp {
  const alias = { functionName: 'orders', name: 'live' };
  cloud.lambda.addFunction({ name: 'orders', versions: ['10', '11', '12'] });
  cloud.lambda.addAlias({
    ...alias,
    ...more,
    description: 'What the shop calls',
    ...versionsFor(weights),
  });
  return {
    cloud,
    target: new LambdaAliasTarget({
      functionName: 'orders',
      aliasName: 'live',
      blue: { version: '11' },
      green: { version: '12' },
      clients: cloud.clients,
      clock: cloud.clock,
      logger: brokenLogger,
    }),
    readRaw: () => cloud.lambda.alias('orders', 'live'),
    withoutWeights: (raw) => ({
      ...(raw as object),
      version: undefined,
      additionalVersionWeights: undefined,
      revisionId: undefined,
      provisionedConcurrency: undefined,
    }),
    externalWrite: (other) => {
      cloud.lambda.updateAlias({ ...alias, ...versionsFor(other) });
    },
    addForeignDestination: () => {
      cloud.lambda.updateAlias({ ...alias, version: '11', additionalVersionWeights: { '10': 0.1 } });
    },
  };
}

function versionsFor({ blue, green }: TrafficWeights) {
  return blue === 0
    ? { version: '12', additionalVersionWeights: {} }
    : { version: '11', additionalVersionWeights: green > 0 ? { '12': green / 100 } : {} };
}
