import {
  type Action,
  type ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  paginateDescribeRules,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import * as v from 'valibot';
import { type CallOptions, callAws, collectPages, requireField } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ResourceStateError } from '../../core/errors.js';
import type { Logger } from '../../core/logger.js';
import { notFound, type PossiblyMissing, requireFound } from '../../core/not-found.js';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../../core/stack-reference.js';
import { dependenciesOf } from '../../core/tool-options.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import type {
  ReadWeightsOptions,
  SetupChange,
  SetupProgress,
  TargetHealth,
  TargetSetup,
  TrafficTarget,
  TrafficWeights,
  WriteWeightsOptions,
} from '../types.js';
import { namesGroup, requireSplittable, warnAboutUnchecked } from './added-groups.js';
import { type AlbSetupRules, albProgress, changedLists, readAlbSetup } from './alb-setup.js';
import { nearestForwardWeights } from './destinations.js';
import {
  type AlbSetupOptions,
  type AlbTargetOptions,
  albTargetEntries,
  elasticLoadBalancingOf,
  missingTargetGroup,
} from './elastic-load-balancing.js';
import { weightsOfActions, withWeights, writable } from './forward-action.js';
import { LastReading } from './last-reading.js';
import { permissionsOfTarget } from './permissions.js';
import { requireOneLoadBalancer } from './rule-arns.js';
import { type PartWrite, weightsOfParts, writeAllParts, writeEachPart } from './several-parts.js';
import { readTargetGroup, summarizeHealth } from './target-group-health.js';
import {
  parseHealthOptions,
  parseReadOptions,
  parseSetupChange,
  parseSetupOptions,
  parseWeights,
  parseWriteOptions,
} from './target-options.js';

/** Options of {@link AlbListenerRuleTarget}. */
export type AlbListenerRuleTargetOptions = AlbTargetOptions & {
  /** ARN of the rule, or of several rules of one load balancer that move together. */
  readonly ruleArns: readonly string[];
};

const subject = 'AlbListenerRuleTarget options';

const optionsSchema = strictObject({
  ...albTargetEntries,
  ruleArns: v.pipe(
    v.array(
      v.pipe(
        nonEmptyString,
        v.check(
          (arn) => !/^arn:.*:(listener|loadbalancer|targetgroup)\//.test(arn),
          'the ARN of a listener rule (arn:…:listener-rule/app/…)',
        ),
      ),
    ),
    v.check((arns) => arns.length > 0 && new Set(arns).size === arns.length, 'one or more ARNs that differ'),
  ),
});

const readAction = 'elasticloadbalancing:DescribeRules';

interface RuleReading {
  readonly arn: string;
  readonly actions: readonly Action[];
}

