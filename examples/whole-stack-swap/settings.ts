import { parseStackReference, type StackPair, type StackReference } from 'aws-blue-green-toolkit/core';

/** Settings of the application. A deployed hook reads them from its environment variables. */
export interface Settings {
  /** The stack that this deployment brings up. */
  readonly replacement: StackReference;
  /** Prefix of all resource names: `orders` results in `orders-blue`, `orders-green-dlq` and so on. */
  readonly application: string;
  readonly subscriptionArns: StackPair<string>;
  readonly streamArn: string;
}

/** Reads the settings from the Lambda's environment. */
export function settingsFromEnvironment(environment: NodeJS.ProcessEnv = process.env): Settings {
  const read = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`Environment variable ${name} is not set`);
    return value;
  };
  return {
    replacement: parseStackReference(environment['REPLACEMENT_STACK']),
    application: read('APPLICATION'),
    subscriptionArns: { blue: read('BLUE_SUBSCRIPTION_ARN'), green: read('GREEN_SUBSCRIPTION_ARN') },
    streamArn: read('STREAM_ARN'),
  };
}
