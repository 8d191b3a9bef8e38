import {
  type Action,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  paginateDescribeRules,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import * as v from 'valibot';
import {
  type CallOptions,
  callAws,
  collectPages,
  requireField,
  throwIfAborted,
} from '../../core/aws-call.js';
import { resolveClients } from '../../core/clients.js';
import { type Clock, systemClock } from '../../core/clock.js';
import { messageOf } from '../../core/describe-error.js';
import { ResourceNotFoundError, ResourceStateError, ToolkitError } from '../../core/errors.js';
import { type Logger, silentLogger } from '../../core/logger.js';
import { mapConcurrently } from '../../core/map-concurrently.js';
import { safeLogger } from '../../core/safe-logger.js';
import { nonEmptyString } from '../../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../../core/stack-reference.js';
import { stopwatch } from '../../core/stopwatch.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import type {
  ReadWeightsOptions,
  TargetHealth,
  TrafficTarget,
  TrafficWeights,
  WriteWeightsOptions,
} from '../types.js';
import { describeWeights } from '../weights.js';
import { nearestForwardWeights } from './destinations.js';
import { type AlbTargetClients, type AlbTargetOptions, albStacks } from './elastic-load-balancing.js';
import { weightsOfActions, withWeights, writable } from './forward-action.js';
import { LastReading } from './last-reading.js';
import { type PartWeights, weightsOfParts } from './several-parts.js';
import { readTargetGroupHealth } from './target-group-health.js';

/** How an {@link AlbListenerRuleTarget} is made. */
export type AlbListenerRuleTargetOptions = AlbTargetOptions & {
  /** The ARN of the rule, or of several ones that move together. */
  readonly ruleArns: readonly string[];
};

const optionsSchema = v.object({
  ...albStacks,
  ruleArns: v.pipe(
    v.array(nonEmptyString),
    v.check((arns) => arns.length > 0 && new Set(arns).size === arns.length, 'one or more ARNs that differ'),
  ),
});

const readAction = 'elasticloadbalancing:DescribeRules';

/** A rule as it was read. */
interface RuleReading {
  readonly arn: string;
  readonly actions: readonly Action[];
}

/** A rule as it was read, and the actions that it gets. */
interface RuleChange {
  readonly reading: RuleReading;
  readonly actions: Action[];
}

/**
 * The forward action of a listener rule of an Application Load Balancer, or of several rules, in one or more listeners,
 * that move together: the same weights on each, and when one of them cannot be written, those already written are put
 * back. On a rollback they are not: each rule goes back that can.
 *
 * Stickiness of the target groups stays as it is; while it is on, clients keep their stack until their cookie expires,
 * whatever the weights are.
 *
 * @remarks IAM: elasticloadbalancing:DescribeRules, elasticloadbalancing:ModifyRule,
 * elasticloadbalancing:DescribeTargetHealth
 * @example
 * ```ts
 * import { AlbListenerRuleTarget, linear, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * const target = new AlbListenerRuleTarget({
 *   ruleArns: [process.env['RULE_ARN'] ?? ''],
 *   blue: { targetGroupArn: process.env['BLUE_TARGET_GROUP_ARN'] ?? '' },
 *   green: { targetGroupArn: process.env['GREEN_TARGET_GROUP_ARN'] ?? '' },
 * });
 *
 * await new TrafficShifter({ target }).shiftTo('green', linear({ stepPercent: 10, intervalSeconds: 60 }));
 * ```
 */
