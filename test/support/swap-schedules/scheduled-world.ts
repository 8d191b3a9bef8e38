import { isRecord } from '../../../src/core/is-record.js';
import { partnerOf, type StackReference } from '../../../src/core/stack-reference.js';
import { codeDeploySwapHooks } from '../../../src/hooks/codedeploy-swap-hooks.js';
import type { CodeDeploySwapHooks } from '../../../src/hooks/swap-hook-types.js';
import type { HookLambdaContext } from '../../../src/hooks/types.js';
import { InMemorySwapRecord } from '../../../src/swap/record/in-memory-swap-record.js';
import type { SwapRecord, SwapRecordItem } from '../../../src/swap/record/types.js';
import { StackSwap } from '../../../src/swap/stack-swap.js';
import { codeDeploySwitch } from '../../../src/swap/switches/code-deploy-switch.js';
import { currentProcess, runAsAws } from '../../../src/testing/cloud/simulated-process.js';
import {
  type CodeDeployHookName,
  SimulatedCloud,
  type SimulatedGroupDeployment,
} from '../../../src/testing/index.js';
import { makeDeploymentWorld } from '../deployment-world.js';
import { Ingredients } from './ingredients.js';
import { ObservedChanges, observe } from './observed-changes.js';
import { observedTable } from './observed-record.js';
import type { SwapSchedule } from './schedule.js';
import { SmallStacks } from './small-stacks.js';

const hookNames = {
  beforeInstall: 'BeforeInstall',
  afterInstall: 'AfterInstall',
  afterAllowTestTraffic: 'AfterAllowTestTraffic',
  beforeAllowTraffic: 'BeforeAllowTraffic',
  afterAllowTraffic: 'AfterAllowTraffic',
} as const satisfies Record<Exclude<keyof CodeDeploySwapHooks, 'deploymentEnded'>, CodeDeployHookName>;

/** Two small stacks behind CodeDeploy, with the functions of their swap. Each invocation is a process of its own. */
export class ScheduledWorld {
  readonly cloud = new SimulatedCloud();
  readonly stacks: SmallStacks;
  readonly observed: ObservedChanges;
  readonly ingredients = new Ingredients();
  readonly deployments: SimulatedGroupDeployment[] = [];
  readonly deployment: ReturnType<typeof makeDeploymentWorld>;
  readonly #schedule: SwapSchedule;
  readonly #record: SwapRecord;
  readonly #deploymentsOfHooks = new Set<unknown>();
  #invocations = 0;

