import type { SNSClient } from '@aws-sdk/client-sns';
import type { CallOptions } from '../core/aws-call.js';
import type { ToolOptions } from '../core/tool-options.js';

/** The subscriptions of one stack. */
export interface SnsStackOptions {
  /** The ARN of the subscription through which the stack gets its messages, or several ARNs. */
  readonly subscriptionArn: string | readonly string[];
  /**
   * The filter policy of the enabled subscriptions, in each subscription's own filter policy scope; `{}` for none.
   * When it is stated, enabling writes exactly this policy, whatever the current one is.
   * @default the policy that the subscription had when it was disabled
   */
  readonly enabledFilterPolicy?: Readonly<Record<string, unknown>> | undefined;
}

/** AWS clients of {@link SnsTools}. */
export interface SnsToolsClients {
  /** Reads and changes subscriptions. */
  readonly sns: SNSClient;
}

/** Options of {@link SnsTools}. */
export type SnsToolsOptions = ToolOptions<SnsStackOptions, SnsToolsClients>;

/** Options of a method that switches subscriptions. */
export interface SubscriptionOptions extends CallOptions {
  /**
   * Seconds to wait while SNS refuses a change for now, such as during another change of the subscription.
   * @default 25
   */
  readonly maxWaitSeconds?: number | undefined;
  /**
   * ARNs of the stack's subscriptions to switch. The others stay unchanged.
   * @default every subscription of the stack
   */
  readonly only?: readonly string[] | undefined;
}

/**
 * State of a subscription: `enabled` with the filter policy that {@link SnsTools.enableSubscription} would set, `disabled`,
 * `other` with another policy than the stated `enabledFilterPolicy`, or `pending` while it is not confirmed.
 */
export type SubscriptionState = 'enabled' | 'disabled' | 'other' | 'pending';

/** One subscription of {@link SnsTools.describeSubscriptions}. */
export interface SubscriptionDescription {
  /** ARN of the subscription. */
  readonly subscriptionArn: string;
  /** State that is set. SNS may take up to 15 minutes to apply it. */
  readonly state: SubscriptionState;
}
