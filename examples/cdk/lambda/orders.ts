import { AuroraTools } from 'aws-blue-green-toolkit/aurora';
import { CloudWatchTools } from 'aws-blue-green-toolkit/cloudwatch';
import {
  type Clock,
  type Logger,
  parseStackReference,
  type StackReference,
} from 'aws-blue-green-toolkit/core';
import { LambdaTools } from 'aws-blue-green-toolkit/lambda';
import { SnsTools } from 'aws-blue-green-toolkit/sns';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';

/** Tools for everything behind the web shop, in blue and in green. */
export interface Orders {
  /** The stack that this deployment brings up. */
  readonly replacement: StackReference;
  readonly database: AuroraTools;
  readonly subscriptions: SnsTools;
  readonly queueReader: LambdaTools;
  readonly alarms: CloudWatchTools;
}

/** Dependencies that a test replaces. */
export interface Dependencies {
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Reads an environment variable that the CDK stack sets for the function. */
export function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Environment variable ${name} is not set`);
  return value;
}

/** Creates the tools from the function's environment. */
export function ordersFromEnvironment(dependencies: Dependencies = {}): Orders {
  const application = variable('APPLICATION');
  const common = { logger: console, ...dependencies };
  return {
    replacement: parseStackReference(variable('REPLACEMENT_STACK')),
    database: new AuroraTools({
      blue: { clusterIdentifier: `${application}-blue` },
      green: { clusterIdentifier: `${application}-green` },
      minimumReaderCount: 1,
      ...common,
    }),
    subscriptions: new SnsTools({
      blue: { subscriptionArn: variable('BLUE_SUBSCRIPTION_ARN') },
      green: { subscriptionArn: variable('GREEN_SUBSCRIPTION_ARN') },
      ...common,
    }),
    queueReader: new LambdaTools({
      blue: { functionName: `${application}-ingest-blue` },
      green: { functionName: `${application}-ingest-green` },
      ...common,
    }),
    alarms: new CloudWatchTools({
      blue: { alarmNamePrefix: `${application}-blue-` },
      green: { alarmNamePrefix: `${application}-green-` },
      ...common,
    }),
  };
}
