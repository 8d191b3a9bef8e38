import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import { CloudWatchTools } from 'aws-blue-green-toolkit/cloudwatch';
import { LambdaTools } from 'aws-blue-green-toolkit/lambda';
import { SnsTools } from 'aws-blue-green-toolkit/sns';
import {
  codeDeploySwitch,
  disableAlarms,
  disableEventMapping,
  disableSubscription,
  ecsSwitch,
  enableAlarms,
  enableEventMapping,
  enableSubscription,
  StackSwap,
  startDatabase,
  stopDatabase,
} from 'aws-blue-green-toolkit/swap';
import { DynamoSwapRecord } from 'aws-blue-green-toolkit/swap/dynamo';
import { type Dependencies, variable } from './environment.js';

/** Creates the swap of everything behind the web shop, deployed by CodeDeploy or by ECS itself. */
export function ordersSwap(
  deployedBy: 'codeDeploy' | 'ecs',
  { logger = console, ...dependencies }: Dependencies = {},
): StackSwap {
  const application = variable('APPLICATION');
  const common = { ...dependencies, logger };
  const { clients, clock } = dependencies;
  const database = new AuroraTools({
    blue: { clusterIdentifier: `${application}-blue` },
    green: { clusterIdentifier: `${application}-green` },
    ...common,
  });
  const subscriptions = new SnsTools({
    blue: { subscriptionArn: variable('BLUE_SUBSCRIPTION_ARN') },
    green: { subscriptionArn: variable('GREEN_SUBSCRIPTION_ARN') },
    ...common,
  });
  const queueReader = new LambdaTools({
    blue: { functionName: `${application}-ingest-blue` },
    green: { functionName: `${application}-ingest-green` },
    ...common,
  });
  const alarms = new CloudWatchTools({
    blue: { alarmNamePrefix: `${application}-blue-` },
    green: { alarmNamePrefix: `${application}-green-` },
    ...common,
  });
  const service = {
    cluster: variable('CLUSTER'),
    service: variable('SERVICE'),
    listenerArn: variable('LISTENER_ARN'),
    clients,
  };
  return new StackSwap({
    application: `${application}-production`,
    record: new DynamoSwapRecord({ tableName: variable('SWAP_TABLE_NAME'), clients, clock }),
    boundBy: 'STACK',
    prepare: [
      startDatabase(database),
      enableSubscription(subscriptions),
      enableEventMapping(queueReader),
      enableAlarms(alarms),
    ],
    switch: deployedBy === 'ecs' ? ecsSwitch(service) : codeDeploySwitch(service),
    retire: [
      disableAlarms(alarms),
      disableSubscription(subscriptions),
      disableEventMapping(queueReader),
      stopDatabase(database),
    ],
    logger,
    clock,
  });
}
