import * as v from 'valibot';
import type { CallOptions } from '../core/aws-call.js';
import type { WaitOptions } from '../core/poll-until.js';
import { propagationTimes } from '../core/propagation-times.js';
import { anyFunction, nonEmptyString, stackReference, strictObject } from '../core/schemas.js';
import type { StackReference } from '../core/stack-reference.js';
import { objectWith } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { EcsHookInvocation } from './ecs-invocation.js';
import { pollTimes } from './ecs-stages.js';
import type { EcsHookStep, EcsPollTimes, EcsWaitForStep } from './ecs-steps.js';

/** Stack of a step: a fixed one, or a function of the invocation. */
export type EcsStepStack = StackReference | ((invocation: EcsHookInvocation) => StackReference);

/** Part of `AuroraTools` that `databaseStarted` calls. */
export interface DatabaseStarter {
  /** Starts the stack's cluster. */
  startDatabase(stack: StackReference, options: WaitOptions): Promise<unknown>;
  /** Waits until the stack's cluster is in a state. */
  waitForClusterState(stack: StackReference, state: 'available', options: WaitOptions): Promise<unknown>;
}

/** Part of `SnsTools` that `subscriptionEnabled` and `subscriptionDisabled` call. */
export interface SubscriptionSwitch {
  /** Resumes delivery to the stack's subscriptions. */
  enableSubscription(stack: StackReference, options: CallOptions): Promise<unknown>;
  /** Stops delivery to the stack's subscriptions. */
  disableSubscription(stack: StackReference, options: CallOptions): Promise<unknown>;
}

/** Options of the ready-made steps. */
export interface EcsReadyStepOptions {
  /**
   * Prefix of the steps' names. Needed where a stage has the same step twice, for two databases for example.
   * @default 'database' or 'subscription'
   */
  readonly name?: string | undefined;
}

const optionsSchema = strictObject({ name: v.optional(nonEmptyString) });
const pollOptionsSchema = strictObject({ name: v.optional(nonEmptyString), ...pollTimes });
const stackSchema = v.union([stackReference, anyFunction]);

const databaseSchema = strictObject({
  database: objectWith<DatabaseStarter>('an object with the methods', [
    'startDatabase',
    'waitForClusterState',
  ]),
  stack: stackSchema,
});

/**
 * Step of an `ecsLifecycleHook` that starts the stack's database cluster and waits until it is available. A cluster that is
 * still stopping is started afterwards.
 *
 * @param options - `maxWaitSeconds` is 3600 by default.
 * @remarks IAM: the actions of `AuroraTools.startDatabase` and `waitForClusterState`.
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
    // startDatabase is repeatable, and waits while the cluster cannot be started yet.
    waitFor: async (once, invocation) => {
      const wanted = stackOf(stack, invocation);
      await database.startDatabase(wanted, once);
      await database.waitForClusterState(wanted, 'available', once);
    },
  };
}

/**
 * Steps of an `ecsLifecycleHook` that enable the stack's subscriptions and wait the 15 minutes that SNS may take to apply the
 * change everywhere.
 *
 * @remarks IAM: the actions of `SnsTools.enableSubscription`.
 * @throws InvalidInputError when an argument is malformed or an option is unknown.
 */
export function subscriptionEnabled(
  subscriptions: Pick<SubscriptionSwitch, 'enableSubscription'>,
  stack: EcsStepStack,
  options: EcsReadyStepOptions = {},
): readonly EcsHookStep[] {
  const change = { step: 'subscriptionEnabled', method: 'enableSubscription', state: 'enabled' } as const;
  return subscriptionSteps(change, subscriptions, stack, options);
}

/**
 * Steps of an `ecsLifecycleHook` that disable the stack's subscriptions and wait the 15 minutes that SNS may take to apply the
 * change everywhere.
 *
 * @remarks IAM: the actions of `SnsTools.disableSubscription`.
 * @throws InvalidInputError when an argument is malformed or an option is unknown.
 */
export function subscriptionDisabled(
  subscriptions: Pick<SubscriptionSwitch, 'disableSubscription'>,
  stack: EcsStepStack,
  options: EcsReadyStepOptions = {},
): readonly EcsHookStep[] {
  const change = { step: 'subscriptionDisabled', method: 'disableSubscription', state: 'disabled' } as const;
  return subscriptionSteps(change, subscriptions, stack, options);
}

function subscriptionSteps<Method extends keyof SubscriptionSwitch>(
  { step, method, state }: { readonly step: string; readonly method: Method; readonly state: string },
  subscriptions: Pick<SubscriptionSwitch, Method>,
  stack: EcsStepStack,
  options: EcsReadyStepOptions,
): readonly EcsHookStep[] {
  const hasMethod = v.custom<object>(
    (value) => typeof (value as Partial<SubscriptionSwitch> | undefined)?.[method] === 'function',
    `an object with the method ${method}`,
  );
  const schema = strictObject({ subscriptions: hasMethod, stack: stackSchema });
  parseInput(step, schema, { subscriptions, stack });
  const { name = 'subscription' } = parseInput(`${step} options`, optionsSchema, options);
  return [
    {
      name: `${name} ${state}`,
      run: (invocation) => subscriptions[method](stackOf(stack, invocation), { signal: invocation.signal }),
    },
    { name: `${name} ${state} everywhere`, waitSeconds: propagationTimes.filterPolicy },
  ];
}

function stackOf(stack: EcsStepStack, invocation: EcsHookInvocation): StackReference {
  return typeof stack === 'function' ? stack(invocation) : stack;
}
