import type { ClientOptions } from '../core/clients.js';
import type { SwapEvent } from '../swap/engine/swap-events.js';
import type { EcsHookResponse } from './ecs-types.js';
import type { CodeDeployHookClients, HookExecution, HookLambdaContext } from './types.js';

/** Options of `codeDeploySwapHooks`. The logger and the clock are those of the swap. */
export type CodeDeploySwapHooksOptions = ClientOptions<CodeDeployHookClients> & EcsSwapHookOptions;

/** Result of a hook of a swap. */
export interface CodeDeploySwapHookResult extends HookExecution {
  /** Response that was sent; `'None'` for a deployment that has ended, which waits for none. */
  readonly status: 'Succeeded' | 'Failed' | 'None';
  /** Reason of a `Failed` status, or for no response. */
  readonly reason?: string;
}

/** Result of `deploymentEnded`. */
export interface SwapTickResult {
  /** `unfinished`: the next call continues. */
  readonly status: 'unchanged' | 'unfinished' | 'halted';
  /** Reason of the result. */
  readonly reason: string;
}

/** Lambda handler of a lifecycle hook of a swap. */
export type CodeDeploySwapHookHandler = (
  event: unknown,
  context: HookLambdaContext,
) => Promise<CodeDeploySwapHookResult>;

/** Lambda handlers of a swap. */
export interface CodeDeploySwapHooks {
  /** Prepares the incoming stack. */
  readonly beforeInstall: CodeDeploySwapHookHandler;
  /** Waits until the preparation is in effect. */
  readonly afterInstall: CodeDeploySwapHookHandler;
  /** Runs the tests. */
  readonly afterAllowTestTraffic: CodeDeploySwapHookHandler;
  /** Verifies that everything still holds. */
  readonly beforeAllowTraffic: CodeDeploySwapHookHandler;
  /** Verifies the traffic. */
  readonly afterAllowTraffic: CodeDeploySwapHookHandler;
  /** For the event of EventBridge and for the schedule. Their content does not matter. */
  readonly deploymentEnded: (event: unknown, context: HookLambdaContext) => Promise<SwapTickResult>;
}

/** Options of `ecsSwapHook`. The logger and the clock are those of the swap. */
export interface EcsSwapHookOptions {
  /**
   * Seconds before the Lambda's own deadline at which the work ends, 1 or more. At most half of the Lambda's time-out is used.
   * @default 30
   */
  readonly deadlineMarginSeconds?: number | undefined;
  /**
   * Receives each event of the swap that this function writes to the record. An error or a rejection of the listener is logged and
   * otherwise ignored. An invocation waits up to 5 s for its promises.
   * @default none
   */
  readonly onEvent?: ((event: SwapEvent) => unknown) | undefined;
}

/** Lambda handler of a swap whose traffic ECS moves. The response to a lifecycle hook is the one that ECS expects. */
export type EcsSwapHookHandler = (
  event: unknown,
  context: HookLambdaContext,
) => Promise<EcsHookResponse | SwapTickResult>;
