import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import * as v from 'valibot';
import { resolveClients } from '../core/clients.js';
import { positiveSeconds, strictObject } from '../core/schemas.js';
import { clientOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { HookScope } from '../swap/engine/decision.js';
import type { DeploymentSwap } from '../swap/engine/end-earlier.js';
import { SwapPlanError } from '../swap/errors.js';
import { stepsIn } from '../swap/plan/swap-plan.js';
import type { StackSwap } from '../swap/stack-swap.js';
import type { SwapSettings } from '../swap/swap-options.js';
import { codeDeployHookSeconds } from '../swap/switches/hook-limits.js';
import { settingsOf } from './parse-swap.js';
import { runSwapHook, type SwapHookDependencies } from './run-swap-hook.js';
import { runSwapTick } from './run-swap-tick.js';
import { runWatched, swapListener, watchSwap } from './swap-feed.js';
import type {
  CodeDeploySwapHookHandler,
  CodeDeploySwapHooks,
  CodeDeploySwapHooksOptions,
} from './swap-hook-types.js';
import type { CodeDeployHookClients } from './types.js';

const optionsSchema = strictObject({
  ...clientOptionsEntries,
  deadlineMarginSeconds: v.optional(positiveSeconds, 30),
  onEvent: v.optional(swapListener),
});

/** Part of the swap that each hook ends. */
const scopes = {
  beforeInstall: 'prepare',
  afterInstall: 'effect',
  afterAllowTestTraffic: 'test',
  beforeAllowTraffic: 'gate',
  afterAllowTraffic: 'verify',
} as const satisfies Record<string, HookScope>;

/** Hooks between BeforeInstall and the first production traffic in which changes can take effect: AfterInstall and AfterAllowTestTraffic. */
const waitingHooks = 2;

/**
 * Creates the Lambda handlers of a swap whose traffic CodeDeploy moves: one for each lifecycle hook of the AppSpec file, and
 * `deploymentEnded` for two triggers, the deployment's state-change event of EventBridge and the schedule `rate(5 minutes)`.
 *
 * BeforeInstall prepares, AfterInstall waits until the changes are in effect, AfterAllowTestTraffic tests, BeforeAllowTraffic verifies
 * that everything still holds, AfterAllowTraffic verifies the traffic. `deploymentEnded` does what follows: it retires the outgoing stack
 * when the deployment has succeeded for good, or undoes the changes when AWS has returned the traffic.
 *
 * A hook responds once, with a verdict that the record has. One that runs out of time rejects, so that Lambda retries it: leave the
 * function's two retries on. Hooks of rollback deployments, and duplicate events of ended deployments, change nothing.
 *
 * @remarks IAM: codedeploy:PutLifecycleEventHookExecutionStatus, and the permissions of the swap.
 * @throws InvalidInputError for a malformed option; SwapPlanError for a swap without `codeDeploySwitch`, and for a propagation time that
 * the hooks cannot wait for.
 *
 * @example
 * ```ts
 * import { codeDeploySwapHooks } from 'aws-blue-green-toolkit/hooks';
 * import { codeDeploySwitch, StackSwap } from 'aws-blue-green-toolkit/swap';
 * import { DynamoSwapRecord } from 'aws-blue-green-toolkit/swap/dynamo';
 *
 * const swap = new StackSwap({
 *   application: 'orders-production',
 *   record: new DynamoSwapRecord({ tableName: 'stack-swaps' }),
 *   boundBy: 'STACK',
 *   switch: codeDeploySwitch({
 *     cluster: 'orders',
 *     service: 'web',
 *     listenerArn: process.env['LISTENER_ARN'] ?? '',
 *   }),
 * });
 *
 * export const {
 *   beforeInstall,
 *   afterInstall,
 *   afterAllowTestTraffic,
 *   beforeAllowTraffic,
 *   afterAllowTraffic,
 *   deploymentEnded,
 * } = codeDeploySwapHooks(swap);
 * ```
 */
export function codeDeploySwapHooks(
  swap: StackSwap,
  options: CodeDeploySwapHooksOptions = {},
): CodeDeploySwapHooks {
  const anySettings = settingsOf('codeDeploySwapHooks', swap);
  const { deadlineMarginSeconds, onEvent } = parseInput(
    'codeDeploySwapHooks options',
    optionsSchema,
    options,
  );
  const settings = watchSwap(requireCodeDeploy(anySettings), onEvent);
  requireTime(settings);
  const { codeDeploy } = resolveClients<CodeDeployHookClients>(options, { codeDeploy: CodeDeployClient });
  const dependencies: SwapHookDependencies = { swap: settings, codeDeploy, deadlineMarginSeconds };
  const hook =
    (name: keyof typeof scopes): CodeDeploySwapHookHandler =>
    (event, context) =>
      runWatched(settings, context, () =>
        runSwapHook(dependencies, { name, scope: scopes[name] }, event, context),
      );
  return {
    beforeInstall: hook('beforeInstall'),
    afterInstall: hook('afterInstall'),
    afterAllowTestTraffic: hook('afterAllowTestTraffic'),
    beforeAllowTraffic: hook('beforeAllowTraffic'),
    afterAllowTraffic: hook('afterAllowTraffic'),
    deploymentEnded: (_event, context) =>
      runWatched(settings, context, () => runSwapTick(dependencies, scopeOf, context)),
  };
}

function scopeOf(name: string): HookScope | undefined {
  return Object.entries(scopes).find(([hook]) => hook === name)?.[1];
}

function requireCodeDeploy(settings: SwapSettings): DeploymentSwap {
  const { switch: mover, application } = settings;
  if (mover.kind === 'codeDeploy') return { ...settings, switch: mover };
  throw new SwapPlanError(`CodeDeploy does not move the traffic of ${application}`, {
    resource: application,
    steps: [],
    expected: 'a swap with codeDeploySwitch',
    actual: mover.kind,
  });
}

/** The test runs when `prepare` is in effect, so the hooks before it have to wait that long. */
function requireTime({ plan, application }: DeploymentSwap): void {
  const seconds = waitingHooks * codeDeployHookSeconds;
  const late = stepsIn(plan, 'prepare').filter(({ propagationSeconds }) => propagationSeconds > seconds);
  const [step] = late;
  if (step === undefined) return;
  throw new SwapPlanError(`Step "${step.name}" takes effect too late for the hooks of CodeDeploy`, {
    resource: application,
    steps: late.map(({ name }) => name),
    expected: `at most ${seconds} s`,
    actual: `${step.propagationSeconds} s`,
    remedy: 'Make the change before the deployment',
  });
}
