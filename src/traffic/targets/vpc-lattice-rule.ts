import {
  GetListenerCommand,
  GetRuleCommand,
  paginateListTargets,
  ResourceNotFoundException,
  type RuleAction,
  type TargetSummary,
  UpdateListenerCommand,
  UpdateRuleCommand,
  VPCLatticeClient,
  type WeightedTargetGroup,
} from '@aws-sdk/client-vpc-lattice';
import * as v from 'valibot';
import { type AwsCall, type CallOptions, callAws, collectPages, requireField } from '../../core/aws-call.js';
import { resolveClients } from '../../core/clients.js';
import { ResourceStateError } from '../../core/errors.js';
import { lastSegment } from '../../core/last-segment.js';
import type { Logger } from '../../core/logger.js';
import { type PossiblyMissing, requireFound } from '../../core/not-found.js';
import { nonEmptyString, stackPair, strictObject } from '../../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../../core/stack-reference.js';
import {
  clientOptionsOf,
  dependenciesOf,
  type ToolOptions,
  toolOptionsEntries,
} from '../../core/tool-options.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import type { TargetHealth, TrafficTarget, TrafficWeights } from '../types.js';
import { warnAboutUnchecked } from './added-groups.js';
import { nearestForwardWeights, toForwardWeights, weightsOfDestinations } from './destinations.js';
import { LastReading } from './last-reading.js';
import { permissionsOfTarget } from './permissions.js';
import { summarizeHealth, type TargetStatus } from './target-group-health.js';
import { parseHealthOptions, parseReadOptions, parseWeights, parseWriteOptions } from './target-options.js';

/** Target group of a stack in VPC Lattice. */
export interface VpcLatticeStackOptions {
  /** ID or ARN of the stack's target group. */
  readonly targetGroupIdentifier: string;
}

/** Clients of {@link VpcLatticeRuleTarget}. */
export interface VpcLatticeTargetClients {
  /** VPC Lattice. */
  readonly vpcLattice: VPCLatticeClient;
}

/** Options of {@link VpcLatticeRuleTarget}. */
export type VpcLatticeRuleTargetOptions = ToolOptions<VpcLatticeStackOptions, VpcLatticeTargetClients> & {
  /** ID or ARN of the service. */
  readonly serviceIdentifier: string;
  /** ID or ARN of the listener. */
  readonly listenerIdentifier: string;
  /**
   * ID or ARN of a rule of the listener.
   * @default the listener's default action
   */
  readonly ruleIdentifier?: string | undefined;
};

const subject = 'VpcLatticeRuleTarget options';

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  serviceIdentifier: nonEmptyString,
  listenerIdentifier: nonEmptyString,
  ruleIdentifier: v.optional(nonEmptyString),
  ...stackPair(strictObject({ targetGroupIdentifier: nonEmptyString })),
});

/**
 * Target for the forward action of a rule of a VPC Lattice listener, or for the listener's default action. The ID and the ARN
 * of a target group are equivalent; a write keeps the form that the rule has.
 *
 * @remarks IAM: vpc-lattice:GetRule and vpc-lattice:UpdateRule; vpc-lattice:GetListener and vpc-lattice:UpdateListener
 * for the default action; vpc-lattice:ListTargets
 * @example
 * ```ts
 * import { linear, TrafficShifter, VpcLatticeRuleTarget } from 'aws-blue-green-toolkit/traffic';
 *
 * const target = new VpcLatticeRuleTarget({
 *   serviceIdentifier: 'svc-0a1b2c3d4e5f60718',
 *   listenerIdentifier: 'listener-0a1b2c3d4e5f60718',
 *   ruleIdentifier: 'rule-0a1b2c3d4e5f60718',
 *   blue: { targetGroupIdentifier: 'tg-0a1b2c3d4e5f60718' },
 *   green: { targetGroupIdentifier: 'tg-18070f5e4d3c2b1a0' },
 * });
 *
 * await new TrafficShifter({ target }).shiftTo('green', linear({ stepPercent: 10, intervalSeconds: 60 }));
 * ```
 */
export class VpcLatticeRuleTarget implements TrafficTarget {
  /** `VPC Lattice rule rule-… of listener-…` */
  readonly description: string;
  /** Permissions of its methods. */
  readonly permissions = permissionsOfTarget('VpcLatticeRuleTarget');
  readonly #listener: { readonly serviceIdentifier: string; readonly listenerIdentifier: string };
  readonly #ruleIdentifier: string | undefined;
  readonly #targetGroups: StackPair<string>;
  readonly #client: VPCLatticeClient;
  readonly #logger: Logger;
  readonly #lastRead: LastReading<RuleAction>;

