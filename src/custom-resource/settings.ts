import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import * as v from 'valibot';
import { type ClientConfig, resolveClients } from '../core/clients.js';
import { type Clock, systemClock } from '../core/clock.js';
import { safeLogger } from '../core/safe-logger.js';
import { nonEmptyString, positiveSeconds } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { ShifterTools } from './rule-shifter.js';
import type {
  Delegate,
  DurableListenerRuleOptions,
  ManagedListenerRuleClients,
  ManagedListenerRuleOptions,
} from './types.js';

/** The options with every default filled in. */
export interface Settings extends ShifterTools {
  readonly fetch: typeof fetch;
  readonly marginSeconds: number;
  readonly delegate: Delegate | undefined;
  readonly clientConfig: ClientConfig | undefined;
  readonly clock: Clock;
}

const secret = v.union([nonEmptyString, v.function()]);

const optionsSchema = v.object({
  datadog: v.optional(v.object({ apiKey: secret, appKey: secret })),
  fetch: v.optional(v.function()),
  deadlineMarginSeconds: v.optional(positiveSeconds, 60),
  delegate: v.optional(
    v.object({
      stateMachineArn: nonEmptyString,
      steps: v.function(),
      stepFunctions: v.optional(v.object({ send: v.function() })),
    }),
  ),
  durable: v.optional(v.function()),
});

/** @throws InvalidInputError which names every wrong option. */
export function parseOptions(options: ManagedListenerRuleOptions | DurableListenerRuleOptions): Settings {
  const { deadlineMarginSeconds } = parseInput('managedListenerRuleHandler options', optionsSchema, options);
  const clients = resolveClients<ManagedListenerRuleClients>(options, {
    elasticLoadBalancing: ElasticLoadBalancingV2Client,
    cloudWatch: CloudWatchClient,
  });
  return {
    ...clients,
    datadog: options.datadog,
    fetch: options.fetch ?? fetch,
    marginSeconds: deadlineMarginSeconds,
    delegate: options.delegate,
    clientConfig: options.clientConfig,
    logger: safeLogger(options.logger ?? console),
    clock: options.clock ?? systemClock,
  };
}
