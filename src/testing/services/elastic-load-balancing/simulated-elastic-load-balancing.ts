import {
  type Action,
  type CreateListenerCommandInput,
  type CreateListenerCommandOutput,
  type DescribeListenersCommandInput,
  type DescribeListenersCommandOutput,
  type DescribeRulesCommandInput,
  type DescribeRulesCommandOutput,
  DuplicateListenerException,
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
  awsError,
  clientFault,
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import {
  type ActionChange,
  type ActionHolder,
  actionsInEffect,
  latestActions,
  names,
} from './simulated-action-holders.js';
import { changeConditions, listenerRuleOperations, type RuleRecord } from './simulated-listener-rules.js';
import {
  acceptActions,
  stickinessSecondsOf,
  weightsOfTargetGroups,
} from './simulated-load-balancer-actions.js';
import type {
  SimulatedListener,
  SimulatedListenerRule,
  SimulatedLoadBalancer,
  SimulatedTargetGroup,
} from './simulated-load-balancer-types.js';
import { SimulatedTargetGroups } from './simulated-target-groups.js';

interface StoredListener extends ActionHolder {
  readonly loadBalancer: SimulatedLoadBalancer;
  readonly port: number;
  readonly protocol: ProtocolEnum;
  readonly defaultRuleArn: string;
}

type StoredRule = ActionHolder & RuleRecord;

const lowestPriority = 50_000;

/**
 * Elastic Load Balancing in memory: load balancers, listeners, rules and target groups. A read shows a change at once; it
 * is in effect after {@link propagationSeconds}.
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

    CreateListener: (input: CreateListenerCommandInput): OperationOutput<CreateListenerCommandOutput> => {
      const { arn } = this.#loadBalancer(required(input.LoadBalancerArn, 'LoadBalancerArn'));
      const port = required(input.Port, 'Port');
      if (this.#listeners.some((it) => it.loadBalancer.arn === arn && it.port === port))
        throw new DuplicateListenerException(clientFault(`A listener already exists on port ${port}`));
      const created = this.addListener({
        loadBalancerArn: arn,
        defaultActions: required(input.DefaultActions, 'DefaultActions'),
        port,
        protocol: required(input.Protocol, 'Protocol'),
      });
      return { Listeners: [describeListener(this.#listener(created.arn))] };
    },

    DescribeListeners: (
      input: DescribeListenersCommandInput,
    ): OperationOutput<DescribeListenersCommandOutput> => {
      const { ListenerArns, LoadBalancerArn } = input;
      if ((ListenerArns === undefined) === (LoadBalancerArn === undefined))
        throw awsError('ValidationError', 'Exactly one of ListenerArns and LoadBalancerArn is needed');
      const listeners = ListenerArns
        ? ListenerArns.map((arn) => this.#listener(arn))
        : this.#listenersOf(this.#loadBalancer(LoadBalancerArn));
      const { items, nextToken } = pageOf(listeners, page(input));
      return { Listeners: items.map(describeListener), NextMarker: nextToken };
    },

    DescribeRules: (input: DescribeRulesCommandInput): OperationOutput<DescribeRulesCommandOutput> => {
      const { RuleArns, ListenerArn } = input;
      if ((RuleArns === undefined) === (ListenerArn === undefined))
        throw awsError('ValidationError', 'Exactly one of RuleArns and ListenerArn is needed');
      const rules = RuleArns
        ? RuleArns.map((arn) => this.#describeRule(arn))
        : this.#describeRulesOf(this.#listener(ListenerArn));
      const { items, nextToken } = pageOf(rules, page(input));
      return { Rules: items, NextMarker: nextToken };
    },

    ModifyListener: (input: ModifyListenerCommandInput): OperationOutput<ModifyListenerCommandOutput> => {
      const listener = this.#listener(input.ListenerArn);
      if (input.DefaultActions !== undefined) this.#replaceActions(listener, input.DefaultActions);
      return { Listeners: [describeListener(listener)] };
    },

    ModifyRule: (input: ModifyRuleCommandInput): OperationOutput<ModifyRuleCommandOutput> => {
      const arn = required(input.RuleArn, 'RuleArn');
      if (this.#listeners.some(({ defaultRuleArn }) => defaultRuleArn === arn))
        throw new OperationNotPermittedException(clientFault(`Default rule '${arn}' cannot be modified`));
      if (input.Actions !== undefined) this.#replaceActions(this.#rule(arn), input.Actions);
      if (input.Conditions !== undefined) changeConditions(this.#rule(arn), input.Conditions);
      return { Rules: [this.#describeRule(arn)] };
    },
  };

  /** Virtual seconds until a change of actions is in effect. */
  propagationSeconds = 0;

  readonly #environment: SimulatedEnvironment;
  readonly #loadBalancers: SimulatedLoadBalancer[] = [];
  readonly #listeners: StoredListener[] = [];
  readonly #rules: StoredRule[] = [];

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
    this.targetGroups = new SimulatedTargetGroups(environment, {
      isNamed: (arn) => this.#holders().some((holder) => names(holder, arn)),
      loadBalancersOf: (arn) => this.#loadBalancersOf(arn),
      requireLoadBalancer: (arn) => void this.#loadBalancer(arn),
      isBehindGroupsWithoutStickiness: (arn) => this.#isBehindGroupsWithoutStickiness(arn),
    });
    this.operations = { ...this.#ownOperations, ...this.targetGroups.operations };
  }

  /** Creates a load balancer. */
  addLoadBalancer(options: { name: string; type?: 'application' | 'network' }): SimulatedLoadBalancer {
    requireOptions('SimulatedElasticLoadBalancing.addLoadBalancer', options, {
      name: 'text',
      type: ['application', 'network'],
    });
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
    requireOptions('SimulatedElasticLoadBalancing.addListener', options, {
      loadBalancerArn: 'text',
      defaultActions: 'needed',
      port: 'optional',
      protocol: 'optional',
    });
    const loadBalancer = this.#loadBalancer(options.loadBalancerArn);
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
    /** 1–50000; the lowest is evaluated first. */
    priority: number;
    /** At least one, such as `{ Field: 'path-pattern', Values: ['/api/*'] }`. */
    conditions: readonly RuleCondition[];
    /** Actions in the form of `CreateRule`. The last one forwards, redirects or returns a fixed response. */
    actions: readonly Action[];
  }): SimulatedListenerRule {
    requireOptions('SimulatedElasticLoadBalancing.addRule', options, {
      listenerArn: 'text',
      priority: 'needed',
      conditions: 'needed',
      actions: 'needed',
    });
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

  /** Creates a target group. Its targets have been registered for long. */
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
    /**
     * Target stickiness: the attribute `stickiness.enabled`.
     * @default false
     */
    stickiness?: boolean;
  }): SimulatedTargetGroup {
    requireOptions('SimulatedElasticLoadBalancing.addTargetGroup', options, {
      name: 'text',
      targets: 'optional',
      port: 'optional',
      targetType: ['instance', 'ip', 'lambda'],
      healthCheckIntervalSeconds: 'optional',
      unhealthyThresholdCount: 'optional',
      deregistrationDelaySeconds: 'optional',
      stickiness: 'optional',
    });
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
      stickiness: options.stickiness ?? false,
      targets: targets.map((id) => ({ id, port })),
    });
  }

  /** Sets the health of a target, and registers a new target. `undefined` restores the simulated health. */
  setTargetHealth(targetGroupArn: string, targetId: string, health: TargetHealth | undefined): void {
    const group = this.targetGroups.group(targetGroupArn);
    if (group.targets.every(({ id }) => id !== targetId))
      group.targets = [...group.targets, { id: targetId, port: group.port }];
    group.targets = group.targets.map((target) => (target.id === targetId ? { ...target, health } : target));
  }

  /** Returns the listener as a read shows it now. */
  listener(arn: string): SimulatedListener {
    const { loadBalancer, port, protocol, defaultRuleArn, changes } = this.#listener(arn);
    return structuredClone({
      arn,
      loadBalancerArn: loadBalancer.arn,
      port,
      protocol,
      defaultRuleArn,
      defaultActions: latestActions(changes),
    });
  }

  /** Returns the rule as a read shows it now. */
  rule(arn: string): SimulatedListenerRule {
    const { listenerArn, priority, conditions, changes } = this.#rule(arn);
    return structuredClone({ arn, listenerArn, priority, conditions, actions: latestActions(changes) });
  }

  /** Returns the rules of a listener by priority, without the default rule. */
  rulesOf(listenerArn: string): readonly SimulatedListenerRule[] {
    return this.#rules
      .filter((rule) => rule.listenerArn === listenerArn)
      .sort((one, other) => one.priority - other.priority)
      .map(({ arn }) => this.rule(arn));
  }

  /** Returns the target group of this ARN or name. */
  targetGroup(arnOrName: string): SimulatedTargetGroup {
    return structuredClone(this.targetGroups.group(arnOrName));
  }

  /** Returns the load balancer of a rule or a listener. */
  loadBalancerOf(ruleOrListenerArn: string): SimulatedLoadBalancer {
    return this.#listener(this.#holder(ruleOrListenerArn).listenerArn).loadBalancer;
  }

  /**
   * Returns the weights in effect of a rule, or of a listener's default action, by the ARN of the target group. Empty when
   * the action does not forward.
   */
  weightsInForce(ruleOrListenerArn: string): Readonly<Record<string, number>> {
    return weightsOfTargetGroups(this.#actionsInEffect(ruleOrListenerArn));
  }

  /**
   * Returns the seconds of group stickiness in effect, of a rule or of a listener's default action. Undefined while it is
   * off.
   *
   * @internal
   */
  stickinessInEffect(ruleOrListenerArn: string): number | undefined {
    return stickinessSecondsOf(this.#actionsInEffect(ruleOrListenerArn));
  }

  /** Changes the actions of a rule, or of a listener's default rule, from outside the program under test. */
  changeActions(ruleOrListenerArn: string, change: (actions: readonly Action[]) => readonly Action[]): void {
    const holder = this.#holder(ruleOrListenerArn);
    this.#replaceActions(holder, change(structuredClone(latestActions(holder.changes))));
  }

  #replaceActions(holder: ActionHolder, actions: readonly Action[]): void {
    const present = latestActions(holder.changes);
    const kept = this.#accept(actions, this.loadBalancerOf(holder.arn), present);
    holder.changes.push({ at: this.#environment.clock.now(), actions: kept });
  }

  #firstActions(actions: readonly Action[], loadBalancer: SimulatedLoadBalancer): ActionChange {
    return { at: Number.NEGATIVE_INFINITY, actions: this.#accept(actions, loadBalancer, []) };
  }

  #accept(actions: readonly Action[], { arn, type }: SimulatedLoadBalancer, present: readonly Action[]) {
    return acceptActions(actions, {
      loadBalancerType: type,
      hasTargetGroup: (group) => this.targetGroups.has(group),
      hasOtherLoadBalancer: (group) => this.#loadBalancersOf(group).some((other) => other !== arn),
      hasTargetStickiness: (group) => this.targetGroups.group(group).stickiness,
      present,
    });
  }

  #actionsInEffect(ruleOrListenerArn: string): readonly Action[] {
    const before = this.#environment.clock.now() - this.propagationSeconds * 1000;
    return actionsInEffect(this.#holder(ruleOrListenerArn).changes, before);
  }

  #holders(): ActionHolder[] {
    return [...this.#listeners, ...this.#rules];
  }

  #loadBalancersOf(targetGroupArn: string): string[] {
    const forwarding = this.#holders().filter((holder) => names(holder, targetGroupArn));
    return [...new Set(forwarding.map(({ arn }) => this.loadBalancerOf(arn).arn))];
  }

  #isBehindGroupsWithoutStickiness(targetGroupArn: string): boolean {
    return this.#holders().some((holder) => {
      const actions = latestActions(holder.changes);
      const isOneOfSeveral = Object.keys(weightsOfTargetGroups(actions)).length > 1;
      return isOneOfSeveral && names(holder, targetGroupArn) && stickinessSecondsOf(actions) === undefined;
    });
  }

  #loadBalancer(wanted: string | undefined): SimulatedLoadBalancer {
    const loadBalancer = this.#loadBalancers.find(({ arn }) => arn === wanted);
    if (loadBalancer !== undefined) return loadBalancer;
    throw new LoadBalancerNotFoundException(clientFault(`Load balancer '${wanted}' not found`));
  }

  #listenersOf({ arn }: SimulatedLoadBalancer): StoredListener[] {
    return this.#listeners.filter(({ loadBalancer }) => loadBalancer.arn === arn);
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
        Actions: [...latestActions(listener.changes)],
        IsDefault: true,
      };
    }
    const { priority, conditions, changes } = this.#rule(arn);
    return {
      RuleArn: arn,
      Priority: String(priority),
      Conditions: [...conditions],
      Actions: [...latestActions(changes)],
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

  /** Returns an identifier of 16 hexadecimal digits. */
  #nextId(): string {
    return this.#environment.nextId().replaceAll('-', '').slice(-16);
  }
}

function describeListener({ arn, loadBalancer, port, protocol, changes }: StoredListener): Listener {
  return {
    ListenerArn: arn,
    LoadBalancerArn: loadBalancer.arn,
    Port: port,
    Protocol: protocol,
    DefaultActions: [...latestActions(changes)],
  };
}

function page({ Marker, PageSize }: { Marker?: string | undefined; PageSize?: number | undefined }) {
  return { token: Marker, size: PageSize ?? 100, maxSize: 400 };
}
