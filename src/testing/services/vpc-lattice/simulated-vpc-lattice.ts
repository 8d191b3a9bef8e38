import {
  ConflictException,
  type GetListenerCommandInput,
  type GetListenerCommandOutput,
  type GetRuleCommandInput,
  type GetRuleCommandOutput,
  type ListTargetsCommandInput,
  type ListTargetsCommandOutput,
  ResourceNotFoundException,
  type RuleAction,
  type RuleMatch,
  type TargetStatus,
  type TargetSummary,
  type UpdateListenerCommandInput,
  type UpdateListenerCommandOutput,
  type UpdateRuleCommandInput,
  type UpdateRuleCommandOutput,
  ValidationException,
} from '@aws-sdk/client-vpc-lattice';
import { lastSegment } from '../../../core/last-segment.js';
import {
  clientFault,
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import type {
  SimulatedLatticeListener,
  SimulatedLatticeRule,
  SimulatedLatticeTarget,
  SimulatedLatticeTargetGroup,
} from './simulated-vpc-lattice-types.js';

/** A change of an action. It takes effect some seconds after its time. */
interface ActionChange {
  readonly at: number;
  readonly action: RuleAction;
}

interface ActionHolder {
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  changes: ActionChange[];
}

interface StoredListener extends ActionHolder {
  readonly serviceId: string;
  readonly serviceArn: string;
}

interface StoredRule extends ActionHolder {
  readonly listener: StoredListener;
  priority: number;
  match: RuleMatch;
}

interface StoredTargetGroup extends SimulatedLatticeTargetGroup {
  targets: SimulatedLatticeTarget[];
}

const maxTargetGroups = 10;
const highestWeight = 999;
const lowestPriority = 2000;

/**
 * VPC Lattice in memory: services, listeners, rules and target groups, each identified by ID or ARN. A read shows a change
 * at once; it is in effect after {@link propagationSeconds}.
 */
export class SimulatedVpcLattice implements SimulatedService {
  readonly serviceId = 'VPC Lattice';
  readonly iamPrefix = 'vpc-lattice';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    GetRule: (input: GetRuleCommandInput): OperationOutput<GetRuleCommandOutput> =>
      this.#describe(this.#rule(input)),

    UpdateRule: (input: UpdateRuleCommandInput): OperationOutput<UpdateRuleCommandOutput> => {
      const rule = this.#rule(input);
      if (!('priority' in rule))
        throw invalid(`${rule.id} is a default rule, which cannot be updated; use UpdateListener`);
      const { priority = rule.priority, match = rule.match, action } = input;
      if (action !== undefined) this.#checkAction(action);
      this.#checkPriority(priority, rule.listener, rule);
      Object.assign(rule, { priority, match: structuredClone(match) });
      if (action !== undefined) this.#change(rule, action);
      return withoutTimes(this.#describe(rule));
    },

    GetListener: (input: GetListenerCommandInput): OperationOutput<GetListenerCommandOutput> =>
      this.#describeListener(this.#listener(input)),

    UpdateListener: (input: UpdateListenerCommandInput): OperationOutput<UpdateListenerCommandOutput> => {
      const listener = this.#listener(input);
      this.#change(listener, required(input.defaultAction, 'defaultAction'));
      return withoutTimes(this.#describeListener(listener));
    },

    ListTargets: (input: ListTargetsCommandInput): OperationOutput<ListTargetsCommandOutput> => {
      const group = this.#targetGroup(required(input.targetGroupIdentifier, 'targetGroupIdentifier'));
      const { items, nextToken } = pageOf(group.targets, {
        token: input.nextToken,
        size: input.maxResults ?? 100,
        maxSize: 100,
      });
      return {
        items: items.map(({ id, port, status }): TargetSummary => {
          const isInUse = this.#isInUse(group);
          if (status !== undefined) return { id, port, status };
          return { id, port, status: isInUse ? 'HEALTHY' : 'UNUSED' };
        }),
        nextToken,
      };
    },
  };

  /** Virtual seconds until a change of an action is in effect. */
  propagationSeconds = 0;

  readonly #environment: SimulatedEnvironment;
  readonly #listeners: StoredListener[] = [];
  readonly #rules: StoredRule[] = [];
  readonly #targetGroups: StoredTargetGroup[] = [];

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a listener. Creates its service unless it exists. */
  addListener(options: { defaultAction: RuleAction; service?: string }): SimulatedLatticeListener {
    requireOptions('SimulatedVpcLattice.addListener', options, {
      defaultAction: 'needed',
      service: 'optional',
    });
    const service = this.#listeners.find(({ serviceId, serviceArn }) =>
      [serviceId, serviceArn].includes(options.service ?? ''),
    );
    const serviceId = service?.serviceId ?? this.#nextId('svc');
    const id = this.#nextId('listener');
    const listener: StoredListener = {
      id,
      arn: this.#arn(`service/${serviceId}/listener/${id}`),
      serviceId,
      serviceArn: this.#arn(`service/${serviceId}`),
      createdAt: this.#now(),
      changes: [this.#firstAction(options.defaultAction)],
    };
    this.#listeners.push(listener);
    return this.listener(id);
  }

  /** Creates a rule of a listener, by the listener's ID or ARN. */
  addRule(options: {
    listener: string;
    priority: number;
    action: RuleAction;
    /** @default every path */
    match?: RuleMatch;
  }): SimulatedLatticeRule {
    requireOptions('SimulatedVpcLattice.addRule', options, {
      listener: 'text',
      priority: 'needed',
      action: 'needed',
      match: 'optional',
    });
    const { priority, match = { httpMatch: { pathMatch: { match: { prefix: '/' } } } } } = options;
    const listener = this.#find(this.#listeners, options.listener);
    this.#checkPriority(priority, listener);
    const id = this.#nextId('rule');
    this.#rules.push({
      id,
      arn: `${listener.arn}/rule/${id}`,
      listener,
      priority,
      match: structuredClone(match),
      createdAt: this.#now(),
      changes: [this.#firstAction(options.action)],
    });
    return this.rule(id);
  }

  /** Creates a target group. Its targets are healthy while an action names it, whatever the weight. */
  addTargetGroup(options: {
    targets?: readonly string[];
    /** @default 80 */
    port?: number;
  }): SimulatedLatticeTargetGroup {
    requireOptions('SimulatedVpcLattice.addTargetGroup', options, { targets: 'optional', port: 'optional' });
    const { targets = [], port = 80 } = options;
    const id = this.#nextId('tg');
    const group: StoredTargetGroup = {
      id,
      arn: this.#arn(`targetgroup/${id}`),
      targets: targets.map((target) => ({ id: target, port })),
    };
    this.#targetGroups.push(group);
    return group;
  }

  /** Sets the status of a target, and registers a new target. `undefined` restores the simulated status. */
  setTargetHealth(targetGroup: string, targetId: string, status: TargetStatus | undefined): void {
    const group = this.#targetGroup(targetGroup);
    const port = group.targets.find(({ id }) => id === targetId)?.port ?? group.targets[0]?.port ?? 80;
    const others = group.targets.filter(({ id }) => id !== targetId);
    group.targets = [...others, { id: targetId, port, status }];
  }

  /** Returns the listener of this ID or ARN as a read shows it now. */
  listener(identifier: string): SimulatedLatticeListener {
    const { id, arn, serviceId, serviceArn, changes } = this.#find(this.#listeners, identifier);
    return structuredClone({ id, arn, serviceId, serviceArn, defaultAction: latest(changes) });
  }

  /** Returns the rule of this ID or ARN as a read shows it now. */
  rule(identifier: string): SimulatedLatticeRule {
    const { id, arn, listener, priority, match, changes } = this.#find(this.#rules, identifier);
    return structuredClone({ id, arn, listenerId: listener.id, priority, match, action: latest(changes) });
  }

  /**
   * Returns the weights in effect of a rule, or of a listener's default action, by the ID of the target group. Empty when
   * the action does not forward.
   */
  weightsInForce(ruleOrListener: string): Readonly<Record<string, number>> {
    const { changes } = this.#find([...this.#listeners, ...this.#rules], ruleOrListener);
    const before = this.#environment.clock.now() - this.propagationSeconds * 1000;
    const inForce = changes.findLast(({ at }) => at <= before) ?? changes[0];
    return Object.fromEntries(
      (inForce?.action.forward?.targetGroups ?? []).map(({ targetGroupIdentifier = '', weight = 1 }) => [
        lastSegment(targetGroupIdentifier),
        weight,
      ]),
    );
  }

  /** Changes the action of a rule, or the default action of a listener, from outside the program under test. */
  changeAction(ruleOrListener: string, action: RuleAction): void {
    this.#change(this.#find([...this.#listeners, ...this.#rules], ruleOrListener), action);
  }

  #change(holder: ActionHolder, action: RuleAction): void {
    this.#checkAction(action);
    holder.changes.push({ at: this.#environment.clock.now(), action: structuredClone(action) });
  }

  #firstAction(action: RuleAction): ActionChange {
    this.#checkAction(action);
    return { at: Number.NEGATIVE_INFINITY, action: structuredClone(action) };
  }

  #checkAction(action: RuleAction): void {
    if (action.forward === undefined) return;
    const { targetGroups = [] } = action.forward;
    if (targetGroups.length < 1 || targetGroups.length > maxTargetGroups)
      throw invalid(`A forward action has 1 to ${maxTargetGroups} target groups, not ${targetGroups.length}`);
    for (const { targetGroupIdentifier, weight = 1 } of targetGroups) {
      this.#targetGroup(required(targetGroupIdentifier, 'targetGroupIdentifier'));
      if (!Number.isInteger(weight) || weight < 0 || weight > highestWeight)
        throw invalid(`A weight is a whole number, 0 to ${highestWeight}, not ${weight}`);
    }
  }

  #checkPriority(priority: number, listener: StoredListener, itself?: StoredRule): void {
    if (!Number.isInteger(priority) || priority < 1 || priority > lowestPriority)
      throw invalid(`A priority is 1 to ${lowestPriority}, not ${priority}`);
    const other = this.#rules.find(
      (rule) => rule !== itself && rule.listener === listener && rule.priority === priority,
    );
    if (other === undefined) return;
    throw new ConflictException({
      ...clientFault(`The priority ${priority} is taken`, 409),
      resourceId: other.id,
      resourceType: 'RULE',
    });
  }

  #isInUse({ id }: SimulatedLatticeTargetGroup): boolean {
    return [...this.#listeners, ...this.#rules].some(({ changes }) =>
      latest(changes).forward?.targetGroups?.some((it) => lastSegment(it.targetGroupIdentifier ?? '') === id),
    );
  }

  #describe(rule: StoredRule | StoredListener): OperationOutput<GetRuleCommandOutput> {
    const common = {
      createdAt: rule.createdAt,
      lastUpdatedAt: this.#updatedAt(rule),
      action: latest(rule.changes),
    };
    if (!('priority' in rule)) {
      return {
        ...common,
        arn: `${rule.arn}/rule/${defaultRuleId(rule)}`,
        id: defaultRuleId(rule),
        name: 'default',
        isDefault: true,
      };
    }
    const { id, arn, priority, match } = rule;
    return { ...common, arn, id, name: id, isDefault: false, priority, match };
  }

  #describeListener(listener: StoredListener): OperationOutput<GetListenerCommandOutput> {
    const { id, arn, serviceId, serviceArn, createdAt, changes } = listener;
    return {
      arn,
      id,
      name: id,
      protocol: 'HTTPS',
      port: 443,
      serviceArn,
      serviceId,
      defaultAction: latest(changes),
      createdAt,
      lastUpdatedAt: this.#updatedAt(listener),
    };
  }

  #updatedAt({ changes, createdAt }: ActionHolder): Date {
    const at = changes.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    return Number.isFinite(at) ? new Date(at) : createdAt;
  }

  #listener(input: {
    serviceIdentifier: string | undefined;
    listenerIdentifier: string | undefined;
  }): StoredListener {
    const service = lastSegment(required(input.serviceIdentifier, 'serviceIdentifier'));
    const wanted = required(input.listenerIdentifier, 'listenerIdentifier');
    return this.#find(
      this.#listeners.filter(({ serviceId }) => serviceId === service),
      wanted,
    );
  }

  /** Finds the rule; for a default rule its listener. */
  #rule(input: {
    serviceIdentifier: string | undefined;
    listenerIdentifier: string | undefined;
    ruleIdentifier: string | undefined;
  }): StoredRule | StoredListener {
    const listener = this.#listener(input);
    const wanted = required(input.ruleIdentifier, 'ruleIdentifier');
    if (lastSegment(wanted) === defaultRuleId(listener)) return listener;
    return this.#find(
      this.#rules.filter((rule) => rule.listener === listener),
      wanted,
    );
  }

  #targetGroup(identifier: string): StoredTargetGroup {
    return this.#find(this.#targetGroups, identifier);
  }

  #find<Item extends { readonly id: string; readonly arn: string }>(
    items: readonly Item[],
    identifier: string,
  ): Item {
    const item = items.find(({ id, arn }) => identifier === id || identifier === arn);
    if (item !== undefined) return item;
    throw new ResourceNotFoundException({
      ...clientFault(`${identifier} does not exist`, 404),
      resourceId: identifier,
      resourceType: identifier.split('-')[0],
    });
  }

  #now(): Date {
    return new Date(this.#environment.clock.now());
  }

  #arn(path: string): string {
    return this.#environment.arn('vpc-lattice', path);
  }

  /** Returns an identifier: a prefix and 17 hexadecimal digits. */
  #nextId(prefix: string): string {
    return `${prefix}-${this.#environment.nextId().replaceAll('-', '').slice(-17)}`;
  }
}

function latest(changes: readonly ActionChange[]): RuleAction {
  return changes.at(-1)?.action ?? { fixedResponse: { statusCode: 404 } };
}

/** Removes the times, which only responses to reads have. */
function withoutTimes<Described extends { createdAt?: Date | undefined; lastUpdatedAt?: Date | undefined }>(
  described: Described,
) {
  const { createdAt: _createdAt, lastUpdatedAt: _lastUpdatedAt, ...rest } = described;
  return rest;
}

function defaultRuleId({ id }: { readonly id: string }): string {
  return id.replace('listener-', 'rule-default-');
}

function invalid(message: string): ValidationException {
  return new ValidationException({ ...clientFault(message), reason: 'fieldValidationFailed' });
}
