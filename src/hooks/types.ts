import type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { ClientOptions } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';

/** What the hook needs of a Lambda invocation's context; the `Context` of `@types/aws-lambda` fits. */
export interface HookLambdaContext {
  /** Milliseconds until Lambda ends the invocation. */
  getRemainingTimeInMillis(): number;
}

/** What CodeDeploy tells a hook; the hook's name is not part of it. */
export interface HookExecution {
  /** The deployment that waits for the hook, such as `d-ABCDEF123`. */
  readonly deploymentId: string;
  /** Identifies the execution of this hook in this deployment; the same when Lambda runs the hook again. */
  readonly lifecycleEventHookExecutionId: string;
}

/** What the function in a CodeDeploy hook is given. */
export interface CodeDeployHookInvocation extends HookExecution {
  /** Aborted, with a `DeadlineError`, when the time left for the work is over: hand it to every tool's method. */
  readonly signal: AbortSignal;
  /** The hook's logger. */
  readonly logger: Logger;
  /** Seconds until the signal will be aborted: fit for `maxWaitSeconds`. */
  remainingSeconds(): number;
}

/**
 * The work of a CodeDeploy hook: resolves when the deployment may go on, throws when it may not. It can be run again for
 * the same hook execution, by Lambda's retries, so everything in it has to be repeatable; the toolkit's methods are.
 */
export type CodeDeployHookFunction = (invocation: CodeDeployHookInvocation) => unknown;

/** The clients that `codeDeployHook` works with. */
export interface CodeDeployHookClients {
  /** Only used for `PutLifecycleEventHookExecutionStatus`. */
  readonly codeDeploy: CodeDeployClient;
}

/** How `codeDeployHook` works. */
export type CodeDeployHookOptions = ClientOptions<CodeDeployHookClients> & {
  /**
   * Where the outcome, and above all a failure, is logged to.
   * @default console
   */
  readonly logger?: Logger | undefined;
  /**
   * How waits wait; how much time is left is always read from the Lambda context.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
  /**
   * Seconds before the Lambda's own deadline at which the signal is aborted, 1 or more. The first half of them is for
   * the function to clean up, the second half for the answer. Of a Lambda whose time-out is so short that the margin
   * would be more than half of it, half of the time-out is taken.
   * @default 30
   */
  readonly deadlineMarginSeconds?: number | undefined;
};

/** What CodeDeploy was answered. */
export interface CodeDeployHookResult extends HookExecution {
  /** What this invocation came to. */
  readonly status: 'Succeeded' | 'Failed';
  /**
   * CodeDeploy said that it had an answer already: of this invocation, when the call took effect but its own answer got
   * lost, or of another one, whose status stands then.
   */
  readonly alreadyAnswered: boolean;
  /** Why the status is `Failed`, in one line. */
  readonly reason?: string;
}

/** A Lambda handler for a CodeDeploy lifecycle hook. */
export type CodeDeployHookHandler = (
  event: unknown,
  context: HookLambdaContext,
) => Promise<CodeDeployHookResult>;
