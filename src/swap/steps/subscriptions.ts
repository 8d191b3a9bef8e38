import type { CallOptions } from '../../core/aws-call.js';
import type { WaitOptions } from '../../core/poll-until.js';
import { propagationTimes } from '../../core/propagation-times.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SwapStep } from '../plan/step.js';
import {
  changeOptions,
  readOptions,
  requireMethods,
  type StepOptions,
  stepOptionsSchema,
} from './step-options.js';
import { stepPermissions } from './step-permissions.js';
import { type SwitchState, switchResources } from './switch-resources.js';

/** Part of `SnsTools` that `enableSubscription` and `disableSubscription` call. */
export interface SwapSubscriptions {
  /** Returns the state of every subscription of the stack. */
  describeSubscriptions(
    stack: StackReference,
    options: CallOptions,
  ): Promise<
    readonly {
      /** ARN of the subscription. */
      readonly subscriptionArn: string;
      /** State of the subscription. */
      readonly state: string;
    }[]
  >;
  /** Resumes delivery to the stack's subscriptions, or to some of them. */
  enableSubscription(stack: StackReference, options: SubscriptionSwitchOptions): Promise<unknown>;
  /** Stops delivery to the stack's subscriptions, or to some of them. */
  disableSubscription(stack: StackReference, options: SubscriptionSwitchOptions): Promise<unknown>;
}

/** Options of a switch of subscriptions. */
export interface SubscriptionSwitchOptions extends WaitOptions {
  /** ARNs of the subscriptions to switch. */
  readonly only?: readonly string[] | undefined;
}

const states: Readonly<Record<string, SwitchState>> = { enabled: 'on', disabled: 'off' };

/** Creates a step that switches the subscriptions of a stack. */
export function subscriptionStep(
  kind: 'enableSubscription' | 'disableSubscription',
  subscriptions: SwapSubscriptions,
  options: StepOptions,
): SwapStep {
  requireMethods(kind, subscriptions, ['describeSubscriptions', 'enableSubscription', 'disableSubscription']);
  const isEnabling = kind === 'enableSubscription';
  const { name = isEnabling ? 'enable subscription' : 'disable subscription', ...settings } = parseInput(
    `${kind} options`,
    stepOptionsSchema,
    options,
  );
  return {
    name,
    ...settings,
    propagationSeconds: propagationTimes.filterPolicy,
    switchesOff: !isEnabling,
    permissions: stepPermissions[kind],
    ...switchResources(name, isEnabling ? 'on' : 'off', {
      allowNone: false,
      async list(context) {
        const found = await subscriptions.describeSubscriptions(context.stack, readOptions(context));
        return found.map(({ subscriptionArn, state }) => ({
          id: subscriptionArn,
          state: states[state] ?? 'other',
        }));
      },
      change: (context, to, only) =>
        subscriptions[to === 'on' ? 'enableSubscription' : 'disableSubscription'](context.stack, {
          ...changeOptions(context),
          only,
        }),
    }),
  };
}
