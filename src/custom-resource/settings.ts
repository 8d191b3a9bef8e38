import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import * as v from 'valibot';
import { type ClientConfig, resolveClients } from '../core/clients.js';
import { type Clock, systemClock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import { safeLogger } from '../core/safe-logger.js';
import { anyFunction, nonEmptyString, positiveSeconds, strictObject } from '../core/schemas.js';
import { objectWith, toolOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type {
  DatadogKeys,
  Delegate,
  DurableListenerRuleOptions,
  ExecutionStarter,
  ManagedListenerRuleClients,
  ManagedListenerRuleOptions,
} from './types.js';

/** The options with every default filled in. */
export interface Settings extends ManagedListenerRuleClients {
  readonly datadog: DatadogKeys | undefined;
  readonly allowedDatadogOrigins: readonly string[];
  readonly allowedResponseOrigins: readonly string[];
  readonly fetch: typeof fetch;
  readonly marginSeconds: number;
  readonly delegate: Delegate | undefined;
  readonly durable: DurableListenerRuleOptions['durable'] | undefined;
  readonly clientConfig: ClientConfig | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}

const secret = v.union([nonEmptyString, anyFunction]);

const origin = v.pipe(
  v.string(),
  v.check((value) => isOrigin(value), 'an origin such as http://localhost:4566'),
);

const origins = v.optional(v.array(origin), []);

const optionsSchema = v.pipe(
  strictObject({
    datadog: v.optional(strictObject({ apiKey: secret, appKey: secret })),
    allowedDatadogOrigins: origins,
    allowedResponseOrigins: origins,
    fetch: v.optional(anyFunction),
    deadlineMarginSeconds: v.optional(positiveSeconds, 60),
    delegate: v.optional(
      strictObject({
        stateMachineArn: nonEmptyString,
        steps: anyFunction,
        stepFunctions: v.optional(objectWith<ExecutionStarter>('a client with the methods', ['send'])),
      }),
    ),
    durable: v.optional(anyFunction),
    ...toolOptionsEntries,
  }),
  v.forward(
    v.partialCheck(
      [['delegate'], ['durable']],
      ({ delegate, durable }) => delegate === undefined || durable === undefined,
      'no delegate: a durable function needs none',
    ),
    ['durable'],
  ),
);

/** @throws InvalidInputError that names every wrong option. */
export function parseOptions(options: ManagedListenerRuleOptions | DurableListenerRuleOptions): Settings {
  const parsed = parseInput('managedListenerRuleHandler options', optionsSchema, options);
  const { datadog, delegate, durable, clientConfig, logger, clock } = options;
  // The Step Functions client is created on its first use; the configuration can be for this client alone.
  const isForStepFunctions = delegate !== undefined && delegate.stepFunctions === undefined;
  const clients = resolveClients<
    ManagedListenerRuleClients & { readonly stepFunctions: unknown },
    'stepFunctions'
  >(
    options,
    { elasticLoadBalancing: ElasticLoadBalancingV2Client, cloudWatch: CloudWatchClient },
    isForStepFunctions ? ['stepFunctions'] : [],
  );
  return {
    ...clients,
    datadog,
    allowedDatadogOrigins: parsed.allowedDatadogOrigins,
    allowedResponseOrigins: parsed.allowedResponseOrigins,
    fetch: options.fetch ?? fetch,
    marginSeconds: parsed.deadlineMarginSeconds,
    delegate,
    durable,
    clientConfig,
    logger: safeLogger(logger ?? console),
    clock: clock ?? systemClock,
  };
}

function isOrigin(value: string): boolean {
  return /^https?:/i.test(value) && URL.canParse(value) && new URL(value).origin === value;
}
