import type { RecordedCall, SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { runSwap, stepNames } from '../examples/whole-stack-swap/swap.js';
import { type CallCount, countCalls } from './recorded-steps.js';
import { betweenStepsMinimum, type Minimum, swapMinimum } from './swap-minimum.js';

/** What one step of the swap takes, and what it has to take. */
export interface StepCost {
  /** Its number, or none for what the hooks do between the steps. */
  readonly number: number | undefined;
  readonly name: string;
  readonly seen: CallCount;
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
  const take = (): readonly RecordedCall[] => {
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
        if (!isInStep) between.push(...take());
        isInStep = true;
      },
      ended: ({ number }) => {
        calls.set(number, take());
        isInStep = false;
      },
    },
  });
  between.push(...take());
  const steps = Object.entries(swapMinimum).map(([number, minimum]) => ({
    number: Number(number),
    name: stepNames[Number(number) - 1] ?? '',
    seen: countCalls(calls.get(Number(number)) ?? []),
    minimum,
  }));
  return [
    ...steps,
    {
      number: undefined,
      name: 'Between the steps',
      seen: countCalls(between),
      minimum: betweenStepsMinimum,
    },
  ];
}
