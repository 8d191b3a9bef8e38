export { codeDeployHook } from './codedeploy-hook.js';
export type {
  CodeDeployHookClients,
  CodeDeployHookFunction,
  CodeDeployHookHandler,
  CodeDeployHookInvocation,
  CodeDeployHookOptions,
  CodeDeployHookResult,
  HookExecution,
  HookLambdaContext,
} from './types.js';
