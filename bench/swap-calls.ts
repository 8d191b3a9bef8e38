import type { RecordedCall, SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { runSwap, stepNames } from '../examples/whole-stack-swap/swap.js';
import { type CallCount, countCalls } from './recorded-steps.js';
import { betweenStepsMinimum, type Minimum, swapMinimum } from './swap-minimum.js';

/** Calls of one step of the swap, and their minimum. */
export interface StepCost {
  /** Number of the step. Undefined for the calls between the steps. */
  readonly number: number | undefined;
  readonly name: string;
  readonly counted: CallCount;
  readonly minimum: Minimum;
}

/** Runs the whole-stack swap in `SimulatedCloud`, and counts the calls of each step. */
export async function measureSwap(): Promise<StepCost[]> {
  let cloud: SimulatedCloud | undefined;
  let isInStep = false;
  const callsSoFar = () => cloud?.calls.length ?? 0;
  const calls = new Map<number, readonly RecordedCall[]>();
  const between: RecordedCall[] = [];
  let mark = 0;
  const takeNewCalls = (): readonly RecordedCall[] => {
    const taken = cloud?.calls.slice(mark) ?? [];
    mark = callsSoFar();
    return taken;
  };
  await runSwap({
    scenario: 'swap',
    changes: {
      setScene: (world) => {
        cloud = world.cloud;
      },
    },
    listener: {
      started: () => {
        if (!isInStep) between.push(...takeNewCalls());
        isInStep = true;
      },
      ended: ({ number }) => {
        calls.set(number, takeNewCalls());
        isInStep = false;
      },
    },
  });
  between.push(...takeNewCalls());
  const steps = Object.entries(swapMinimum).map(([number, minimum]) => ({
    number: Number(number),
    name: stepNames[Number(number) - 1] ?? '',
    counted: countCalls(calls.get(Number(number)) ?? []),
    minimum,
  }));
  return [
    ...steps,
    {
      number: undefined,
      name: 'Between the steps',
      counted: countCalls(between),
      minimum: betweenStepsMinimum,
    },
  ];
}
