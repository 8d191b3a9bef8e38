import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import { LambdaTools } from 'aws-blue-green-toolkit/lambda';
import { SnsTools } from 'aws-blue-green-toolkit/sns';
import {
  codeDeploySwitch,
  disableEventMapping,
  disableSubscription,
  ecsSwitch,
  enableEventMapping,
  enableSubscription,
  StackSwap,
  startDatabase,
  stopDatabase,
} from 'aws-blue-green-toolkit/swap';
import { DynamoSwapRecord } from 'aws-blue-green-toolkit/swap/dynamo';
import { variable } from './environment.js';

/**
 * Creates the swap of the orders of a web shop, whose service CodeDeploy deploys, or ECS itself. The pipeline calls its `next()`, a script
 * its `requestRollBack()`.
 */
export function ordersSwap(deployedBy: 'codeDeploy' | 'ecs'): StackSwap {
  const database = new AuroraTools({
    blue: { clusterIdentifier: 'orders-blue' },
    green: { clusterIdentifier: 'orders-green' },
  });
  const subscriptions = new SnsTools({
    blue: { subscriptionArn: variable('BLUE_SUBSCRIPTION_ARN') },
    green: { subscriptionArn: variable('GREEN_SUBSCRIPTION_ARN') },
  });
  const queueReader = new LambdaTools({
    blue: { functionName: 'orders-ingest-blue' },
    green: { functionName: 'orders-ingest-green' },
  });
  const service = {
    cluster: variable('CLUSTER'),
    service: variable('SERVICE'),
    listenerArn: variable('LISTENER_ARN'),
  };
  return new StackSwap({
    application: 'orders-production',
    record: new DynamoSwapRecord({ tableName: variable('SWAP_TABLE_NAME') }),
    boundBy: 'STACK',
    prepare: [startDatabase(database), enableSubscription(subscriptions), enableEventMapping(queueReader)],
    switch: deployedBy === 'ecs' ? ecsSwitch(service) : codeDeploySwitch(service),
    retire: [disableSubscription(subscriptions), disableEventMapping(queueReader), stopDatabase(database)],
    logger: console,
  });
}