export class AlbListenerRuleTarget implements TrafficTarget {
  /** Which one it is, for people. */
  readonly description: string;
  readonly #ruleArns: readonly string[];
  readonly #targetGroups: StackPair<string>;
  readonly #client: ElasticLoadBalancingV2Client;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lastRead: LastReading<readonly RuleReading[]>;

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks share a target group. */
  constructor(options: AlbListenerRuleTargetOptions) {
    const { ruleArns, blue, green } = parseInput('AlbListenerRuleTarget options', optionsSchema, options);
    requireDistinct(
      'AlbListenerRuleTarget options',
      'targetGroupArn',
      [blue.targetGroupArn],
      [green.targetGroupArn],
    );
    this.#ruleArns = ruleArns;
    this.#targetGroups = { blue: blue.targetGroupArn, green: green.targetGroupArn };
    this.#client = resolveClients<AlbTargetClients>(options, {
      elasticLoadBalancing: ElasticLoadBalancingV2Client,
    }).elasticLoadBalancing;
    this.#logger = safeLogger(options.logger ?? silentLogger);
    this.#clock = options.clock ?? systemClock;
    this.#lastRead = new LastReading(this.#clock);
    this.description = `ALB listener rule ${ruleArns.map(nameOf).join(' and ')}`;
  }

  /**
   * The weights of the rules, in one call.
   *
   * @remarks IAM: elasticloadbalancing:DescribeRules
   * @throws ResourceStateError when a rule has other destinations than the pair, does not forward, or is a listener's
   * default rule, and when the rules differ in a way that is not explained; ResourceNotFoundError, AccessDeniedError,
   * OperationAbortedError
   */
  async readWeights(options: ReadWeightsOptions = {}): Promise<TrafficWeights> {
    this.#lastRead.forget();
    const readings = await this.#read(options);
    const parts = readings.map(
      (reading): PartWeights => ({ name: reading.arn, weights: this.#weightsOf(reading) }),
    );
    const weights = weightsOfParts(parts, this.description, options.expected);
    this.#lastRead.keep(readings);
    return weights;
  }

  /**
   * Changes the two weights on each of the rules, one after the other; a target group that a rule does not have yet is
   * added to it. When a rule refuses, those before it are put back; on a rollback the others follow all the same.
   *
   * @remarks IAM: elasticloadbalancing:ModifyRule, elasticloadbalancing:DescribeRules
   * @throws ResourceStateError as {@link readWeights}; AccessDeniedError, OperationAbortedError
   */
  async writeWeights(weights: TrafficWeights, options: WriteWeightsOptions = {}): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const readings = this.#lastRead.take() ?? (await this.#read(options));
    const changes = readings.map((reading) => ({
      reading,
      from: this.#weightsOf(reading),
      actions: withWeights(reading.actions, this.#targetGroups, weights, ownerOf(reading)),
    }));
    await (options.isRollback ? this.#modifyEach(changes, options) : this.#modifyAll(changes, options));
    this.#logger.info('Changed traffic weights', {
      resource: this.description,
      from: changes.map(({ from }) => describeWeights(from)).join(' and '),
      to: describeWeights(weights),
      durationMs: elapsed(),
    });
  }

  /** The weights as two whole numbers, each at most 999, can hold them. */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return nearestForwardWeights(weights);
  }

  /**
   * The targets of a stack. Those of a group that is not in use yet are not checked by the load balancer, and count as
   * healthy.
   *
   * @remarks IAM: elasticloadbalancing:DescribeTargetHealth
   * @throws AccessDeniedError, OperationAbortedError
   */
  async readHealth(stack: StackReference, options: CallOptions = {}): Promise<TargetHealth> {
    return readTargetGroupHealth(this.#client, this.#targetGroups[parseStackReference(stack)], options);
  }

  #weightsOf(reading: RuleReading): TrafficWeights {
    return weightsOfActions(reading.actions, this.#targetGroups, ownerOf(reading));
  }

  async #read({ signal }: CallOptions): Promise<RuleReading[]> {
    const call = { action: readAction, resource: this.description, signal };
    const rules = await collectPages(
      call,
      (http) => paginateDescribeRules({ client: this.#client }, { RuleArns: [...this.#ruleArns] }, http),
      (page) => page.Rules,
    );
    return this.#ruleArns.map((arn) => ({ arn, actions: changeableActions(arn, rules) }));
  }

  async #modify(ruleArn: string, actions: Action[], { signal }: CallOptions): Promise<void> {
    const call = { action: 'elasticloadbalancing:ModifyRule', resource: ruleArn, signal };
    const command = new ModifyRuleCommand({ RuleArn: ruleArn, Actions: actions });
    await callAws(call, (http) => this.#client.send(command, http));
  }

  /** Every rule is tried, also after one has failed. */
  async #modifyEach(changes: readonly RuleChange[], options: CallOptions): Promise<void> {
    throwIfAborted({ signal: options.signal, resource: this.description });
    const errors: unknown[] = [];
    for (const { reading, actions } of changes) {
      await this.#modify(reading.arn, actions, options).catch((error: unknown) => errors.push(error));
    }
    // One that may pass comes first: it is worth another attempt, which a missing permission is not.
    if (errors.length > 0) throw errors.find((error) => !wasRefused(error)) ?? errors[0];
  }

  async #modifyAll(changes: readonly RuleChange[], options: CallOptions): Promise<void> {
    throwIfAborted({ signal: options.signal, resource: this.description });
    const written: RuleReading[] = [];
    for (const { reading, actions } of changes) {
      try {
        await this.#modify(reading.arn, actions, options);
      } catch (error) {
        // A rule that was not refused may have been changed: the answer may be all that was lost.
        await this.#putBack(wasRefused(error) ? written : [...written, reading]);
        throw error;
      }
      written.push(reading);
    }
  }

  /**
   * The caller's signal is left out, because an abort must not leave the rules apart. What cannot be put back is found by
   * the next reading.
   */
  async #putBack(touched: readonly RuleReading[]): Promise<void> {
    if (this.#ruleArns.length === 1) return;
    await mapConcurrently(touched, async ({ arn, actions }) => {
      const elapsed = stopwatch(this.#clock);
      try {
        await this.#modify(arn, writable(actions), {});
        this.#logger.info('Put the weights back', { resource: arn, durationMs: elapsed() });
      } catch (error) {
        this.#logger.warn('The weights could not be put back', {
          resource: arn,
          error: messageOf(error),
        });
      }
    });
  }
}

/** Whether nothing was changed for certain. Other errors may be those of a retry, after a first try whose answer was lost. */
function wasRefused(error: unknown): boolean {
  return ToolkitError.isInstance(error) && error.code === 'ACCESS_DENIED';
}

function changeableActions(arn: string, rules: readonly Rule[]): readonly Action[] {
  const rule = rules.find(({ RuleArn }) => RuleArn === arn);
  if (rule === undefined)
    throw new ResourceNotFoundError('The listener rule does not exist', { resource: arn });
  if (rule.IsDefault) {
    throw new ResourceStateError("A listener's default rule cannot be changed as a rule", {
      resource: arn,
      expected: 'a rule with conditions',
      actual: 'the default rule',
      remedy: 'Use an AlbListenerTarget with the ARN of the listener',
    });
  }
  return requireField(rule.Actions, 'Actions', { action: readAction, resource: arn });
}

function ownerOf({ arn }: RuleReading) {
  return { resource: arn, action: readAction };
}

/** `app/web/50dc…/f2f7…/9683…` of an ARN. */
function nameOf(arn: string): string {
  return arn.split(':listener-rule/').at(-1) ?? arn;
}