  /** @throws InvalidInputError when an option is missing, unknown or malformed, or when both stacks share a target group. */
  constructor(options: VpcLatticeRuleTargetOptions) {
    const parsed = parseInput(subject, optionsSchema, options);
    const { serviceIdentifier, listenerIdentifier, ruleIdentifier, blue, green } = parsed;
    this.#targetGroups = { blue: blue.targetGroupIdentifier, green: green.targetGroupIdentifier };
    requireDistinct(
      subject,
      'targetGroupIdentifier',
      [lastSegment(this.#targetGroups.blue)],
      [lastSegment(this.#targetGroups.green)],
    );
    this.#listener = { serviceIdentifier, listenerIdentifier };
    this.#ruleIdentifier = ruleIdentifier;
    this.#client = resolveClients<VpcLatticeTargetClients>(clientOptionsOf(parsed), {
      vpcLattice: VPCLatticeClient,
    }).vpcLattice;
    this.description = ruleIdentifier
      ? `VPC Lattice rule ${lastSegment(ruleIdentifier)} of ${lastSegment(listenerIdentifier)}`
      : `Default action of VPC Lattice listener ${lastSegment(listenerIdentifier)}`;
    const { clock, logger } = dependenciesOf(parsed);
    this.#logger = logger;
    const read = (call: CallOptions) => this.#read(call);
    this.#lastRead = new LastReading({ resource: this.description, clock, logger, read });
  }

  /**
   * Reads the weights of the rule, or of the default action.
   *
   * @remarks IAM: vpc-lattice:GetRule; for the default action vpc-lattice:GetListener
   * @throws ResourceStateError when the action has other destinations than the pair, does not forward, or when the rule is the
   * listener's default rule; ResourceNotFoundError when one of the resources does not exist; AccessDeniedError,
   * OperationAbortedError
   */
  async readWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    const { signal } = parseReadOptions(options);
    return this.#lastRead.judge(this.#read({ signal }), (action) => this.#weightsOf(action));
  }

  /**
   * Changes the two weights of the action. A target group that is missing in it is added. Returns when AWS has accepted the
   * change; the traffic follows within seconds.
   *
   * @remarks IAM: vpc-lattice:UpdateRule, vpc-lattice:GetRule; for the default action vpc-lattice:UpdateListener,
   * vpc-lattice:GetListener
   * @throws ResourceStateError as {@link readWeights}; ResourceNotFoundError, AccessDeniedError, OperationAbortedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const to = parseWeights(weights);
    const { signal } = parseWriteOptions(options);
    await this.#lastRead.change(to, { signal }, async (action) => {
      const from = this.#weightsOf(action);
      await this.#write(this.#withWeights(action, to), { signal });
      warnAboutUnchecked(this.#logger, {
        resource: this.description,
        targetGroups: this.#targetGroups,
        weights: to,
        wasNamed: (identifier) => names(action, identifier),
      });
      return [from];
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
   * Counts the targets of a stack that may receive traffic. VPC Lattice checks them while an action names their target group,
   * also with the weight 0. When no action names it yet, their health is unknown, and they count as healthy; so do targets with
   * disabled health checks.
   *
   * @remarks IAM: vpc-lattice:ListTargets; for unused targets vpc-lattice:GetRule, or vpc-lattice:GetListener for the default
   * action
   * @throws ResourceNotFoundError when the target group does not exist; AccessDeniedError, OperationAbortedError
   */
  async readHealth(stack: StackReference, options: CallOptions = {}): Promise<TargetHealth> {
    const targetGroupIdentifier = this.#targetGroups[parseStackReference(stack)];
    const { signal } = parseHealthOptions(options);
    const call = { action: 'vpc-lattice:ListTargets', resource: targetGroupIdentifier, signal };
    const targets = await requireFound([missing('Target group', targetGroupIdentifier)], () =>
      collectPages(
        call,
        (http) => paginateListTargets({ client: this.#client }, { targetGroupIdentifier }, http),
        (page) => page.items,
      ),
    );
    return summarizeHealth(targets.map(statusOf), async () => {
      const action = this.#lastRead.peek() ?? (await this.#read({ signal }));
      return names(action, targetGroupIdentifier);
    });
  }

  get #readAction(): string {
    return this.#ruleIdentifier === undefined ? 'vpc-lattice:GetListener' : 'vpc-lattice:GetRule';
  }

  async #read({ signal }: CallOptions): Promise<RuleAction> {
    const call = { action: this.#readAction, resource: this.description, signal };
    const ruleIdentifier = this.#ruleIdentifier;
    if (ruleIdentifier === undefined) {
      const command = new GetListenerCommand(this.#listener);
      const { defaultAction } = await this.#call(call, (http) => this.#client.send(command, http));
      return requireField(defaultAction, 'defaultAction', call);
    }
    const command = new GetRuleCommand({ ...this.#listener, ruleIdentifier });
    const { action, isDefault } = await this.#call(call, (http) => this.#client.send(command, http));
    if (isDefault) throw this.#isDefaultRule(ruleIdentifier);
    return requireField(action, 'action', call);
  }

  async #write(action: RuleAction, { signal }: CallOptions): Promise<void> {
    const resource = this.description;
    if (this.#ruleIdentifier === undefined) {
      const command = new UpdateListenerCommand({ ...this.#listener, defaultAction: action });
      await this.#call({ action: 'vpc-lattice:UpdateListener', resource, signal }, (http) =>
        this.#client.send(command, http),
      );
      return;
    }
    const command = new UpdateRuleCommand({
      ...this.#listener,
      ruleIdentifier: this.#ruleIdentifier,
      action,
    });
    await this.#call({ action: 'vpc-lattice:UpdateRule', resource, signal }, (http) =>
      this.#client.send(command, http),
    );
  }

  /** Makes a call. VPC Lattice has one error for all resources of a call; its `resourceId` names the missing one. */
  async #call<T>(call: AwsCall, send: Parameters<typeof callAws<T>>[1]): Promise<T> {
    try {
      return await callAws(call, send);
    } catch (error) {
      const id = error instanceof ResourceNotFoundException ? error.resourceId : undefined;
      return await requireFound([missing('VPC Lattice resource', id ?? this.description)], () =>
        Promise.reject(error),
      );
    }
  }

  #weightsOf(action: RuleAction): TrafficWeights {
    const destinations = this.#targetGroupsOf(action).map(({ targetGroupIdentifier = '(none)', weight }) => ({
      id: lastSegment(targetGroupIdentifier),
      weight,
    }));
    const pair = { blue: lastSegment(this.#targetGroups.blue), green: lastSegment(this.#targetGroups.green) };
    return weightsOfDestinations(destinations, pair, {
      resource: this.description,
      action: this.#readAction,
    });
  }

  #withWeights(action: RuleAction, weights: TrafficWeights): RuleAction {
    const present = this.#targetGroupsOf(action);
    const { blue, green } = this.#targetGroups;
    const missing = [blue, green].filter(
      (wanted) => !present.some((it) => lastSegment(it.targetGroupIdentifier ?? '') === lastSegment(wanted)),
    );
    const numbers = toForwardWeights(weights);
    const weightOf = (identifier = '') =>
      lastSegment(identifier) === lastSegment(blue) ? numbers.blue : numbers.green;
    const targetGroups = [
      ...present.map((it) => ({ ...it, weight: weightOf(it.targetGroupIdentifier) })),
      ...missing.map((it) => ({ targetGroupIdentifier: it, weight: weightOf(it) })),
    ];
    return { forward: { ...action.forward, targetGroups } };
  }

