import type { StackReference } from '../../src/core/stack-reference.js';
import type { JsonValue, StepContext, SwapStep } from '../../src/swap/plan/step.js';
import { StackSwap } from '../../src/swap/stack-swap.js';
import type { StackSwapOptions } from '../../src/swap/swap-options.js';
import { shiftTraffic } from '../../src/swap/switches/shift-traffic.js';
import { VirtualClock } from '../../src/testing/cloud/virtual-clock.js';
import { canary } from '../../src/traffic/strategies/canary.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import { FakeTarget } from './fake-target.js';
import { MemorySwapRecord } from './memory-swap-record.js';

/** A call of a step that changes something. */
export interface StepCall {
  readonly step: string;
  readonly kind: 'run' | 'undo';
  readonly stack: StackReference;
  readonly at: number;
  /** Percent of the production traffic that the stack had. */
  readonly percent: number;
}

/** Behaviour of a step of a {@link SwapWorld}. */
export interface WorldStepOptions extends Partial<Omit<SwapStep, 'name' | 'run'>> {
  /** Value that the step sets. */
  readonly value?: boolean;
  /** Name of the set resource. */
  readonly resource?: string;
  /** Seconds that a call takes. */
  readonly seconds?: number;
}

/** Two stacks with resources that are on or off, and the traffic between them. */
export class SwapWorld {
  readonly clock = new VirtualClock();
  readonly record = new MemorySwapRecord();
  readonly target = new FakeTarget({ clock: this.clock });
  readonly on = new Map<string, boolean>();
  readonly calls: StepCall[] = [];
  /** Called around each change of a step; throws to fail it. */
  around: (call: StepCall, at: 'before' | 'after') => void | Promise<void> = () => {};

  constructor() {
    for (const resource of ['database', 'subscription', 'readers']) this.on.set(`blue ${resource}`, true);
    for (const resource of ['database', 'subscription', 'readers']) this.on.set(`green ${resource}`, false);
  }

  /** Resources of both stacks. */
  get state(): Readonly<Record<string, boolean>> {
    return Object.fromEntries(this.on);
  }

  /** Creates a step that switches a resource. */
  step(name: string, options: WorldStepOptions = {}): SwapStep {
    const { value = true, resource = name.split(' ').at(-1) ?? name, seconds = 0, ...rest } = options;
    const key = ({ stack }: StepContext) => `${stack} ${resource}`;
    const change = async (kind: StepCall['kind'], context: StepContext, wanted: boolean) => {
      const { stack } = context;
      const percent = this.target.rule.weights[stack];
      const call = { step: name, kind, stack, at: this.clock.now(), percent };
      this.calls.push(call);
      await this.around(call, 'before');
      if (seconds > 0) await this.clock.sleep(seconds * 1000, context.signal);
      this.on.set(key(context), wanted);
      await this.around(call, 'after');
    };
    return {
      name,
      isDone: (context) => this.on.get(key(context)) === value,
      before: (context) => this.on.get(key(context)) ?? false,
      run: (context) => change('run', context, value),
      undo: (context, before: JsonValue | undefined) => change('undo', context, before === true),
      ...rest,
    };
  }

  /** Creates a step without a state, such as a test. */
  test(
    name: string,
    run: (context: StepContext) => unknown = () => {},
    more: Partial<SwapStep> = {},
  ): SwapStep {
    return {
      name,
      undo: 'none',
      run: async (context) => {
        const { stack } = context;
        const percent = this.target.rule.weights[stack];
        const call = { step: name, kind: 'run', stack, at: this.clock.now(), percent } as const;
        this.calls.push(call);
        await this.around(call, 'before');
        await run(context);
        await this.around(call, 'after');
      },
      ...more,
    };
  }

  shifter(): TrafficShifter {
    return new TrafficShifter({ target: this.target, clock: this.clock });
  }

  /** Creates the swap as another process does: nothing is shared but the world. */
  swap(options: Partial<StackSwapOptions> = {}): StackSwap {
    return new StackSwap({
      application: 'orders',
      record: this.record,
      clock: this.clock,
      switch: shiftTraffic(this.shifter(), canary({ percent: 10, holdSeconds: 60 })),
      ...this.plan(),
      bakeSeconds: 120,
      ...options,
    });
  }

  /** Plan of a database, a subscription, and a test. */
  plan(): Pick<StackSwapOptions, 'prepare' | 'test' | 'retire'> {
    return {
      prepare: [this.step('start database'), this.step('enable subscription', { propagationSeconds: 900 })],
      test: [this.test('smoke test')],
      retire: [
        this.step('disable subscription', { value: false }),
        this.step('stop database', { value: false }),
      ],
    };
  }
}
