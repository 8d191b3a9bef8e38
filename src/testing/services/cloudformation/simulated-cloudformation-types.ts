import type { SimulatedHookLambda, SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';

/** What CloudFormation sends to the Lambda behind a custom resource. */
export interface CustomResourceEvent {
  /** What is wanted. */
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** Where the answer is to be put to. */
  readonly ResponseURL: string;
  /** The ARN of the stack. */
  readonly StackId: string;
  /** Identifies this request; the same when Lambda runs it again. */
  readonly RequestId: string;
  /** The resource's type in the template. */
  readonly ResourceType: string;
  /** The resource's name in the template. */
  readonly LogicalResourceId: string;
  /** What the resource has been called by its own answers; not in a creation. */
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
  /** The Lambda behind the resource. */
  readonly lambda: SimulatedHookLambda<CustomResourceEvent>;
}

/** An answer to a request, as it was put. */
export interface SimulatedResourceAnswer {
  /** `SUCCESS` or `FAILED`. */
  readonly Status: string;
  /** Why it failed. */
  readonly Reason?: string;
  /** What the resource is called. */
  readonly PhysicalResourceId: string;
  /** What the template can get. */
  readonly Data?: Readonly<Record<string, string>>;
}

/** A request of CloudFormation, and what became of it. */
export interface SimulatedResourceRequest {
  /** What the Lambda was sent. */
  readonly event: CustomResourceEvent;
  /** The virtual time in milliseconds since 1970. */
  readonly startedAt: number;
  /** When CloudFormation went on. */
  endedAt?: number;
  /** The Lambda's attempts. */
  readonly invocations: readonly SimulatedInvocation[];
  /** Every answer that arrived; CloudFormation goes by the first. */
  readonly answers: readonly SimulatedResourceAnswer[];
  /** What CloudFormation made of it. */
  outcome?: 'SUCCESS' | 'FAILED';
  /** Why it failed. */
  reason?: string;
}

/** How an operation on a stack ended. */
export type SimulatedStackStatus =
  | 'CREATE_COMPLETE'
  | 'ROLLBACK_COMPLETE'
  | 'ROLLBACK_FAILED'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED';
