import * as v from 'valibot';
import type { CallOptions } from '../core/aws-call.js';
import type { WaitOptions } from '../core/poll-until.js';
import { anyFunction, nonEmptyString, strictObject } from '../core/schemas.js';
import type { StackReference } from '../core/stack-reference.js';
import { objectWith } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { pollTimes } from './ecs-stages.js';
import type { EcsHookStep, EcsPollTimes, EcsWaitForStep } from './ecs-steps.js';
import type { EcsHookInvocation } from './ecs-types.js';

/** The stack that a step is about: the same in every deployment, or told by the invocation. */
export type EcsStepStack = StackReference | ((invocation: EcsHookInvocation) => StackReference);

/** What `databaseStarted` needs of an `AuroraTools`. */
export interface DatabaseStarter {
  /** Starts the stack's cluster. */
  startDatabase(stack: StackReference, options: WaitOptions): Promise<unknown>;
  /** Waits until the stack's cluster is in a state. */
  waitForClusterState(stack: StackReference, state: 'available', options: WaitOptions): Promise<unknown>;
}

/** What `subscriptionEnabled` and `subscriptionDisabled` need of an `SnsTools`. */
export interface SubscriptionSwitch {
  /** Lets the stack's subscriptions deliver again. */
  enableSubscription(stack: StackReference, options: CallOptions): Promise<unknown>;
  /** Stops the deliveries of the stack's subscriptions. */
  disableSubscription(stack: StackReference, options: CallOptions): Promise<unknown>;
}

/** How a ready-made step is named. */
export interface EcsReadyStepOptions {
  /**
   * Begins the names of the steps. Needed where a stage has the same step twice, for two databases for example.
   * @default 'database' or 'subscription'
   */
  readonly name?: string | undefined;
}

const optionsSchema = strictObject({ name: v.optional(nonEmptyString) });
const pollOptionsSchema = strictObject({ name: v.optional(nonEmptyString), ...pollTimes });
const stackSchema = v.union([v.picklist(['blue', 'green']), anyFunction]);

const databaseSchema = strictObject({
  database: objectWith<DatabaseStarter>('an object with the methods', [
    'startDatabase',
    'waitForClusterState',
  ]),
  stack: stackSchema,
});

/** SNS takes up to 15 minutes to apply a filter policy everywhere. */
const propagationSeconds = 900;

/**
 * A step of an `ecsLifecycleHook`: the stack's database cluster is started, and is available. A cluster that is still being
 * stopped is started afterwards.
 *
 * @param options - `maxWaitSeconds` is 3600 by default.
 * @remarks IAM: what `AuroraTools.startDatabase` and `waitForClusterState` need.
 * @throws InvalidInputError when an argument is malformed or an option is unknown.
 */
export function databaseStarted(
  database: DatabaseStarter,
  stack: EcsStepStack,
  options: EcsReadyStepOptions & EcsPollTimes = {},
): EcsWaitForStep {
  parseInput('databaseStarted', databaseSchema, { database, stack });
  const { name = 'database', ...times } = parseInput('databaseStarted options', pollOptionsSchema, options);
  return {
    name: `${name} started`,
    ...times,
    // Starting is repeatable, and waits itself when the cluster cannot be started yet.
    waitFor: async (once, invocation) => {
      const wanted = stackOf(stack, invocation);
      await database.startDatabase(wanted, once);
      await database.waitForClusterState(wanted, 'available', once);
    },
  };
}

/**
 * Steps of an `ecsLifecycleHook`: the stack's subscriptions are enabled, and SNS has had its 15 minutes to apply that
 * everywhere.
 *
 * @remarks IAM: what `SnsTools.enableSubscription` needs.
 * @throws InvalidInputError when an argument is malformed or an option is unknown.
 */
export function subscriptionEnabled(
  subscriptions: Pick<SubscriptionSwitch, 'enableSubscription'>,
  stack: EcsStepStack,
  options: EcsReadyStepOptions = {},
): readonly EcsHookStep[] {
  parseInput('subscriptionEnabled', subscriptionSchema('enableSubscription'), { subscriptions, stack });
  const { name = 'subscription' } = parseInput('subscriptionEnabled options', optionsSchema, options);
  return [
    {
      name: `${name} enabled`,
      run: (invocation) =>
        subscriptions.enableSubscription(stackOf(stack, invocation), { signal: invocation.signal }),
    },
    { name: `${name} enabled everywhere`, waitSeconds: propagationSeconds },
  ];
}

/**
 * Steps of an `ecsLifecycleHook`: the stack's subscriptions are disabled, and SNS has had its 15 minutes to apply that
 * everywhere.
 *
 * @remarks IAM: what `SnsTools.disableSubscription` needs.
 * @throws InvalidInputError when an argument is malformed or an option is unknown.
 */
export function subscriptionDisabled(
  subscriptions: Pick<SubscriptionSwitch, 'disableSubscription'>,
  stack: EcsStepStack,
  options: EcsReadyStepOptions = {},
): readonly EcsHookStep[] {
  parseInput('subscriptionDisabled', subscriptionSchema('disableSubscription'), { subscriptions, stack });
  const { name = 'subscription' } = parseInput('subscriptionDisabled options', optionsSchema, options);
  return [
    {
      name: `${name} disabled`,
      run: (invocation) =>
        subscriptions.disableSubscription(stackOf(stack, invocation), { signal: invocation.signal }),
    },
    { name: `${name} disabled everywhere`, waitSeconds: propagationSeconds },
  ];
}

function subscriptionSchema(method: keyof SubscriptionSwitch) {
  return strictObject({
    subscriptions: v.custom<object>(
      (value) => typeof (value as Partial<SubscriptionSwitch> | undefined)?.[method] === 'function',
      `an object with the method ${method}`,
    ),
    stack: stackSchema,
  });
}

function stackOf(stack: EcsStepStack, invocation: EcsHookInvocation): StackReference {
  return typeof stack === 'function' ? stack(invocation) : stack;
}
