import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clock } from '../core/clock.js';
import { InvalidInputError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import type { StackReference } from '../core/stack-reference.js';
import { cloudWatchMetric } from '../traffic/checks/cloudwatch-metric.js';
import { datadogMetric } from '../traffic/checks/datadog-metric.js';
import type { ShiftState } from '../traffic/shift/shift-state.js';
import type { BeginOptions } from '../traffic/shifter-options.js';
import { AlbListenerRuleTarget } from '../traffic/targets/alb-listener-rule.js';
import { TrafficShifter } from '../traffic/traffic-shifter.js';
import type { Check, ShiftStrategy, TrafficWeights } from '../traffic/types.js';
import type { ListenerRuleProperties } from './properties.js';
import { checkTimes } from './rollout-time.js';
import type { RuleShiftPlan } from './shift-plan.js';
import type { DatadogKeys } from './types.js';

/** What a shifter of a rule is made with. */
export interface ShifterTools {
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
  readonly cloudWatch: CloudWatchClient;
  readonly datadog?: DatadogKeys | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Shifts the traffic of a rule, with the checks of its properties. */
export class RuleShifter extends TrafficShifter {
  readonly #initialWeights: TrafficWeights;

  /** @throws InvalidInputError when the keys of Datadog are missing, or a metric is malformed. */
  constructor(plan: RuleShiftPlan, properties: ListenerRuleProperties, tools: ShifterTools) {
    const { elasticLoadBalancing, clock, logger } = tools;
    const { blue, green } = plan.targetGroups;
    super({
      target: new AlbListenerRuleTarget({
        ruleArns: [plan.ruleArn],
        blue: { targetGroupArn: blue },
        green: { targetGroupArn: green },
        clients: { elasticLoadBalancing },
        clock,
        logger,
      }),
      // Nothing that they tell can be a reason to stay with what is being left.
      ...(!plan.goesBack && { checks: checksOf(properties, tools), policy: policyOf(properties) }),
      clock,
      logger,
    });
    this.#initialWeights = plan.initialWeights;
  }

  /** Begins where the traffic is; a rollback goes back to where the template had it. */
  override async begin(
    incoming: StackReference,
    strategy: ShiftStrategy,
    options?: BeginOptions,
  ): Promise<ShiftState> {
    const state = await super.begin(incoming, strategy, options);
    return { ...state, initialWeights: this.#initialWeights };
  }
}

/**
 * The metrics as checks; their windows bear with data that comes late.
 *
 * @throws InvalidInputError when the keys of Datadog are missing, or a metric is malformed.
 */
export function checksOf(
  { cloudWatchMetric: cloudWatch, datadogMetric: datadog }: ListenerRuleProperties,
  tools: ShifterTools,
): Check[] {
  const checks: Check[] = [];
  if (cloudWatch !== undefined) {
    const { queries, min, max } = cloudWatch;
    checks.push(
      cloudWatchMetric({
        name: 'CloudWatchMetric',
        queries,
        min,
        max,
        windowSeconds: checkTimes(cloudWatch).windowSeconds,
        clients: { cloudWatch: tools.cloudWatch },
      }),
    );
  }
  if (datadog !== undefined) {
    const { query, min, max, address } = datadog;
    checks.push(
      datadogMetric({
        name: 'DatadogMetric',
        query,
        min,
        max,
        address,
        windowSeconds: checkTimes(datadog).windowSeconds,
        ...keysOf(tools.datadog),
        fetch: tools.fetch,
      }),
    );
  }
  return checks;
}

/** Where courier has them from: never from the template. */
function keysOf(keys: DatadogKeys | undefined): DatadogKeys {
  if (keys !== undefined) return keys;
  const { DATADOG_API_KEY: apiKey, DATADOG_APPLICATION_KEY: appKey } = process.env;
  if (apiKey && appKey) return { apiKey, appKey };
  throw new InvalidInputError({
    subject: 'Listener rule properties',
    problems: [
      {
        field: 'DatadogMetric',
        expected: 'the keys of Datadog in DATADOG_API_KEY and DATADOG_APPLICATION_KEY of the function',
        actual: 'none',
      },
    ],
  });
}

function policyOf({ cloudWatchMetric: cloudWatch, datadogMetric: datadog }: ListenerRuleProperties) {
  const times = [cloudWatch, datadog].filter((it) => it !== undefined).map(checkTimes);
  if (times.length === 0) return {};
  const intervalSeconds = Math.min(...times.map((it) => it.intervalSeconds));
  const maxWait = Math.max(...times.map((it) => it.atMostSeconds));
  return {
    intervalSeconds,
    initialDelaySeconds: intervalSeconds,
    // As long as no whole period has passed under the new weights, nobody can say anything; nor is every point on time.
    inconclusiveThreshold: Math.ceil(maxWait / intervalSeconds) + 3,
  };
}
