import { describeError } from '../../core/describe-error.js';

/** Response to a request of CloudFormation. */
export interface ResourceResponse {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalResourceId: string;
  /** Reason of a failure. */
  readonly reason?: string | undefined;
  /** Values for `Fn::GetAtt`. */
  readonly data?: Readonly<Record<string, string>> | undefined;
}

/** Decision of one run: a response to send, or that another one sends it. */
export type Conclusion =
  | {
      readonly kind: 'respond';
      readonly response: ResourceResponse;
      /** The request is malformed: nothing was done for it. */
      readonly isMalformed?: boolean;
    }
  /** An execution of the state machine is going to respond. */
  | { readonly kind: 'delegated' }
  /** A later run of the same request is going to respond. */
  | { readonly kind: 'duplicate' };

/** An error in the words of CloudFormation's events. */
export function describeFailure(error: unknown): string {
  return describeError(error).error;
}
