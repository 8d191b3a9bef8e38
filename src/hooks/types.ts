import type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { ClientOptions } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';

/** Part of a Lambda context that the hooks read. The `Context` of `@types/aws-lambda` fits. */
export interface HookLambdaContext {
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis(): number;
}

/** Identifiers that CodeDeploy sends to a hook. The hook's name is not among them. */
export interface HookExecution {
  /** The deployment that waits for the hook, such as `d-ABCDEF123`. */
  readonly deploymentId: string;
  /** Identifier of this hook's execution in this deployment. It stays the same when Lambda retries the hook. */
  readonly lifecycleEventHookExecutionId: string;
}

/** Argument of the function in a CodeDeploy hook. */
export interface CodeDeployHookInvocation extends HookExecution {
  /** Aborted with a `DeadlineError` when the time for the work is over. Pass it to every tool's method. */
  readonly signal: AbortSignal;
  /** The hook's logger. */
  readonly logger: Logger;
  /** Seconds until the signal will be aborted. Can be used as `maxWaitSeconds`. */
  remainingSeconds(): number;
}

/**
 * Work of a CodeDeploy hook. Resolves when the deployment can continue; throws when it must not. A returned `false` or
 * `{ status: 'Failed' }` is a failure too. Lambda can run it again for the same hook execution, so it has to be repeatable. The
 * toolkit's methods are.
 */
export type CodeDeployHookFunction = (invocation: CodeDeployHookInvocation) => unknown;

/** Clients of `codeDeployHook`. */
export interface CodeDeployHookClients {
  /** Only used for `PutLifecycleEventHookExecutionStatus`. */
  readonly codeDeploy: CodeDeployClient;
}

/** Options of `codeDeployHook`. */
export type CodeDeployHookOptions = ClientOptions<CodeDeployHookClients> & {
  /**
   * Receives a line for the response, and one for a failure.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time, and of pauses. The time left in an invocation is always read from the Lambda context.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
  /**
   * Seconds before the Lambda's own deadline at which the signal is aborted, 1 or more. The function has the first half of them
   * for its clean-up; the second half is for the response. At most half of the Lambda's time-out is used.
   * @default 30
   */
  readonly deadlineMarginSeconds?: number | undefined;
};

/** Response that was sent to CodeDeploy. */
export interface CodeDeployHookResult extends HookExecution {
  /** Outcome of this invocation. */
  readonly status: 'Succeeded' | 'Failed';
  /**
   * True when CodeDeploy had a response before: that of this invocation, when the confirmation was lost, or that of another
   * invocation, whose status then counts.
   */
  readonly alreadyAnswered: boolean;
  /** Reason of a `Failed` status, in one line. */
  readonly reason?: string;
}

/** A Lambda handler for a CodeDeploy lifecycle hook. */
export type CodeDeployHookHandler = (
  event: unknown,
  context: HookLambdaContext,
) => Promise<CodeDeployHookResult>;
