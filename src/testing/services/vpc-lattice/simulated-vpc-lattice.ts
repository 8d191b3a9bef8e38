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
  type Answer,
  clientFault,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import type {
  SimulatedLatticeListener,
  SimulatedLatticeRule,
  SimulatedLatticeTarget,
  SimulatedLatticeTargetGroup,
} from './simulated-vpc-lattice-types.js';

/** An action and the time of its change: it takes effect some seconds later. */
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
 * VPC Lattice in memory: services, listeners, rules and target groups, each known by its ID and its ARN. A change can be
 * read at once; the traffic follows after {@link propagationSeconds}.
 */
export class SimulatedVpcLattice implements SimulatedService {
  readonly serviceId = 'VPC Lattice';
  readonly iamPrefix = 'vpc-lattice';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    GetRule: (input: GetRuleCommandInput): Answer<GetRuleCommandOutput> => this.#describe(this.#rule(input)),

    UpdateRule: (input: UpdateRuleCommandInput): Answer<UpdateRuleCommandOutput> => {
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

    GetListener: (input: GetListenerCommandInput): Answer<GetListenerCommandOutput> =>
      this.#describeListener(this.#listener(input)),

    UpdateListener: (input: UpdateListenerCommandInput): Answer<UpdateListenerCommandOutput> => {
      const listener = this.#listener(input);
      this.#change(listener, required(input.defaultAction, 'defaultAction'));
      return withoutTimes(this.#describeListener(listener));
    },

    ListTargets: (input: ListTargetsCommandInput): Answer<ListTargetsCommandOutput> => {
      const group = this.#targetGroup(required(input.targetGroupIdentifier, 'targetGroupIdentifier'));
      const { items, nextToken } = pageOf(group.targets, {
        token: input.nextToken,
        size: input.maxResults ?? 100,
        most: 100,
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

  /** Virtual seconds from a change of an action to the moment when the traffic follows it. */
  propagationSeconds = 0;

  readonly #environment: SimulatedEnvironment;
  readonly #listeners: StoredListener[] = [];
  readonly #rules: StoredRule[] = [];
  readonly #targetGroups: StoredTargetGroup[] = [];

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a listener, and the service that it belongs to unless there is one of this ID or ARN. */
  addListener(options: { defaultAction: RuleAction; service?: string }): SimulatedLatticeListener {
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

  /** Creates a rule of a listener, which is given by its ID or ARN. */
  addRule(options: {
    listener: string;
    priority: number;
    action: RuleAction;
    /** @default every path */
    match?: RuleMatch;
  }): SimulatedLatticeRule {
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

  /** Creates a target group; its targets are healthy as soon as an action names it, whatever the weight. */
  addTargetGroup(options: {
    targets?: readonly string[];
    /** @default 80 */
    port?: number;
  }): SimulatedLatticeTargetGroup {
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

  /** Sets the status of a target, and registers it when it is new. `undefined` restores the status that it has by itself. */
  setTargetHealth(targetGroup: string, targetId: string, status: TargetStatus | undefined): void {
    const group = this.#targetGroup(targetGroup);
    const port = group.targets.find(({ id }) => id === targetId)?.port ?? group.targets[0]?.port ?? 80;
    const others = group.targets.filter(({ id }) => id !== targetId);
    group.targets = [...others, { id: targetId, port, status }];
  }

  /** The listener of this ID or ARN, as it is read now. */
  listener(identifier: string): SimulatedLatticeListener {
    const { id, arn, serviceId, serviceArn, changes } = this.#find(this.#listeners, identifier);
    return structuredClone({ id, arn, serviceId, serviceArn, defaultAction: latest(changes) });
  }

  /** The rule of this ID or ARN, as it is read now. */
  rule(identifier: string): SimulatedLatticeRule {
    const { id, arn, listener, priority, match, changes } = this.#find(this.#rules, identifier);
    return structuredClone({ id, arn, listenerId: listener.id, priority, match, action: latest(changes) });
  }

  /**
   * The weights that the traffic follows now, by the ID of the target group: those of a rule, or of a listener's default
   * action. Empty when it does not forward.
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

  /** Changes the action of a rule, or the default action of a listener, as another program would. */
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

  #describe(rule: StoredRule | StoredListener): Answer<GetRuleCommandOutput> {
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

  #describeListener(listener: StoredListener): Answer<GetListenerCommandOutput> {
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

  /** The rule; for the default rule its listener. */
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

  /** The identifiers of VPC Lattice are 17 hexadecimal digits behind a prefix. */
  #nextId(prefix: string): string {
    return `${prefix}-${this.#environment.nextId().replaceAll('-', '').slice(-17)}`;
  }
}

function latest(changes: readonly ActionChange[]): RuleAction {
  return changes.at(-1)?.action ?? { fixedResponse: { statusCode: 404 } };
}

/** Only what is read has its times in the answer; a change has not. */
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
