import { codeDeploySwapHooks } from '../../src/hooks/codedeploy-swap-hooks.js';
import type { CodeDeploySwapHooks } from '../../src/hooks/swap-hook-types.js';
import { DynamoSwapRecord } from '../../src/swap/dynamo/dynamo-swap-record.js';
import type { StepContext, SwapStep } from '../../src/swap/plan/step.js';
import type { SwapRecordItem } from '../../src/swap/record/types.js';
import { StackSwap } from '../../src/swap/stack-swap.js';
import type { StackSwapOptions } from '../../src/swap/swap-options.js';
import { codeDeploySwitch } from '../../src/swap/switches/code-deploy-switch.js';
import { SimulatedCloud, type SimulatedDeploymentGroupOptions } from '../../src/testing/index.js';
import { makeDeploymentWorld } from './deployment-world.js';

/** A call of a step that changed something. */
export interface DeployedStepCall {
  readonly step: string;
  readonly kind: 'run' | 'undo';
  readonly stack: 'blue' | 'green';
  /** Percent of the production traffic that the stack had. */
  readonly percent: number;
}

type HookName = Exclude<keyof CodeDeploySwapHooks, 'deploymentEnded'>;

/** Lifecycle events of CodeDeploy by the names of their hooks. */
export const hookEvents = {
  beforeInstall: 'BeforeInstall',
  afterInstall: 'AfterInstall',
  afterAllowTestTraffic: 'AfterAllowTestTraffic',
  beforeAllowTraffic: 'BeforeAllowTraffic',
  afterAllowTraffic: 'AfterAllowTraffic',
} as const;

/** A service that CodeDeploy deploys with the hooks of a swap, a schedule for the tick, and two resources in each stack. */
export function makeCodeDeploySwapWorld({
  group = {},
  plan = () => ({}),
}: {
  readonly group?: Partial<SimulatedDeploymentGroupOptions>;
  readonly plan?: (world: { step: typeof step; test: typeof test }) => Partial<StackSwapOptions>;
} = {}) {
  const cloud = new SimulatedCloud();
  const on = new Map<string, boolean>();
  for (const resource of ['database', 'subscription'])
    on.set(`blue ${resource}`, true).set(`green ${resource}`, false);
  const calls: DeployedStepCall[] = [];
  const around = { call: async (_call: DeployedStepCall) => {} };
  const hooks: { current?: CodeDeploySwapHooks } = {};
  const handler = (name: HookName) => ({
    handler: (event: unknown, context: { getRemainingTimeInMillis(): number }) =>
      hooks.current?.[name](event, context),
  });
  const world = makeDeploymentWorld(
    {
      hooks: Object.fromEntries(
        Object.entries(hookEvents).map(([name, event]) => [event, handler(name as HookName)]),
      ),
      ...group,
    },
    cloud,
  );
  cloud.dynamoDb.addTable({ name: 'stack-swaps', partitionKey: 'application' });
  const { clients, clock } = cloud;
  const mover = codeDeploySwitch({ ...world.service, listenerArn: world.listenerArn, clients });
  const record = new DynamoSwapRecord({ tableName: 'stack-swaps', clients, clock });

  function step(name: string, value = true, more: Partial<SwapStep> = {}): SwapStep {
    const key = ({ stack }: StepContext) => `${stack} ${name.split(' ').at(-1)}`;
    const change = async (kind: 'run' | 'undo', context: StepContext, wanted: boolean) => {
      const percents = await mover.percentByStack({ boundBy: 'STACK' });
      const call = { step: name, kind, stack: context.stack, percent: percents[context.stack] };
      await around.call(call);
      calls.push(call);
      on.set(key(context), wanted);
    };
    return {
      name,
      isDone: (context) => on.get(key(context)) === value,
      before: (context) => on.get(key(context)) ?? false,
      run: (context) => change('run', context, value),
      undo: (context, before) => change('undo', context, before === true),
      ...more,
    };
  }

  function test(name: string, run: () => unknown = () => {}): SwapStep {
    return { name, undo: 'none', run };
  }

  const makeSwap = (options: Partial<StackSwapOptions> = {}) =>
    new StackSwap({
      application: 'orders',
      record,
      clock,
      boundBy: 'STACK',
      switch: mover,
      prepare: [step('start database'), step('enable subscription', true, { propagationSeconds: 900 })],
      test: [test('smoke test')],
      retire: [step('disable subscription', false), step('stop database', false)],
      ...plan({ step, test }),
      ...options,
    });
  const swap = makeSwap();
  hooks.current = codeDeploySwapHooks(swap, { clients });
  const tick = cloud.lambda.addFunction({
    name: 'tick',
    timeoutSeconds: 900,
    handler: (event, context) => hooks.current?.deploymentEnded(event, context as never),
  });
  cloud.eventBridge.addRule({ name: 'tick', scheduleExpression: 'rate(5 minutes)', targets: [tick.arn] });
  return {
    ...world,
    swap,
    makeSwap,
    hooks,
    calls,
    around,
    mover,
    state: () => Object.fromEntries(on),
    item: async () => (await record.read('orders')) as SwapRecordItem | undefined,
  };
}
