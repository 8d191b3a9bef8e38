import { parseInput } from '../../../core/validate.js';
import { deliveryTimes } from '../../cloud/deliveries.js';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedLambda } from '../lambda/simulated-lambda.js';
import { invokeAsynchronously, type SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';
import {
  matchesPattern,
  type SimulatedDelivery,
  type SimulatedEventDelivery,
  type SimulatedRule,
  type SimulatedRuleEvent,
  type SimulatedServiceEvent,
  secondsOfRate,
} from './event-deliveries.js';

/** Invokes the targets of rules, for events of services and on schedules. */
export class RuleInvoker {
  /** The plan by which events of services arrive. */
  delivery: SimulatedEventDelivery = () => [0];
  readonly deliveries: SimulatedDelivery[] = [];
  readonly #environment: SimulatedEnvironment;
  readonly #lambda: SimulatedLambda;

  constructor(environment: SimulatedEnvironment, lambda: SimulatedLambda) {
    this.#environment = environment;
    this.#lambda = lambda;
  }

  /** Sends an event to those rules that match it when it arrives. */
  emit({ source, detailType, resources, detail }: SimulatedServiceEvent, rules: () => SimulatedRule[]): void {
    const subject = 'SimulatedEventBridge.deliverEvents result';
    const event = this.#event({ source, 'detail-type': detailType, resources, detail });
    for (const seconds of parseInput(subject, deliveryTimes, this.delivery(event))) {
      this.#environment.clock.schedule(seconds, () => {
        for (const rule of rules()) {
          const { eventPattern, state } = rule;
          if (eventPattern === undefined || state === 'DISABLED') continue;
          if (matchesPattern(eventPattern, event)) this.#invoke(rule, event);
        }
      });
    }
  }

  /**
   * Invokes the targets of a rule regularly.
   *
   * @throws TypeError for a `cron(…)` expression.
   */
  schedule(rule: SimulatedRule, expression: string): void {
    const seconds = secondsOfRate(expression);
    if (seconds === undefined)
      throw new TypeError(`SimulatedCloud does not simulate the schedule ${expression}`);
    this.#environment.clock.every(seconds, () => {
      if (rule.state === 'DISABLED') return;
      const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
      this.#invoke(rule, this.#event({ ...scheduled, resources: [rule.arn], detail: {} }));
    });
  }

  #event(
    content: Pick<SimulatedRuleEvent, 'source' | 'detail-type' | 'resources' | 'detail'>,
  ): SimulatedRuleEvent {
    const { accountId, clock, nextId, region } = this.#environment;
    const time = new Date(clock.now()).toISOString().replace(/\.\d+/, '');
    return { version: '0', id: nextId(), account: accountId, time, region, ...content };
  }

  /** Invokes the targets that are simulated functions. */
  #invoke({ name, targets }: SimulatedRule, event: SimulatedRuleEvent): void {
    for (const target of targets) {
      const isFunction = /:function:/.test(target);
      const found = isFunction ? this.#lambda.findHookFunction<SimulatedRuleEvent>(target) : undefined;
      if (found === undefined) continue;
      const invocations: SimulatedInvocation[] = [];
      this.deliveries.push({ rule: name, event, invocations });
      void invokeAsynchronously(this.#environment, found, event, invocations);
    }
  }
}
