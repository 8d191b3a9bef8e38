import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import { CloudWatchTools } from 'aws-blue-green-toolkit/cloudwatch';
import type { Logger, StackReference } from 'aws-blue-green-toolkit/core';
import { DynamoTools } from 'aws-blue-green-toolkit/dynamo';
import { KinesisTools } from 'aws-blue-green-toolkit/kinesis';
import { LambdaTools } from 'aws-blue-green-toolkit/lambda';
import { SnsTools } from 'aws-blue-green-toolkit/sns';
import { SqsTools } from 'aws-blue-green-toolkit/sqs';
import * as step from 'aws-blue-green-toolkit/swap';
import { enableEventMapping, parallel, StackSwap } from 'aws-blue-green-toolkit/swap';
import { DynamoSwapRecord } from 'aws-blue-green-toolkit/swap/dynamo';
import type { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { type DatabaseSteps, startedDatabase } from './database-steps.js';

/** Dependencies that a test or the demo replaces. */
export type PlanDependencies = Partial<Pick<SimulatedCloud, 'clients' | 'clock'>> & {
  readonly logger?: Logger;
  readonly databaseSteps?: DatabaseSteps;
};

/** Creates the swap of the whole stack. The variables are the ARNs that differ between environments. */
export function ordersSwap(variables: NodeJS.ProcessEnv, dependencies: PlanDependencies = {}) {
  const { clients, clock, logger = console, databaseSteps = startedDatabase } = dependencies;
  const arn = (name: string) => variables[name] ?? '';
  const each = <Options>(optionsOf: (stack: StackReference) => Options) => {
    return { blue: optionsOf('blue'), green: optionsOf('green'), clients, clock, logger };
  };
  const database = new AuroraTools(each((it) => ({ clusterIdentifier: `orders-${it}` })));
  const { provide, settle, remove } = databaseSteps(database);
  const queues = new SqsTools(each((it) => ({ queue: `orders-${it}`, deadLetterQueue: `orders-${it}-dlq` })));
  const subscriptions = new SnsTools(
    each((it) => ({ subscriptionArn: arn(`${it.toUpperCase()}_SUBSCRIPTION_ARN`) })),
  );
  const queueReader = new LambdaTools(each((it) => ({ functionName: `orders-ingest-${it}` })));
  const consumer = { streamArn: arn('STREAM_ARN'), ...each((it) => ({ consumerName: `orders-${it}` })) };
  const streamConsumer = new KinesisTools(consumer);
  const alarms = new CloudWatchTools(each((it) => ({ alarmNamePrefix: `orders-${it}-` })));
  const sessionTable = new DynamoTools(each((it) => ({ tableName: `orders-sessions-${it}` })));
  const listenerArn = arn('LISTENER_ARN');
  const invoke = (name: string, deletes: boolean) =>
    step.invokeFunction({ name, functionName: `orders-${name}`, deletes, undo: 'none', clients });

  return new StackSwap({
    application: 'orders-production',
    record: new DynamoSwapRecord({ tableName: 'stack-swaps', clients, clock }),
    boundBy: 'STACK',
    sameStack: 'deployOnly',
    prepare: [
      ...provide,
      parallel(invoke('schema', true), step.purgeQueues(queues)),
      step.enableSubscription(subscriptions),
      parallel(
        enableEventMapping(queueReader),
        step.registerConsumer(streamConsumer),
        step.enableAlarms(alarms),
      ),
    ],
    test: [invoke('smoke-test', false)],
    switch: step.codeDeploySwitch({ cluster: 'orders', service: 'web', listenerArn, clients }),
    retire: [
      ...settle,
      step.disableSubscription(subscriptions),
      parallel(
        step.disableEventMapping(queueReader),
        step.deregisterConsumer(streamConsumer),
        step.disableAlarms(alarms),
      ),
      step.scaleInReaders(database, { name: 'scale in old readers' }),
      parallel(remove, step.deleteTable(sessionTable)),
      step.purgeQueues(queues),
    ],
    logger,
    clock,
  });
}
