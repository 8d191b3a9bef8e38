import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import type { StackReference } from 'aws-blue-green-toolkit/core';
import { SnsTools } from 'aws-blue-green-toolkit/sns';
import {
  disableSubscription,
  enableSubscription,
  invokeFunction,
  type StackSwapOptions,
  startDatabase,
  stopDatabase,
} from 'aws-blue-green-toolkit/swap';
import { DynamoSwapRecord } from 'aws-blue-green-toolkit/swap/dynamo';
import type { PlanDependencies } from './plan.js';

/** Creates the plan of a database and its subscription, without the switch of the traffic. */
export function ordersPlan(variables: NodeJS.ProcessEnv, dependencies: PlanDependencies = {}) {
  const { clients, clock, logger = console } = dependencies;
  const each = <Options>(optionsOf: (stack: StackReference) => Options) => {
    return { blue: optionsOf('blue'), green: optionsOf('green'), clients, clock, logger };
  };
  const database = new AuroraTools(each((it) => ({ clusterIdentifier: `orders-${it}` })));
  const subscriptions = new SnsTools(
    each((it) => ({ subscriptionArn: variables[`${it.toUpperCase()}_SUBSCRIPTION_ARN`] ?? '' })),
  );
  const smokeTest = { name: 'smoke test', functionName: 'orders-smoke-test', deletes: false } as const;
  return {
    application: 'orders-production',
    record: new DynamoSwapRecord({ tableName: 'stack-swaps', clients, clock }),
    prepare: [startDatabase(database), enableSubscription(subscriptions)],
    test: [invokeFunction({ ...smokeTest, undo: 'none', clients })],
    retire: [disableSubscription(subscriptions), stopDatabase(database)],
    logger,
    clock,
  } satisfies Omit<StackSwapOptions, 'switch'>;
}
