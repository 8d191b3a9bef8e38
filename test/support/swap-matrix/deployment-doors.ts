import { ecsLifecycleStages } from '../../../src/core/ecs-lifecycle-stages.js';
import type { StackReference } from '../../../src/core/stack-reference.js';
import { ecsSwapHook } from '../../../src/hooks/ecs-swap-hook.js';
import type { HookLambdaContext } from '../../../src/hooks/types.js';
import type { SwapRecord } from '../../../src/swap/record/types.js';
import { StackSwap } from '../../../src/swap/stack-swap.js';
import { ecsSwitch } from '../../../src/swap/switches/ecs-switch.js';
import { SimulatedCloud, type SimulatedServiceDeployment } from '../../../src/testing/index.js';
import { makeEcsDeploymentWorld } from '../ecs-deployment-world.js';
import { ObservedChanges, observe } from '../swap-schedules/observed-changes.js';
import { observedTable } from '../swap-schedules/observed-record.js';
import { goodSchedule } from '../swap-schedules/schedule.js';
import { ScheduledWorld } from '../swap-schedules/scheduled-world.js';
import { SmallStacks } from '../swap-schedules/small-stacks.js';
import type { DoorOptions, FrontDoor, SwapOfDoor } from './swap-of-door.js';

/** Time after a deployment in which the tick ends everything. */
const settleMilliseconds = 2 * 3_600_000;

class InCodeDeploy extends ScheduledWorld implements SwapOfDoor {
  constructor({ testFails }: DoorOptions) {
    super({ ...goodSchedule(1), testFails });
  }

  async run(): Promise<void> {
    const started = this.deployment.deploy(this.deployment.taskDefinitions.green);
    this.deployments.push(started);
    await started.ended;
    await started.rollback?.ended;
    await this.cloud.clock.sleep(settleMilliseconds);
  }
}

/** Two small stacks behind a service that ECS deploys. Each invocation is a process of its own. */
class InEcs implements SwapOfDoor {
  readonly cloud = new SimulatedCloud();
  readonly stacks: SmallStacks;
  readonly observed: ObservedChanges;
  readonly #options: DoorOptions;
  readonly #record: SwapRecord;
  readonly #world: ReturnType<typeof makeEcsDeploymentWorld>;
  #deployment: SimulatedServiceDeployment | undefined;
  #invocations = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
    const { cloud } = this;
    this.#world = makeEcsDeploymentWorld(cloud);
    this.stacks = new SmallStacks(cloud, { greenAlarms: false });
    this.observed = new ObservedChanges(cloud, this.stacks, {
      percentOf: (stack) => this.percentOf(stack),
      canRetire: () => this.#deployment?.status === 'SUCCESSFUL',
    });
    this.#record = observedTable(cloud, this.observed);
    const tick = cloud.lambda.addFunction({
      name: 'tick',
      timeoutSeconds: 900,
      handler: (event, context) => this.#invoke(event, context as HookLambdaContext),
    });
    const targets = [tick.arn];
    cloud.eventBridge.addRule({ name: 'tick', scheduleExpression: 'rate(5 minutes)', targets });
    cloud.eventBridge.addRule({
      name: 'deployments',
      eventPattern: { source: ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'] },
      targets,
    });
  }

  percentOf(stack: StackReference): number {
    const percent = this.#deployment?.targetPercent.production ?? 0;
    return stack === 'green' ? percent : 100 - percent;
  }

  async loadModules(): Promise<void> {
    const mover = this.#createSwitch();
    await mover.percentByStack({ boundBy: 'STACK' });
  }

  async run(): Promise<void> {
    const { deploy, taskDefinitions } = this.#world;
    const handler = (event: unknown, context: HookLambdaContext) => this.#invoke(event, context);
    this.#deployment = deploy(taskDefinitions.green, {
      hooks: [{ stages: ecsLifecycleStages.slice(1), handler }],
    });
    await this.#deployment.ended;
    await this.cloud.clock.sleep(settleMilliseconds);
  }

  #invoke(event: unknown, context: HookLambdaContext): Promise<unknown> {
    this.#invocations += 1;
    return observe(`invocation ${this.#invocations}`, async () =>
      ecsSwapHook(this.#createSwap())(event, context),
    );
  }

  #createSwitch() {
    const { service, listenerArn, clients } = this.#world;
    return ecsSwitch({ ...service, listenerArn, clients });
  }

  #createSwap(): StackSwap {
    return new StackSwap({
      application: 'orders',
      record: this.#record,
      clock: this.cloud.clock,
      boundBy: 'STACK',
      switch: this.#createSwitch(),
      ...this.stacks.plan({ ...this.#options, propagationSeconds: 900 }),
    });
  }
}

/** Front doors of a swap whose traffic AWS moves. */
export const deploymentDoors: readonly FrontDoor[] = [
  {
    name: 'codeDeploySwapHooks',
    ends: { good: ['succeeded'], failing: ['rolledBack'] },
    create: (options) => new InCodeDeploy(options),
  },
  {
    name: 'ecsSwapHook',
    // ECS does not repeat a hook whose function has died, but rolls the deployment back.
    ends: { good: ['succeeded', 'rolledBack', 'no swap'], failing: ['rolledBack', 'no swap'] },
    create: (options) => new InEcs(options),
  },
];
