import {
  type Action,
  type DescribeListenersCommandInput,
  type DescribeListenersCommandOutput,
  type DescribeRulesCommandInput,
  type DescribeRulesCommandOutput,
  type Listener,
  ListenerNotFoundException,
  LoadBalancerNotFoundException,
  type ModifyListenerCommandInput,
  type ModifyListenerCommandOutput,
  type ModifyRuleCommandInput,
  type ModifyRuleCommandOutput,
  OperationNotPermittedException,
  PriorityInUseException,
  type ProtocolEnum,
  type Rule,
  type RuleCondition,
  RuleNotFoundException,
  type TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type Answer,
  awsError,
  clientFault,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { changeConditions, listenerRuleOperations, type RuleRecord } from './simulated-listener-rules.js';
import { acceptActions, weightsOfTargetGroups } from './simulated-load-balancer-actions.js';
import type {
  SimulatedListener,
  SimulatedListenerRule,
  SimulatedLoadBalancer,
  SimulatedTargetGroup,
} from './simulated-load-balancer-types.js';
import { SimulatedTargetGroups } from './simulated-target-groups.js';

/** An action list, and since when: a change takes a while until it is in force. */
interface ActionChange {
  readonly at: number;
  readonly actions: readonly Action[];
}

/** What the default action and the actions of a rule have in common. */
interface ActionHolder {
  readonly arn: string;
  readonly listenerArn: string;
  changes: ActionChange[];
}

interface StoredListener extends ActionHolder {
  readonly loadBalancer: SimulatedLoadBalancer;
  readonly port: number;
  readonly protocol: ProtocolEnum;
  readonly defaultRuleArn: string;
}

type StoredRule = ActionHolder & RuleRecord;

const lowestPriority = 50_000;

/**
 * Elastic Load Balancing in memory: load balancers, listeners, rules and target groups. A change can be read at once; the
 * traffic follows after {@link propagationSeconds}.
 */
export class SimulatedElasticLoadBalancing implements SimulatedService {
  readonly serviceId = 'Elastic Load Balancing v2';
  readonly iamPrefix = 'elasticloadbalancing';
  readonly throttlingError = 'Throttling';
  /** @internal */
  readonly targetGroups: SimulatedTargetGroups;
  /** @internal */
  readonly operations;
  readonly #ownOperations = {
    ...listenerRuleOperations({
      rules: () => this.#rules,
      isDefaultRule: (arn) => this.#listeners.some(({ defaultRuleArn }) => defaultRuleArn === arn),
      find: (arn) => this.#rule(arn),
      add: (rule) => this.addRule(rule).arn,
      describe: (arn) => this.#describeRule(arn),
    }),

    DescribeListeners: (input: DescribeListenersCommandInput): Answer<DescribeListenersCommandOutput> => {
      const { ListenerArns, LoadBalancerArn } = input;
      if ((ListenerArns === undefined) === (LoadBalancerArn === undefined))
        throw awsError('ValidationError', 'Exactly one of ListenerArns and LoadBalancerArn is needed');
      const listeners = ListenerArns
        ? ListenerArns.map((arn) => this.#listener(arn))
        : this.#listeners.filter(({ loadBalancer }) => loadBalancer.arn === LoadBalancerArn);
      const { items, nextToken } = pageOf(listeners, page(input));
      return { Listeners: items.map(describeListener), NextMarker: nextToken };
    },

    DescribeRules: (input: DescribeRulesCommandInput): Answer<DescribeRulesCommandOutput> => {
      const { RuleArns, ListenerArn } = input;
      if ((RuleArns === undefined) === (ListenerArn === undefined))
        throw awsError('ValidationError', 'Exactly one of RuleArns and ListenerArn is needed');
      const rules = RuleArns
        ? RuleArns.map((arn) => this.#describeRule(arn))
        : this.#describeRulesOf(this.#listener(ListenerArn));
      const { items, nextToken } = pageOf(rules, page(input));
      return { Rules: items, NextMarker: nextToken };
    },

    ModifyListener: (input: ModifyListenerCommandInput): Answer<ModifyListenerCommandOutput> => {
      const listener = this.#listener(input.ListenerArn);
      if (input.DefaultActions !== undefined) this.#replaceActions(listener, input.DefaultActions);
      return { Listeners: [describeListener(listener)] };
    },

    ModifyRule: (input: ModifyRuleCommandInput): Answer<ModifyRuleCommandOutput> => {
      const arn = required(input.RuleArn, 'RuleArn');
      if (this.#listeners.some(({ defaultRuleArn }) => defaultRuleArn === arn))
        throw new OperationNotPermittedException(clientFault(`Default rule '${arn}' cannot be modified`));
      if (input.Actions !== undefined) this.#replaceActions(this.#rule(arn), input.Actions);
      if (input.Conditions !== undefined) changeConditions(this.#rule(arn), input.Conditions);
      return { Rules: [this.#describeRule(arn)] };
    },
  };

  /** Virtual seconds from a change of actions to the moment when the traffic follows it. */
  propagationSeconds = 0;

  readonly #environment: SimulatedEnvironment;
  readonly #loadBalancers: SimulatedLoadBalancer[] = [];
  readonly #listeners: StoredListener[] = [];
  readonly #rules: StoredRule[] = [];

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
    this.targetGroups = new SimulatedTargetGroups(environment, {
      isInUse: (arn) =>
        this.#holders().some(({ changes }) => (weightsOfTargetGroups(latest(changes))[arn] ?? 0) > 0),
      loadBalancersOf: (arn) => this.#loadBalancersOf(arn),
    });
    this.operations = { ...this.#ownOperations, ...this.targetGroups.operations };
  }

  /** Creates a load balancer. */
  addLoadBalancer(options: { name: string; type?: 'application' | 'network' }): SimulatedLoadBalancer {
    const { name, type = 'application' } = options;
    const path = `loadbalancer/${type === 'application' ? 'app' : 'net'}/${name}/${this.#nextId()}`;
    const loadBalancer = { arn: this.#arn(path), name, type };
    this.#loadBalancers.push(loadBalancer);
    return loadBalancer;
  }

  /** Creates a listener of a load balancer. */
  addListener(options: {
    loadBalancerArn: string;
    defaultActions: readonly Action[];
    /** @default 443 */
    port?: number;
    /** @default HTTPS, TCP for a network load balancer */
    protocol?: ProtocolEnum;
  }): SimulatedListener {
    const loadBalancer = this.#loadBalancers.find(({ arn }) => arn === options.loadBalancerArn);
    if (loadBalancer === undefined)
      throw new LoadBalancerNotFoundException(
        clientFault(`Load balancer '${options.loadBalancerArn}' not found`),
      );
    const arn = `${loadBalancer.arn.replace(':loadbalancer/', ':listener/')}/${this.#nextId()}`;
    const listener: StoredListener = {
      arn,
      listenerArn: arn,
      loadBalancer,
      port: options.port ?? 443,
      protocol: options.protocol ?? (loadBalancer.type === 'application' ? 'HTTPS' : 'TCP'),
      defaultRuleArn: `${arn.replace(':listener/', ':listener-rule/')}/${this.#nextId()}`,
      changes: [this.#firstActions(options.defaultActions, loadBalancer)],
    };
    this.#listeners.push(listener);
    return this.listener(listener.arn);
  }

  /** Creates a rule of a listener. */
  addRule(options: {
    listenerArn: string;
    priority: number;
    conditions: readonly RuleCondition[];
    actions: readonly Action[];
  }): SimulatedListenerRule {
    const { listenerArn, priority, conditions } = options;
    const listener = this.#listener(listenerArn);
    if (!Number.isInteger(priority) || priority < 1 || priority > lowestPriority)
      throw awsError('ValidationError', `A priority is 1 to ${lowestPriority}, not ${priority}`);
    if (this.#rules.some((rule) => rule.listenerArn === listenerArn && rule.priority === priority))
      throw new PriorityInUseException(clientFault(`Priority '${priority}' is currently in use`));
    const rule: StoredRule = {
      arn: `${listenerArn.replace(':listener/', ':listener-rule/')}/${this.#nextId()}`,
      listenerArn,
      priority,
      conditions: structuredClone(conditions),
      changes: [this.#firstActions(options.actions, listener.loadBalancer)],
    };
    this.#rules.push(rule);
    return this.rule(rule.arn);
  }

  /** Creates a target group; the targets given here are found healthy as soon as it gets traffic. */
  addTargetGroup(options: {
    name: string;
    targets?: readonly string[];
    /** @default 80 */
    port?: number;
    /** @default instance */
    targetType?: SimulatedTargetGroup['targetType'];
    /** @default 30 */
    healthCheckIntervalSeconds?: number;
    /** @default 2 */
    unhealthyThresholdCount?: number;
    /** @default 300 */
    deregistrationDelaySeconds?: number;
  }): SimulatedTargetGroup {
    const { name, targets = [], targetType = 'instance' } = options;
    const port = targetType === 'lambda' ? undefined : (options.port ?? 80);
    return this.targetGroups.add({
      arn: this.#arn(`targetgroup/${name}/${this.#nextId()}`),
      name,
      targetType,
      port,
      healthCheckIntervalSeconds: options.healthCheckIntervalSeconds ?? 30,
      unhealthyThresholdCount: options.unhealthyThresholdCount ?? 2,
      deregistrationDelaySeconds: options.deregistrationDelaySeconds ?? 300,
      targets: targets.map((id) => ({ id, port })),
    });
  }

  /** Sets the health of a target for good, and registers it when it is new; `undefined`: what it is by itself. */
  setTargetHealth(targetGroupArn: string, targetId: string, health: TargetHealth | undefined): void {
    const group = this.targetGroups.group(targetGroupArn);
    if (group.targets.every(({ id }) => id !== targetId))
      group.targets = [...group.targets, { id: targetId, port: group.port }];
    group.targets = group.targets.map((target) => (target.id === targetId ? { ...target, health } : target));
  }

  /** The listener as it is read now. */
  listener(arn: string): SimulatedListener {
    const { loadBalancer, port, protocol, defaultRuleArn, changes } = this.#listener(arn);
    return structuredClone({
      arn,
      loadBalancerArn: loadBalancer.arn,
      port,
      protocol,
      defaultRuleArn,
      defaultActions: latest(changes),
    });
  }

  /** The rule as it is read now. */
  rule(arn: string): SimulatedListenerRule {
    const { listenerArn, priority, conditions, changes } = this.#rule(arn);
    return structuredClone({ arn, listenerArn, priority, conditions, actions: latest(changes) });
  }

  /** The rules of a listener that are no default rule, by their priority. */
  rulesOf(listenerArn: string): readonly SimulatedListenerRule[] {
    return this.#rules
      .filter((rule) => rule.listenerArn === listenerArn)
      .sort((one, other) => one.priority - other.priority)
      .map(({ arn }) => this.rule(arn));
  }

  /** The target group of this ARN or name. */
  targetGroup(arnOrName: string): SimulatedTargetGroup {
    return structuredClone(this.targetGroups.group(arnOrName));
  }

  /** The load balancer that a rule or a listener belongs to. */
  loadBalancerOf(ruleOrListenerArn: string): SimulatedLoadBalancer {
    return this.#listener(this.#holder(ruleOrListenerArn).listenerArn).loadBalancer;
  }

  /**
   * The weights that the traffic follows now, by the ARN of the target group: those of a rule, or of a listener's default
   * action. Empty when it does not forward.
   */
  weightsInForce(ruleOrListenerArn: string): Readonly<Record<string, number>> {
    const { changes } = this.#holder(ruleOrListenerArn);
    const before = this.#environment.clock.now() - this.propagationSeconds * 1000;
    const inForce = changes.findLast(({ at }) => at <= before) ?? changes[0];
    return weightsOfTargetGroups(inForce?.actions ?? []);
  }

  /** Somebody else changes the actions of a rule, or of a listener's default rule. */
  changeActions(ruleOrListenerArn: string, change: (actions: readonly Action[]) => readonly Action[]): void {
    const holder = this.#holder(ruleOrListenerArn);
    this.#replaceActions(holder, change(structuredClone(latest(holder.changes))));
  }

  #replaceActions(holder: ActionHolder, actions: readonly Action[]): void {
    const kept = acceptActions(actions, {
      loadBalancerType: this.loadBalancerOf(holder.arn).type,
      hasTargetGroup: (arn) => this.targetGroups.has(arn),
      present: latest(holder.changes),
    });
    holder.changes.push({ at: this.#environment.clock.now(), actions: kept });
  }

  #firstActions(actions: readonly Action[], { type }: SimulatedLoadBalancer): ActionChange {
    const kept = acceptActions(actions, {
      loadBalancerType: type,
      hasTargetGroup: (arn) => this.targetGroups.has(arn),
      present: [],
    });
    return { at: Number.NEGATIVE_INFINITY, actions: kept };
  }

  #holders(): ActionHolder[] {
    return [...this.#listeners, ...this.#rules];
  }

  #loadBalancersOf(targetGroupArn: string): string[] {
    const forwarding = this.#holders().filter(
      ({ changes }) => targetGroupArn in weightsOfTargetGroups(latest(changes)),
    );
    return [...new Set(forwarding.map(({ arn }) => this.loadBalancerOf(arn).arn))];
  }

  #describeRulesOf({ arn, defaultRuleArn }: StoredListener): Rule[] {
    const rules = this.#rules
      .filter(({ listenerArn }) => listenerArn === arn)
      .sort((one, other) => one.priority - other.priority);
    return [...rules.map((rule) => rule.arn), defaultRuleArn].map((it) => this.#describeRule(it));
  }

  #describeRule(arn: string): Rule {
    const listener = this.#listeners.find(({ defaultRuleArn }) => defaultRuleArn === arn);
    if (listener !== undefined) {
      return {
        RuleArn: arn,
        Priority: 'default',
        Conditions: [],
        Actions: [...latest(listener.changes)],
        IsDefault: true,
      };
    }
    const { priority, conditions, changes } = this.#rule(arn);
    return {
      RuleArn: arn,
      Priority: String(priority),
      Conditions: [...conditions],
      Actions: [...latest(changes)],
      IsDefault: false,
    };
  }

  #holder(ruleOrListenerArn: string): ActionHolder {
    return (
      this.#listeners.find(
        ({ arn, defaultRuleArn }) => arn === ruleOrListenerArn || defaultRuleArn === ruleOrListenerArn,
      ) ?? this.#rule(ruleOrListenerArn)
    );
  }

  #listener(wanted: string | undefined): StoredListener {
    const arn = required(wanted, 'ListenerArn');
    const listener = this.#listeners.find((it) => it.arn === arn);
    if (listener !== undefined) return listener;
    throw new ListenerNotFoundException(clientFault(`Listener '${arn}' not found`));
  }

  #rule(arn: string): StoredRule {
    const rule = this.#rules.find((it) => it.arn === arn);
    if (rule !== undefined) return rule;
    throw new RuleNotFoundException(clientFault(`One or more rules not found: ${arn}`));
  }

  #arn(path: string): string {
    return this.#environment.arn('elasticloadbalancing', path);
  }

  /** The identifiers of load balancers are 16 hexadecimal digits. */
  #nextId(): string {
    return this.#environment.nextId().replaceAll('-', '').slice(-16);
  }
}

function latest(changes: readonly ActionChange[]): readonly Action[] {
  return changes.at(-1)?.actions ?? [];
}

function describeListener({ arn, loadBalancer, port, protocol, changes }: StoredListener): Listener {
  return {
    ListenerArn: arn,
    LoadBalancerArn: loadBalancer.arn,
    Port: port,
    Protocol: protocol,
    DefaultActions: [...latest(changes)],
  };
}

function page({ Marker, PageSize }: { Marker?: string | undefined; PageSize?: number | undefined }) {
  return { token: Marker, size: PageSize ?? 100, most: 400 };
}
