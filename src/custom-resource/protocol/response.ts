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

/** Conclusion of one run: a response to send, or another run that sends it. */
export type Conclusion =
  | {
      readonly kind: 'respond';
      readonly response: ResourceResponse;
      /** True for a malformed request, for which nothing was written. */
      readonly isMalformed?: boolean;
    }
  /** An execution of the state machine is going to respond. */
  | { readonly kind: 'delegated' }
  /** A later run of the same request is going to respond. */
  | { readonly kind: 'duplicate' };

/** Describes an error for the reason of a response. */
export function describeFailure(error: unknown): string {
  return describeError(error).error;
}
