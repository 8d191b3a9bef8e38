import { SimulatedCloud, type SimulatedStateMachineAlias } from '../../src/testing/index.js';
import { StepFunctionsAliasTarget } from '../../src/traffic/step-functions/index.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { brokenLogger } from '../support/broken-logger.js';
import type { TargetSetUp } from './traffic-target.js';

/** Sets up an alias of a state machine with a description. */
export function setUpStateMachineAlias(weights: TrafficWeights, cloud = new SimulatedCloud()): TargetSetUp {
  const stateMachine = cloud.stepFunctions.addStateMachine({ name: 'orders', versions: ['10', '11', '12'] });
  const alias = cloud.stepFunctions.addAlias({
    stateMachine,
    name: 'live',
    weights: { '11': weights.blue, '12': weights.green },
    description: 'Started by the shop',
  });
  const versionOf = (version: string) => `${stateMachine.arn}:${version}`;
  const set = (versions: Readonly<Record<string, number>>) => {
    alias.routingConfiguration = Object.entries(versions).map(([version, weight]) => ({
      stateMachineVersionArn: versionOf(version),
      weight,
    }));
  };
  return {
    cloud,
    target: new StepFunctionsAliasTarget({
      stateMachineAliasArn: alias.arn,
      blue: { stateMachineVersionArn: versionOf('11') },
      green: { stateMachineVersionArn: versionOf('12') },
      clients: cloud.clients,
      clock: cloud.clock,
      logger: brokenLogger,
    }),
    readRaw: () => ({
      description: alias.description,
      routingConfiguration: alias.routingConfiguration,
      updatedAt: alias.updatedAt,
    }),
    withoutWeights: (raw) => {
      const { description, routingConfiguration } = raw as SimulatedStateMachineAlias;
      return {
        description,
        versions: routingConfiguration.map((it) => it.stateMachineVersionArn),
      };
    },
    externalWrite: ({ blue, green }) => set({ '11': blue, '12': green }),
    addForeignDestination: () => set({ '10': 10, '11': 90 }),
    removeDestination: (stack) => set(stack === 'green' ? { '11': 100 } : { '12': 100 }),
  };
}
