import {
  type DescribeRuleCommandInput,
  type DescribeRuleCommandOutput,
  type DisableRuleCommandInput,
  type EnableRuleCommandInput,
  type ListRuleNamesByTargetCommandInput,
  type ListRuleNamesByTargetCommandOutput,
  type ListRulesCommandInput,
  type ListRulesCommandOutput,
  ManagedRuleException,
  type PutEventsCommandInput,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
  ResourceNotFoundException,
  type Rule,
  type RuleState,
} from '@aws-sdk/client-eventbridge';
import { functionOf } from '../../../core/schemas.js';
import { parseInput } from '../../../core/validate.js';
import {
  clientFault,
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import type { SimulatedLambda } from '../lambda/simulated-lambda.js';
import {
  requireListsOfValues,
  type SimulatedDelivery,
  type SimulatedEventDelivery,
  type SimulatedEventPattern,
  type SimulatedRule,
  type SimulatedServiceEvent,
} from './event-deliveries.js';
import { RuleInvoker } from './rule-invoker.js';
import { refusalOf, requireSendable } from './simulated-put-events.js';

const defaultBus = 'default';

/**
 * EventBridge in memory: event buses with their events, rules and targets. Events of CodeDeploy and ECS, and `rate(…)`
 * schedules, invoke functions of `cloud.lambda`. Events of PutEvents are only stored.
 */
export class SimulatedEventBridge implements SimulatedService {
  readonly serviceId = 'EventBridge';
  readonly iamPrefix = 'events';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    ListRuleNamesByTarget: (
      input: ListRuleNamesByTargetCommandInput,
    ): OperationOutput<ListRuleNamesByTargetCommandOutput> => {
      const targetArn = required(input.TargetArn, 'TargetArn');
      const bus = this.#busOf(input.EventBusName);
      const names = this.#rules
        .filter((rule) => rule.eventBusName === bus && rule.targets.includes(targetArn))
        .map(({ name }) => name);
      const { items, nextToken } = pageOf(names, {
        token: input.NextToken,
        size: input.Limit ?? 100,
        maxSize: 100,
      });
      return { RuleNames: items, NextToken: nextToken };
    },

    ListRules: (input: ListRulesCommandInput): OperationOutput<ListRulesCommandOutput> => {
      const bus = this.#busOf(input.EventBusName);
      const rules = this.#rules.filter(
        ({ name, eventBusName }) => eventBusName === bus && name.startsWith(input.NamePrefix ?? ''),
      );
      const { items, nextToken } = pageOf(rules, {
        token: input.NextToken,
        size: input.Limit ?? 100,
        maxSize: 100,
      });
      return { Rules: items.map(describeRule), NextToken: nextToken };
    },

    DescribeRule: (input: DescribeRuleCommandInput): OperationOutput<DescribeRuleCommandOutput> =>
      describeRule(this.#ruleOf(input)),

    EnableRule: (input: EnableRuleCommandInput): void => {
      this.#changeable(input).state = 'ENABLED';
    },

    DisableRule: (input: DisableRuleCommandInput): void => {
      this.#changeable(input).state = 'DISABLED';
    },

    PutEvents: (input: PutEventsCommandInput): OperationOutput<PutEventsCommandOutput> => {
      const sent = required(input.Entries, 'Entries');
      requireSendable(sent);
      const Entries = sent.map((entry) => refusalOf(entry) ?? this.#take(entry));
      return { FailedEntryCount: Entries.filter(({ ErrorCode }) => ErrorCode).length, Entries };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #invoker: RuleInvoker;
  readonly #buses = new Set([defaultBus]);
  readonly #rules: SimulatedRule[] = [];
  readonly #events: PutEventsRequestEntry[] = [];

  /** @internal */
  constructor(environment: SimulatedEnvironment, { lambda }: { lambda: SimulatedLambda }) {
    this.#environment = environment;
    this.#invoker = new RuleInvoker(environment, lambda);
  }

  /** Every delivery of an event to a function, oldest first. */
  get deliveries(): readonly SimulatedDelivery[] {
    return this.#invoker.deliveries;
  }

  /**
   * Sets when each event of a service arrives, in seconds after the event. Services send their events with best effort: late,
   * twice, out of order, or not at all.
   */
  deliverEvents(delivery: SimulatedEventDelivery): void {
    this.#invoker.delivery = parseInput(
      'SimulatedEventBridge.deliverEvents plan',
      functionOf<SimulatedEventDelivery>(),
      delivery,
    );
  }

  /** Sends an event of an AWS service to the default bus. */
  emit(event: SimulatedServiceEvent): void {
    this.#invoker.emit(event, () => this.#rules.filter(({ eventBusName }) => eventBusName === defaultBus));
  }

  /** Creates an event bus. The bus `default` exists from the start. */
  addBus(name: string): void {
    this.#buses.add(name);
  }

  /** Creates a rule on an existing bus. */
  addRule(options: {
    name: string;
    eventBusName?: string;
    state?: RuleState;
    managedBy?: string;
    /** The ARNs of the targets; those of functions of `cloud.lambda` are invoked. */
    targets?: readonly string[];
    /** The events of CodeDeploy and ECS that it matches. */
    eventPattern?: SimulatedEventPattern;
    /** A schedule such as `rate(5 minutes)`, which begins now. */
    scheduleExpression?: string;
  }): SimulatedRule {
    requireOptions('SimulatedEventBridge.addRule', options, {
      name: 'text',
      eventBusName: 'optional',
      state: 'optional',
      managedBy: 'optional',
      targets: 'optional',
      eventPattern: 'optional',
      scheduleExpression: 'optional',
    });
    requireListsOfValues(options.eventPattern ?? {});
    const bus = this.#busOf(options.eventBusName);
    const path = bus === defaultBus ? options.name : `${bus}/${options.name}`;
    const rule: SimulatedRule = {
      name: options.name,
      arn: this.#environment.arn('events', `rule/${path}`),
      eventBusName: bus,
      managedBy: options.managedBy,
      targets: options.targets ?? [],
      eventPattern: options.eventPattern,
      scheduleExpression: options.scheduleExpression,
      state: options.state ?? 'ENABLED',
    };
    if (rule.scheduleExpression !== undefined) this.#invoker.schedule(rule, rule.scheduleExpression);
    this.#rules.push(rule);
    return rule;
  }

  /** The rule of this name. */
  rule(name: string, eventBusName?: string): SimulatedRule {
    return this.#ruleOf({ Name: name, EventBusName: eventBusName });
  }

  /** Returns the events that were sent to a bus, oldest first. An event without a time has that of the call. */
  eventsOn(eventBusName?: string): readonly PutEventsRequestEntry[] {
    const bus = this.#busOf(eventBusName);
    return this.#events.filter(({ EventBusName }) => EventBusName === bus);
  }

  /** Stores an event. AWS reports success even when the bus does not exist: https://github.com/aws/aws-sdk/issues/186 */
  #take(entry: PutEventsRequestEntry): PutEventsResultEntry {
    const EventBusName = nameOfBus(entry.EventBusName);
    const Time = entry.Time ?? new Date(this.#environment.clock.now());
    this.#events.push({ ...entry, EventBusName, Time });
    return { EventId: this.#environment.nextId() };
  }

  #changeable(input: EnableRuleCommandInput): SimulatedRule {
    const rule = this.#ruleOf(input);
    if (rule.managedBy !== undefined) {
      throw new ManagedRuleException(
        clientFault(`Rule ${rule.name} is managed by ${rule.managedBy} and cannot be modified.`),
      );
    }
    return rule;
  }

  #ruleOf(input: { Name: string | undefined; EventBusName?: string | undefined }): SimulatedRule {
    const name = required(input.Name, 'Name');
    const bus = this.#busOf(input.EventBusName);
    const found = this.#rules.find((rule) => rule.name === name && rule.eventBusName === bus);
    if (found === undefined) {
      throw new ResourceNotFoundException(clientFault(`Rule ${name} does not exist on EventBus ${bus}.`));
    }
    return found;
  }

  #busOf(nameOrArn: string | undefined): string {
    const name = nameOfBus(nameOrArn);
    if (!this.#buses.has(name))
      throw new ResourceNotFoundException(clientFault(`Event bus ${name} does not exist.`));
    return name;
  }
}

function describeRule({ name, arn, eventBusName, state, managedBy }: SimulatedRule): Rule {
  return { Name: name, Arn: arn, EventBusName: eventBusName, State: state, ManagedBy: managedBy };
}

/** Returns the name in a bus name or ARN. */
function nameOfBus(nameOrArn: string = defaultBus): string {
  return nameOrArn.replace(/^arn:.*:event-bus\//, '');
}
