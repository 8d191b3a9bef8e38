import { silentLogger } from '../../../src/core/logger.js';
import type { StackReference } from '../../../src/core/stack-reference.js';
import { runDurably } from '../../../src/durable/index.js';
import { stepFunctionsDefinition, stepFunctionsHandler } from '../../../src/step-functions/index.js';
import type { SwapRecord } from '../../../src/swap/record/types.js';
import { StackSwap } from '../../../src/swap/stack-swap.js';
import type { SwapRequest } from '../../../src/swap/swap-state.js';
import { shiftTraffic } from '../../../src/swap/switches/shift-traffic.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { AlbListenerTarget, canary, TrafficShifter } from '../../../src/traffic/index.js';
import { DurableJournal } from '../durable-journal.js';
import { makeContext } from '../ecs-hook.js';
import { execute, TaskError } from '../state-machine.js';
import { ObservedChanges } from '../swap-schedules/observed-changes.js';
import { observedTable } from '../swap-schedules/observed-record.js';
import { SmallStacks } from '../swap-schedules/small-stacks.js';
import { asProcess, type DoorOptions, type FrontDoor, type SwapOfDoor } from './swap-of-door.js';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:swap';
const request: SwapRequest = { owner: { kind: 'run', id: 'execution-1' } };

/** More deaths than one fault can cause. */
const maxProcesses = 5;

/** Two small stacks behind a listener whose weights the swap moves itself. */
abstract class ShiftedSwap implements SwapOfDoor {
  readonly cloud = new SimulatedCloud();
  readonly stacks: SmallStacks;
  readonly observed: ObservedChanges;
  readonly #options: DoorOptions;
  readonly #record: SwapRecord;
  readonly #listenerArn: string;
  readonly #groups: Readonly<Record<StackReference, string>>;

  constructor(options: DoorOptions) {
    this.#options = options;
    const { cloud } = this;
    const { elasticLoadBalancing: balancer } = cloud;
    const { arn: loadBalancerArn } = balancer.addLoadBalancer({ name: 'orders' });
    const group = (stack: StackReference) =>
      balancer.addTargetGroup({ name: stack, targets: ['10.0.0.1'] }).arn;
    this.#groups = { blue: group('blue'), green: group('green') };
    const TargetGroups = [
      { TargetGroupArn: this.#groups.blue, Weight: 100 },
      { TargetGroupArn: this.#groups.green, Weight: 0 },
    ];
    const defaultActions = [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }];
    this.#listenerArn = balancer.addListener({ loadBalancerArn, defaultActions }).arn;
    this.stacks = new SmallStacks(cloud, { greenAlarms: false });
    const canRetire = () => true;
    this.observed = new ObservedChanges(cloud, this.stacks, {
      percentOf: (stack) => this.percentOf(stack),
      canRetire,
    });
    this.#record = observedTable(cloud, this.observed);
  }

  abstract run(): Promise<void>;

  percentOf(stack: StackReference): number {
    const weights = this.cloud.elasticLoadBalancing.weightsInForce(this.#listenerArn);
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    return ((weights[this.#groups[stack]] ?? 0) * 100) / total;
  }

  async loadModules(): Promise<void> {
    await this.#target().readWeights();
  }

  /** Creates the swap of a new process. */
  protected createSwap(): StackSwap {
    const { clock } = this.cloud;
    const shifter = new TrafficShifter({ target: this.#target(), clock });
    return new StackSwap({
      application: 'orders',
      record: this.#record,
      clock,
      switch: shiftTraffic(shifter, canary({ percent: 10, holdSeconds: 60 })),
      bakeSeconds: 120,
      ...this.stacks.plan({ ...this.#options, propagationSeconds: 900 }),
    });
  }

  #target(): AlbListenerTarget {
    const { clients, clock } = this.cloud;
    return new AlbListenerTarget({
      listenerArn: this.#listenerArn,
      blue: { targetGroupArn: this.#groups.blue },
      green: { targetGroupArn: this.#groups.green },
      clients,
      clock,
    });
  }
}

class InProcess extends ShiftedSwap {
  async run(): Promise<void> {
    for (let number = 1; number <= maxProcesses; number += 1) {
      const end = await asProcess(`process ${number}`, () => this.createSwap().run(request));
      if (end !== 'died') return;
    }
    throw new Error(`${maxProcesses} processes have died`);
  }
}

class InStateMachine extends ShiftedSwap {
  async run(): Promise<void> {
    const { clock } = this.cloud;
    let number = 0;
    const invoke = async (payload: unknown) => {
      number += 1;
      const handler = stepFunctionsHandler(() => this.createSwap(), { clock, logger: silentLogger });
      const event = JSON.parse(JSON.stringify(payload));
      const end = await asProcess(`invocation ${number}`, async () => handler(event, makeContext(clock)));
      if (end === 'died') throw new TaskError('Lambda.Unknown', 'RequestId: 1 Error: Runtime exited');
      return end.result;
    };
    const definition = stepFunctionsDefinition({ functionArn });
    await execute(definition, { request }, { clock, functions: { [functionArn]: invoke } });
  }
}

class InDurableFunction extends ShiftedSwap {
  async run(): Promise<void> {
    const { clock } = this.cloud;
    const journal = new DurableJournal({
      clock,
      invokeAs: (work, number) => asProcess(`invocation ${number}`, work),
    });
    await journal.run((context) =>
      runDurably(context, this.createSwap(), request, { clock, logger: silentLogger }),
    );
  }
}

const ends = { good: ['succeeded'], failing: ['rolledBack'] };

/** Front doors of a swap that moves the traffic itself. */
export const shiftDoors: readonly FrontDoor[] = [
  { name: 'run', ends, create: (options) => new InProcess(options) },
  { name: 'stepFunctionsHandler', ends, create: (options) => new InStateMachine(options) },
  { name: 'runDurably', ends, create: (options) => new InDurableFunction(options) },
];
