import type { RecordedCall, SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { ordersSwap } from '../examples/whole-stack-swap/plan.js';
import { numbersByStep, stepNames } from '../examples/whole-stack-swap/step-names.js';
import { runSwap } from '../examples/whole-stack-swap/swap.js';
import { type PlannedStep, stepsIn } from '../src/swap/plan/swap-plan.js';
import type { StepRecord, SwapRecordItem } from '../src/swap/record/types.js';
import { settingsKey } from '../src/swap/swap-options.js';
import { type CallCount, countCalls, maxReadsBeforeChange } from './recorded-steps.js';
import { type StepCalls, swapCalls } from './swap-minimum.js';

/** Calls of one step of the swap, and the most that it may make. */
export interface StepCost {
  readonly number: number;
  readonly name: string;
  /** Calls of the tools. */
  readonly counted: CallCount;
  /** Most that one fact was read before the change: in the look before it, and by the tool itself. */
  readonly readsBeforeChange: number;
  readonly expected: StepCalls;
  /** Steps of the plan that have this number. */
  readonly planSteps: number;
  /** Writes of the record. A write that ends one step and claims the next one belongs to the next one. */
  readonly recordWrites: number;
}

/** Calls of a whole swap, by their purpose. */
export interface SwapCost {
  readonly steps: readonly StepCost[];
  /** Reads and writes of the record. */
  readonly record: number;
  /** Writes of the record. */
  readonly recordWrites: number;
  /** Reads of the deployment and the traffic, and the responses of the hooks. */
  readonly deployment: number;
  readonly total: number;
}

/** Runs the whole-stack swap in `SimulatedCloud`, and counts the calls of each step. */
export async function measureSwap(): Promise<SwapCost> {
  const observed = new ObservedSteps();
  await runSwap({
    scenario: 'swap',
    changes: {
      makeSwap: (variables, dependencies) => {
        const swap = ordersSwap(variables, dependencies);
        const { plan } = swap[settingsKey];
        for (const step of stepsIn(plan, 'prepare', 'test', 'retire')) observed.observe(step);
        return swap;
      },
      setScene: ({ cloud }) => {
        observed.cloud = cloud;
      },
    },
  });
  const all = observed.cloud?.calls ?? [];
  const writes = all.filter(isWrite);
  const writesByNumber = countWrites(writes);
  return {
    steps: Object.entries(swapCalls).map(([key, expected]) => {
      const number = Number(key);
      return {
        number,
        name: stepNames[number - 1] ?? '',
        counted: countCalls(observed.callsOf(number)),
        readsBeforeChange: maxReadsBeforeChange(observed.callsOf(number)),
        expected,
        planSteps: [...numbersByStep.values()].filter((it) => it.number === number).length,
        recordWrites: writesByNumber.get(number) ?? 0,
      };
    }),
    record: all.filter(isOfRecord).length,
    recordWrites: writes.length,
    deployment: all.filter(isOfDeployment).length,
    total: all.length,
  };
}

/**
 * Collects the calls within the functions of each step, until the step is done. The looks at all steps at the end of a phase and at
 * the gate come later.
 */
class ObservedSteps {
  cloud: SimulatedCloud | undefined;
  readonly #indexes = new Map<number, Set<number>>();
  readonly #done = new Set<string>();

  observe({ name, source }: PlannedStep): void {
    const { isDone, before, run } = source;
    const number = numbersByStep.get(name)?.number ?? 0;
    let hasRun = false;
    const within = async <Result>(call: () => Result | Promise<Result>): Promise<Result> => {
      const since = this.#count();
      const isOpen = !this.#done.has(name);
      try {
        return await call();
      } finally {
        if (isOpen) this.#add(number, since);
      }
    };
    Object.assign(source, {
      ...(isDone && {
        isDone: async (...args: Parameters<typeof isDone>) => {
          const answer = await within(() => isDone(...args));
          if (answer && hasRun) this.#done.add(name);
          return answer;
        },
      }),
      ...(before && { before: (...args: Parameters<typeof before>) => within(() => before(...args)) }),
      run: async (...args: Parameters<typeof run>) => {
        await within(() => run(...args));
        hasRun = true;
      },
    });
  }

  /** Calls of the steps with a number, in their order. */
  callsOf(number: number): readonly RecordedCall[] {
    const indexes = this.#indexes.get(number) ?? new Set();
    return (this.cloud?.calls ?? []).filter(
      (call, index) => indexes.has(index) && !isOfRecord(call) && !isOfDeployment(call),
    );
  }

  #count(): number {
    return this.cloud?.calls.length ?? 0;
  }

  #add(number: number, since: number): void {
    const indexes = this.#indexes.get(number) ?? new Set();
    for (let index = since; index < this.#count(); index += 1) indexes.add(index);
    this.#indexes.set(number, indexes);
  }
}

/** Counts the writes that change the record of a step. The last changed step of a write has it. */
function countWrites(writes: readonly RecordedCall[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  let before: Readonly<Record<string, StepRecord>> = {};
  for (const { input } of writes) {
    const { swap } = itemOf(input);
    const after = swap?.steps ?? {};
    const changed = Object.keys(after).filter(
      (name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]),
    );
    before = after;
    const number = Math.max(0, ...changed.map((name) => numbersByStep.get(name)?.number ?? 0));
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

function itemOf(input: unknown): SwapRecordItem {
  const { Item } = input as { readonly Item: { readonly record: { readonly S: string } } };
  return JSON.parse(Item.record.S);
}

function isWrite(call: RecordedCall): boolean {
  return call.action === 'dynamodb:PutItem';
}

function isOfRecord({ action }: RecordedCall): boolean {
  return action === 'dynamodb:GetItem' || action === 'dynamodb:PutItem';
}

function isOfDeployment({ action }: RecordedCall): boolean {
  return /^(codedeploy|ecs|elasticloadbalancing):/.test(action);
}