  #targetGroupsOf(action: RuleAction): readonly WeightedTargetGroup[] {
    if (action.forward !== undefined) return action.forward.targetGroups ?? [];
    throw new ResourceStateError('The action does not forward', {
      resource: this.description,
      expected: 'a forward action',
      actual: action.fixedResponse ? 'a fixed response' : 'an unknown action',
      remedy: 'Forward to the target group of one of the stacks',
    });
  }

  #isDefaultRule(ruleIdentifier: string): ResourceStateError {
    return new ResourceStateError("A listener's default rule cannot be changed as a rule", {
      resource: ruleIdentifier,
      expected: 'a rule with a match',
      actual: 'the default rule',
      remedy: 'Leave ruleIdentifier out, which selects the default action of the listener',
    });
  }
}

function names({ forward }: RuleAction, targetGroupIdentifier: string): boolean {
  const named = (forward?.targetGroups ?? []).map((it) => lastSegment(it.targetGroupIdentifier ?? ''));
  return named.includes(lastSegment(targetGroupIdentifier));
}

function missing(kind: string, resource: string): PossiblyMissing {
  return {
    errorName: 'ResourceNotFoundException',
    kind,
    resource,
    remedy:
      'Check serviceIdentifier, listenerIdentifier, ruleIdentifier and targetGroupIdentifier, and the Region and account of the client',
  };
}

function statusOf({ status, reasonCode }: TargetSummary): TargetStatus {
  const description = [status ?? 'unknown', reasonCode && `(${reasonCode})`].filter(Boolean).join(' ');
  if (status === 'HEALTHY') return { description, meaning: 'healthy' };
  if (status === 'UNUSED') return { description, meaning: 'notInUse' };
  // https://docs.aws.amazon.com/vpc-lattice/latest/ug/target-group-health-checks.html: health checks are disabled.
  if (status === 'UNAVAILABLE') return { description, meaning: 'notChecked' };
  if (status === 'DRAINING') return { description, meaning: 'gone' };
  return { description, meaning: 'unfit' };
}
