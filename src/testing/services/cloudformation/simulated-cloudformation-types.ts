import type { SimulatedHookLambda, SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';

/** The event of a Lambda function behind a custom resource. */
export interface CustomResourceEvent {
  /** The operation on the resource. */
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** The signed address for the response. */
  readonly ResponseURL: string;
  /** The ARN of the stack. */
  readonly StackId: string;
  /** Identifies this request; the same when Lambda runs it again. */
  readonly RequestId: string;
  /** The resource's type in the template. */
  readonly ResourceType: string;
  /** The resource's name in the template. */
  readonly LogicalResourceId: string;
  /** The ID that the resource has given itself; not in a creation. */
  readonly PhysicalResourceId?: string;
  /** The properties, in which every number and boolean is a string. */
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  /** The properties until now, in an update. */
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

/** A stack with one custom resource. */
export interface SimulatedStackOptions {
  /** The stack's name. */
  readonly name: string;
  /**
   * The resource's name in the template.
   * @default 'Rule'
   */
  readonly logicalResourceId?: string | undefined;
  /** The Lambda function behind the resource. */
  readonly lambda: SimulatedHookLambda<CustomResourceEvent>;
}

/** A response to a request, as the handler has put it. */
export interface SimulatedResourceResponse {
  /** `SUCCESS` or `FAILED`. */
  readonly Status: string;
  /** The reason of a failure. */
  readonly Reason?: string;
  /** The ID of the resource. */
  readonly PhysicalResourceId: string;
  /** Values for `Fn::GetAtt`. */
  readonly Data?: Readonly<Record<string, string>>;
}

/** A request of CloudFormation and its outcome. */
export interface SimulatedResourceRequest {
  /** The event of the Lambda function. */
  readonly event: CustomResourceEvent;
  /** The virtual time in milliseconds since 1970. */
  readonly startedAt: number;
  /** Time at which CloudFormation stopped waiting: milliseconds since 1970. */
  endedAt?: number;
  /** The attempts of the Lambda function. */
  readonly invocations: readonly SimulatedInvocation[];
  /** Every response that arrived. CloudFormation uses the first one. */
  readonly responses: readonly SimulatedResourceResponse[];
  /** The outcome for CloudFormation. */
  outcome?: 'SUCCESS' | 'FAILED';
  /** The reason of a failure. */
  reason?: string;
}

/** Options of a stack update. */
export interface SimulatedUpdateOptions {
  /** True when another resource of the stack fails after the update of this one. */
  readonly failsAfterwards?: boolean;
  /**
   * Seconds after the request until the update is cancelled. CloudFormation then stops waiting for the response and sends
   * the old properties at once.
   */
  readonly cancelAfterSeconds?: number;
}

/** End of an operation on a stack. */
export type SimulatedStackStatus =
  | 'CREATE_COMPLETE'
  | 'ROLLBACK_COMPLETE'
  | 'ROLLBACK_FAILED'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED';