/**
 * Target for the forward action of a listener rule of an Application Load Balancer, or of several rules that move together, in
 * one or more listeners of one load balancer. All rules have the same weights. When one of them cannot be written, those
 * already written are restored. A rollback restores none: it writes every rule that it can.
 *
 * A shift adds a target group that a rule does not name with the weight 0, and waits until it is healthy. A rollback removes it
 * again. With group stickiness, clients keep their stack until their cookie expires, whatever the weights are: the option
 * `stickiness` decides about it.
 *
 * @remarks IAM: elasticloadbalancing:DescribeRules, elasticloadbalancing:ModifyRule,
 * elasticloadbalancing:DescribeTargetHealth, elasticloadbalancing:DescribeTargetGroupAttributes
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
  /** `ALB listener rule app/web/…` */
  readonly description: string;
  /** Permissions of its methods. */
  readonly permissions = permissionsOfTarget('AlbListenerRuleTarget');
  readonly #ruleArns: readonly string[];
  readonly #targetGroups: StackPair<string>;
  readonly #setupOptions: AlbSetupOptions;
  readonly #client: ElasticLoadBalancingV2Client;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lastRead: LastReading<readonly RuleReading[]>;

  /**
   * @throws InvalidInputError when an option is missing, unknown or malformed, when both stacks share a target group, or when
   * the rules belong to several load balancers.
   */
  constructor(options: AlbListenerRuleTargetOptions) {
    const parsed = parseInput(subject, optionsSchema, options);
    const { ruleArns, blue, green } = parsed;
    requireDistinct(subject, 'targetGroupArn', [blue.targetGroupArn], [green.targetGroupArn]);
    requireOneLoadBalancer(subject, ruleArns);
    this.#ruleArns = ruleArns;
    this.#targetGroups = { blue: blue.targetGroupArn, green: green.targetGroupArn };
    this.#setupOptions = { stickiness: parsed.stickiness, detach: parsed.detach };
    this.#client = elasticLoadBalancingOf(parsed);
    this.description = `ALB listener rule ${ruleArns.map(nameOf).join(' and ')}`;
    const { clock, logger } = dependenciesOf(parsed);
    this.#clock = clock;
    this.#logger = logger;
    const read = (call: CallOptions) => this.#read(call);
    this.#lastRead = new LastReading({ resource: this.description, clock, logger, read });
  }

  /**
   * Reads the weights of the rules, in one call.
   *
   * @remarks IAM: elasticloadbalancing:DescribeRules
   * @throws ResourceStateError when a rule has other destinations than the pair, does not forward, or is a listener's
   * default rule, and when the rules differ without expected weights; ResourceNotFoundError when a rule does not exist;
   * AccessDeniedError, OperationAbortedError
   */
  async readWeights(options: ReadWeightsOptions = {}): Promise<TrafficWeights> {
    const { signal, expected } = parseReadOptions(options);
    const partOf = (reading: RuleReading) => ({ name: reading.arn, weights: this.#weightsOf(reading) });
    return this.#lastRead.judge(this.#read({ signal }), (readings) =>
      weightsOfParts(readings.map(partOf), this.description, expected),
    );
  }

  /**
   * Changes the two weights on each of the rules, one after the other. A target group that is missing in a rule is added. When a
   * rule cannot be written, the rules before it are restored; a rollback continues with the other rules. Returns when AWS has
   * accepted the change; the traffic follows within seconds.
   *
   * @remarks IAM: elasticloadbalancing:ModifyRule, elasticloadbalancing:DescribeRules
   * @throws ResourceStateError as {@link readWeights}; ResourceNotFoundError, AccessDeniedError, OperationAbortedError
   */
  async writeWeights(weights: TrafficWeights, options: WriteWeightsOptions = {}): Promise<void> {
    const to = parseWeights(weights);
    const { signal, isRollback } = parseWriteOptions(options);
    const targetGroups = this.#targetGroups;
    await this.#lastRead.change(to, { signal }, async (readings) => {
      const from = readings.map((reading) => this.#weightsOf(reading));
      const parts = readings.map((reading): PartWrite => {
        const actions = withWeights(reading.actions, targetGroups, to, ownerOf(reading));
        return {
          name: reading.arn,
          write: (call) => this.#modify(reading.arn, actions, call),
          restore: () => this.#modify(reading.arn, writable(reading.actions), {}),
        };
      });
      const owner = { resource: this.description, clock: this.#clock, logger: this.#logger };
      await (isRollback ? writeEachPart : writeAllParts)(parts, owner, { signal });
      for (const { arn: resource, actions } of readings) {
        const wasNamed = (group: string) => namesGroup(actions, group);
        warnAboutUnchecked(this.#logger, { resource, targetGroups, weights: to, wasNamed });
      }
      return from;
    });
  }

  /**
   * Returns the nearest weights that two whole numbers, each at most 999, can hold.
   *
   * @throws InvalidInputError for weights that are not 100 % together.
   */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return nearestForwardWeights(parseWeights(weights));
  }

  /**
   * Counts the targets of a stack that may receive traffic. AWS checks them while a rule names their target group, also with the
   * weight 0. When no rule names it yet, their health is unknown, and they count as healthy.
   *
   * @remarks IAM: elasticloadbalancing:DescribeTargetHealth; elasticloadbalancing:DescribeRules and
   * elasticloadbalancing:DescribeTargetGroupAttributes for unused targets
   * @throws ResourceStateError when no rule names the target group yet and AWS would reject it, because of target
   * stickiness without group stickiness; ResourceNotFoundError when the target group or a rule does not exist;
   * AccessDeniedError, OperationAbortedError
   */
  async readHealth(stack: StackReference, options: CallOptions = {}): Promise<TargetHealth> {
    const targetGroupArn = this.#targetGroups[parseStackReference(stack)];
    const { signal } = parseHealthOptions(options);
    const isNamed = ({ actions }: RuleReading) => namesGroup(actions, targetGroupArn);
    let readings = this.#lastRead.peek();
    const targets = await readTargetGroup(this.#client, targetGroupArn, { signal });
    const health = await summarizeHealth(targets, async () => {
      readings ??= await this.#read({ signal });
      return readings.some(isNamed);
    });
    const adding = (readings ?? []).filter((it) => !isNamed(it));
    await requireSplittable(this.#client, adding.map(asActionList), this.#targetGroups, { signal });
    return health;
  }

  /**
   * Reads what a shift changes besides the weights: whether each rule names the incoming target group, and its group stickiness.
   * Returns undefined when nothing changes.
   *
   * @remarks IAM: elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeTargetGroupAttributes
   * @throws ResourceStateError for group stickiness without the option `stickiness`, and when AWS would reject the change,
   * because of target stickiness without group stickiness; the errors of {@link readWeights}
   */
  async readSetup(incoming: StackReference, options: CallOptions = {}): Promise<TargetSetup | undefined> {
    const stack = parseStackReference(incoming);
    const { signal } = parseSetupOptions('readSetup options', options);
    const lists = (this.#lastRead.peek() ?? (await this.#read({ signal }))).map(asActionList);
    return readAlbSetup(lists, stack, this.#setup, { signal });
  }

  /**
   * Adds the incoming target group with the weight 0 and switches group stickiness off (`prepare`), removes the outgoing one and
   * restores stickiness (`complete`), or undoes both (`restore`). Writes only a difference. When a rule cannot be written, the
   * others still are.
   *
   * @remarks IAM: elasticloadbalancing:DescribeRules, elasticloadbalancing:ModifyRule
   * @throws ResourceStateError when the weights were changed meanwhile; the errors of {@link writeWeights}
   */
  async changeSetup(change: SetupChange, options: CallOptions = {}): Promise<SetupProgress> {
    const parsed = parseSetupChange(change);
    const { signal } = parseSetupOptions('changeSetup options', options);
    const lists = (await this.#lastRead.take({ signal })).map(asActionList);
    const changed = changedLists(lists, parsed, this.#setup);
    const writes = changed.map(({ resource, actions }) => ({
      write: async (call: CallOptions) => {
        await this.#modify(resource, actions, call);
        this.#logger.info('Changed forward action', { resource, change: parsed.kind });
      },
    }));
    await writeEachPart(writes, { resource: this.description }, { signal });
    return albProgress(changed.length, parsed, this.#setup);
  }

  get #setup(): AlbSetupRules {
    return { client: this.#client, targetGroups: this.#targetGroups, readAction, ...this.#setupOptions };
  }

  #weightsOf(reading: RuleReading): TrafficWeights {
    return weightsOfActions(reading.actions, this.#targetGroups, ownerOf(reading));
  }

  async #read({ signal }: CallOptions): Promise<RuleReading[]> {
    const call = { action: readAction, resource: this.description, signal };
    const rules = await requireFound([missingRule(this.#ruleArns.join(' or '))], () =>
      collectPages(
        call,
        (http) => paginateDescribeRules({ client: this.#client }, { RuleArns: [...this.#ruleArns] }, http),
        (page) => page.Rules,
      ),
    );
    return this.#ruleArns.map((arn) => ({ arn, actions: changeableActions(arn, rules) }));
  }

  async #modify(ruleArn: string, actions: Action[], { signal }: CallOptions): Promise<void> {
    const call = { action: 'elasticloadbalancing:ModifyRule', resource: ruleArn, signal };
    const command = new ModifyRuleCommand({ RuleArn: ruleArn, Actions: actions });
    const groups = Object.values(this.#targetGroups).join(' or ');
    await requireFound([missingRule(ruleArn), missingTargetGroup(groups)], () =>
      callAws(call, (http) => this.#client.send(command, http)),
    );
  }
}

function changeableActions(arn: string, rules: readonly Rule[]): readonly Action[] {
  const rule = rules.find(({ RuleArn }) => RuleArn === arn);
  if (rule === undefined) throw notFound(missingRule(arn));
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

function missingRule(resource: string): PossiblyMissing {
  return {
    errorName: 'RuleNotFoundException',
    kind: 'Listener rule',
    resource,
    remedy:
      'Check ruleArns, and the Region and account of the client: a rule that is replaced gets another ARN',
  };
}

function asActionList({ arn, actions }: RuleReading) {
  return { resource: arn, actions };
}

function ownerOf({ arn }: RuleReading) {
  return { resource: arn, action: readAction };
}

/** Returns the part of an ARN such as `app/web/50dc…/f2f7…/9683…`. */
function nameOf(arn: string): string {
  return arn.split(':listener-rule/').at(-1) ?? arn;
}
