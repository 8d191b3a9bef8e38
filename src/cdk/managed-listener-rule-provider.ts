import { Fn, Stack } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { type Function as LambdaFunction, Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { IamPolicyDocument } from '../core/policy-document.js';
import { strictObject } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { iamPolicyFor } from '../iam/iam-policy-for.js';
import { type TimedHandlerProps, timedHandlerEntries } from './function-props.js';
import { createFunction, createRole, maxTimeout, requireSource } from './handler-functions.js';
import { GrowingPolicy, slashArn, stablePolicy } from './policies.js';
import { createMachine, machineArnOf, machineNameOf } from './shift-machine.js';

/** Props of {@link ManagedListenerRuleProvider}. */
export interface ManagedListenerRuleProviderProps extends TimedHandlerProps {}

const propsSchema = strictObject(timedHandlerEntries);

/**
 * The function of `managedListenerRuleHandler`, exported as `handler`, and the state machine for rollouts that outlast it. One provider
 * serves every `ManagedListenerRule` of a stack: pass it as their `provider`. The function may change the rules of their listeners only.
 * The policies of its role have room for 25 listeners, with any number of rules.
 *
 * The function gets the ARN of the state machine in the environment variable `STATE_MACHINE_ARN`.
 *
 * @example
 * ```ts
 * import { Stack } from 'aws-cdk-lib';
 * import { ManagedListenerRuleProvider } from 'aws-blue-green-toolkit/cdk';
 *
 * const stack = new Stack();
 * const provider = new ManagedListenerRuleProvider(stack, 'Provider', { entry: 'managed-rule.ts' });
 * console.log(provider.function.functionArn);
 * ```
 */
export class ManagedListenerRuleProvider extends Construct {
  /** Function of the custom resource. Create an alarm on its errors. */
  readonly function: LambdaFunction;
  /** State machine for rollouts that outlast the function. */
  readonly stateMachine: StateMachine;
  /** Role of the function. */
  readonly role: Role;
  readonly #machineArn: string;
  readonly #policy: GrowingPolicy;
  readonly #listeners = new Set<string>();

  /** @throws InvalidInputError for a malformed or unknown prop. */
  constructor(scope: Construct, id: string, props: ManagedListenerRuleProviderProps) {
    super(scope, id);
    const subject = 'ManagedListenerRuleProvider props';
    parseInput(subject, propsSchema, props);
    requireSource(subject, props, ['STATE_MACHINE_ARN']);
    const name = machineNameOf(this);
    // From its name, because the state machine refers to the function.
    this.#machineArn = machineArnOf(Stack.of(this), name);
    const timeout = props.timeout ?? maxTimeout;
    const shared = createRole(this, props, []);
    this.role = shared.role;
    this.#policy = new GrowingPolicy(shared.role);
    const description = 'Creates listener rules for CloudFormation, and shifts their traffic';
    this.function = createFunction(this, { id: 'Function', handler: 'handler', description }, shared, {
      props,
      timeout,
      environment: { STATE_MACHINE_ARN: this.#machineArn },
    });
    this.stateMachine = createMachine(this, {
      name,
      steps: this.function,
      timeout,
      // The same function responds to CloudFormation at the end.
      definition: { report: this.function.functionArn },
      tracing: props.tracing === Tracing.ACTIVE,
      logRetention: props.logRetention ?? RetentionDays.THREE_MONTHS,
    }).stateMachine;
  }

  /**
   * Allows the function to manage the rules of a listener. `ManagedListenerRule` does it for its own listener; a rule that is written as a
   * `CustomResource` needs it.
   */
  allowListener(listenerArn: string): void {
    if (this.#listeners.has(listenerArn)) return;
    this.#listeners.add(listenerArn);
    this.#policy.add(this.#policyFor(listenerArn));
  }

  #policyFor(listener: string): IamPolicyDocument {
    // `app/NAME/ID/ID`, also of a token.
    const name = Fn.select(1, Fn.split(':listener/', listener));
    return stablePolicy(
      {
        listener,
        listenerRule: slashArn(Stack.of(this), 'elasticloadbalancing', 'listener-rule', `${name}/*`),
        stateMachine: this.#machineArn,
      },
      (arns) => iamPolicyFor(['managedListenerRuleHandler'], arns),
    );
  }
}
