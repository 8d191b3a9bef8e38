import type { SNSClient } from '@aws-sdk/client-sns';
import type { ToolOptions } from '../core/tool-options.js';

/** The subscriptions of one stack. */
export interface SnsStackOptions {
  /** The ARN of the subscription through which the stack gets its messages, or several ARNs. */
  readonly subscriptionArn: string | readonly string[];
  /**
   * The filter policy of the enabled subscriptions, in each subscription's own filter policy scope; `{}` for none.
   * When it is stated, enabling writes exactly this policy, whatever was there before.
   * @default the policy that the subscription had when it was disabled
   */
  readonly enabledFilterPolicy?: Readonly<Record<string, unknown>> | undefined;
}

/** The clients that {@link SnsTools} works with. */
export interface SnsToolsClients {
  /** The client for SNS. */
  readonly sns: SNSClient;
}

/** How {@link SnsTools} is made. */
export type SnsToolsOptions = ToolOptions<SnsStackOptions, SnsToolsClients>;
