import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import { CloudWatchTools } from 'aws-blue-green-toolkit/cloudwatch';
import {
  type Clock,
  type Logger,
  partnerOf,
  type StackReference,
  systemClock,
} from 'aws-blue-green-toolkit/core';
import { DynamoTools } from 'aws-blue-green-toolkit/dynamo';
import { KinesisTools } from 'aws-blue-green-toolkit/kinesis';
import { LambdaTools } from 'aws-blue-green-toolkit/lambda';
import { SnsTools } from 'aws-blue-green-toolkit/sns';
import { SqsTools } from 'aws-blue-green-toolkit/sqs';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';
import { type Settings, settingsFromEnvironment } from './settings.js';

/** Runs one of the fifteen steps. The demo passes a function that records them. */
export type RunStep = (number: number, name: string, work: () => Promise<unknown>) => Promise<void>;

/** Everything behind the web service, in blue and in green. */
export interface Stack {
  /** The stack that this deployment brings up. */
  readonly replacement: StackReference;
  /** The stack that is live until step 9. */
  readonly old: StackReference;
  readonly database: AuroraTools;
  readonly queues: SqsTools;
  readonly subscriptions: SnsTools;
  readonly queueReader: LambdaTools;
  readonly streamConsumer: KinesisTools;
  readonly alarms: CloudWatchTools;
  readonly sessionTable: DynamoTools;
  readonly clock: Clock;
  readonly runStep: RunStep;
  /** Calls a Lambda function of the application, and throws when it fails. */
  invoke(functionName: string, payload: unknown, signal: AbortSignal): Promise<void>;
}

/** Dependencies that a test or the demo replaces. */
export interface StackDependencies {
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly runStep?: RunStep;
}

/** Creates the tools. Resource names are `<application>-<stack>`, with a suffix for several of a kind. */
export function makeStack(settings: Settings, dependencies: StackDependencies = {}): Stack {
  const { application: app, replacement, subscriptionArns, streamArn } = settings;
  const { clients, clock = systemClock, logger = console, runStep = runStepWithLog } = dependencies;
  const common = { clients, clock, logger };
  const lambda = clients?.lambda ?? new LambdaClient();
  return {
    replacement,
    old: partnerOf(replacement),
    clock,
    runStep,
    database: new AuroraTools({
      blue: { clusterIdentifier: `${app}-blue` },
      green: { clusterIdentifier: `${app}-green` },
      minimumReaderCount: 1,
      ...common,
    }),
    queues: new SqsTools({
      blue: { queue: `${app}-blue`, deadLetterQueue: `${app}-blue-dlq` },
      green: { queue: `${app}-green`, deadLetterQueue: `${app}-green-dlq` },
      ...common,
    }),
    subscriptions: new SnsTools({
      blue: { subscriptionArn: subscriptionArns.blue },
      green: { subscriptionArn: subscriptionArns.green },
      ...common,
    }),
    queueReader: new LambdaTools({
      blue: { functionName: `${app}-ingest-blue` },
      green: { functionName: `${app}-ingest-green` },
      ...common,
    }),
    streamConsumer: new KinesisTools({
      streamArn,
      blue: { consumerName: `${app}-blue` },
      green: { consumerName: `${app}-green` },
      ...common,
    }),
    alarms: new CloudWatchTools({
      blue: { alarmNamePrefix: `${app}-blue-` },
      green: { alarmNamePrefix: `${app}-green-` },
      ...common,
    }),
    sessionTable: new DynamoTools({
      blue: { tableName: `${app}-sessions-blue` },
      green: { tableName: `${app}-sessions-green` },
      ...common,
    }),
    async invoke(functionName, payload, signal) {
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: `${app}-${functionName}`, Payload: JSON.stringify(payload) }),
        { abortSignal: signal },
      );
      if (FunctionError !== undefined) {
        throw new Error(`${app}-${functionName} failed: ${new TextDecoder().decode(Payload)}`);
      }
    },
  };
}

let stack: Stack | undefined;

/** Returns the stack of the deployed hooks, created at the first event. */
export function stackFromEnvironment(): Stack {
  stack ??= makeStack(settingsFromEnvironment());
  return stack;
}

const runStepWithLog: RunStep = async (number, name, work) => {
  console.info(`Step ${number}: ${name}`);
  await work();
};