  constructor(schedule: SwapSchedule) {
    this.#schedule = schedule;
    const { cloud } = this;
    const { autoRollback, hooksInRollback, statusWhileWaiting, terminationWaitSeconds } = schedule;
    const group = { autoRollback, hooksInRollback, statusWhileWaiting, terminationWaitSeconds };
    this.deployment = makeDeploymentWorld({ ...group, hooks: this.#hooks() }, cloud);
    this.stacks = new SmallStacks(cloud, schedule);
    this.observed = new ObservedChanges(cloud, this.stacks, this);
    this.#record = this.#createRecord();
    const tick = cloud.lambda.addFunction({
      name: 'tick',
      timeoutSeconds: 900,
      handler: (event, context) => this.#invoke('deploymentEnded', event, context as HookLambdaContext),
    });
    const targets = [tick.arn];
    cloud.eventBridge.addRule({ name: 'tick', scheduleExpression: 'rate(5 minutes)', targets });
    const eventPattern = { source: ['aws.codedeploy'] };
    cloud.eventBridge.addRule({ name: 'deployments', eventPattern, targets });
  }

  /** Percent of the production traffic that a stack has, without a call. */
  percentOf(stack: StackReference): number {
    const { listenerArn, service, taskDefinitions } = this.deployment;
    const weights = this.cloud.elasticLoadBalancing.weightsInForce(listenerArn);
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    const { taskSets } = this.cloud.ecs.service(service.cluster, service.service);
    const groups = taskSets
      .filter((it) => it.taskDefinition === taskDefinitions[stack])
      .map((it) => it.targetGroupArn ?? '');
    const own = [...new Set(groups)].reduce((sum, group) => sum + (weights[group] ?? 0), 0);
    return (own * 100) / total;
  }

  /** True when a hook of the deployment was invoked. */
  hasInvokedFor(deploymentId: string): boolean {
    return this.#deploymentsOfHooks.has(deploymentId);
  }

  /** True when a deployment has succeeded, so that its stack can be retired. */
  canRetire(deploymentId: string): boolean {
    return this.deployments.find((it) => it.deploymentId === deploymentId)?.status === 'Succeeded';
  }

  /** Returns the stack with all the traffic; undefined while it is split. */
  get live(): StackReference | undefined {
    return (['blue', 'green'] as const).find(
      (stack) => this.percentOf(stack) === 100 && this.percentOf(partnerOf(stack)) === 0,
    );
  }

  /** True while the service has tasks of the stack. */
  hasTasks(stack: StackReference): boolean {
    return this.#taskSetOf(stack) !== undefined;
  }

  /** Gives a stack all the traffic by hand, as a person does in the console. */
  giveAllTraffic(stack: StackReference): void {
    this.cloud.elasticLoadBalancing.operations.ModifyListener({
      ListenerArn: this.deployment.listenerArn,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: this.#taskSetOf(stack)?.targetGroupArn }],
    });
  }

  #taskSetOf(stack: StackReference) {
    const { taskDefinitions, service } = this.deployment;
    const { taskSets } = this.cloud.ecs.service(service.cluster, service.service);
    return taskSets.find((it) => it.taskDefinition === taskDefinitions[stack]);
  }

  /** Creates the swap of a new process. */
  createSwap(): StackSwap {
    const { clock } = this.cloud;
    return new StackSwap({
      application: 'orders',
      record: this.#record,
      clock,
      boundBy: 'STACK',
      sameStack: this.#schedule.sameStack,
      switch: this.#createSwitch(),
      ...this.stacks.plan(this.#schedule),
    });
  }

  /** Loads the SDK beforehand, because virtual time passes while a module is loaded from disk. */
  async loadModules(): Promise<void> {
    const mover = this.#createSwitch();
    await mover.percentByStack({ boundBy: 'STACK' });
    await mover.statusOf({ kind: 'codeDeploy', id: 'd-000000000' }).catch(() => {});
  }

  #createSwitch() {
    const { service, listenerArn } = this.deployment;
    return codeDeploySwitch({ ...service, listenerArn, clients: this.cloud.clients });
  }

  #hooks() {
    const { missingHook } = this.#schedule;
    const all = Object.entries(hookNames) as [keyof typeof hookNames, CodeDeployHookName][];
    return Object.fromEntries(
      all
        .filter(([, event]) => event !== missingHook)
        .map(([name, event]) => [
          event,
          (payload: unknown, context: HookLambdaContext) => this.#invoke(name, payload, context),
        ]),
    );
  }

  #invoke(name: keyof CodeDeploySwapHooks, event: unknown, context: HookLambdaContext): Promise<unknown> {
    this.#invocations += 1;
    if (isRecord(event) && name !== 'deploymentEnded') this.#deploymentsOfHooks.add(event['DeploymentId']);
    return observe(`${name} ${this.#invocations}`, () =>
      codeDeploySwapHooks(this.createSwap(), { clients: this.cloud.clients })[name](event, context),
    );
  }

  #createRecord(): SwapRecord {
    const { cloud, observed } = this;
    if (this.#schedule.record === 'memory') return mortalRecord(new InMemorySwapRecord(), observed);
    return observedTable(cloud, observed);
  }
}

/** A record in memory, which dead processes neither read nor write. */
function mortalRecord(record: InMemorySwapRecord, observed: ObservedChanges): SwapRecord {
  const alive = <T>(call: () => Promise<T>): Promise<T> =>
    currentProcess()?.died.aborted ? new Promise(() => {}) : call();
  return {
    description: record.description,
    permissions: record.permissions,
    read: (application, options) => alive(() => record.read(application, options)),
    write: (item: SwapRecordItem, options) =>
      alive(async () => {
        const result = await record.write(item, options);
        if (result.status === 'written') runAsAws(() => observed.stored(item));
        return result;
      }),
  };
}
