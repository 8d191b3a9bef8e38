import type { RecordedCall, SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import type { StepListener } from '../examples/whole-stack-swap/recorder.js';
import { stepNames } from '../examples/whole-stack-swap/step-names.js';
import { runSwap } from '../examples/whole-stack-swap/swap.js';
import { type CallCount, countCalls } from './recorded-steps.js';
import { type StepCalls, swapCalls } from './swap-minimum.js';

/** Calls of one step of the swap, and the most that it may make. */
export interface StepCost {
  readonly number: number;
  readonly name: string;
  /** Calls of the tools. */
  readonly counted: CallCount;
  readonly expected: StepCalls;
  /** Writes of the record. */
  readonly recordWrites: number;
}

/** Calls of a whole swap, by their purpose. */
export interface SwapCost {
  readonly steps: readonly StepCost[];
  /** Reads and writes of the record. */
  readonly record: number;
  /** Reads of the deployment and the traffic, and the responses of the hooks. */
  readonly deployment: number;
  readonly total: number;
}

/** Runs the whole-stack swap in `SimulatedCloud`, and counts the calls of each step. */
export async function measureSwap(): Promise<SwapCost> {
  let cloud: SimulatedCloud | undefined;
  let mark = 0;
  const calls = new Map<number, readonly RecordedCall[]>();
  // The look that precedes a step belongs to it. After step 5 and before step 10 the swap looks at all steps together.
  const listener: StepListener = {
    started: ({ number }) => {
      if (number === 8) mark = cloud?.calls.length ?? 0;
    },
    ended: ({ number }) => {
      calls.set(number, cloud?.calls.slice(mark) ?? []);
      mark = cloud?.calls.length ?? 0;
    },
  };
  await runSwap({
    scenario: 'swap',
    listener,
    changes: {
      setScene: (world) => {
        cloud = world.cloud;
      },
    },
  });
  const all = cloud?.calls ?? [];
  return {
    steps: Object.entries(swapCalls).map(([number, expected]) => {
      const ofStep = calls.get(Number(number)) ?? [];
      return {
        number: Number(number),
        name: stepNames[Number(number) - 1] ?? '',
        counted: countCalls(ofStep.filter((call) => !isOfRecord(call) && !isOfDeployment(call))),
        expected,
        recordWrites: ofStep.filter((call) => isOfRecord(call) && call.action === 'dynamodb:PutItem').length,
      };
    }),
    record: all.filter(isOfRecord).length,
    deployment: all.filter(isOfDeployment).length,
    total: all.length,
  };
}

function isOfRecord({ action }: RecordedCall): boolean {
  return action === 'dynamodb:GetItem' || action === 'dynamodb:PutItem';
}

function isOfDeployment({ action }: RecordedCall): boolean {
  return /^(codedeploy|ecs|elasticloadbalancing):/.test(action);
}
