import { iamResourceTypes, type Permission } from '../../core/permissions.js';
import { type IamPolicyDocument, policyOf } from '../../core/policy-document.js';
import { partnerOf, type StackReference } from '../../core/stack-reference.js';
import { liveOf } from '../engine/begin-swap.js';
import { inProgressError } from '../engine/in-progress-error.js';
import { readPercents } from '../engine/read-truth.js';
import { openSession } from '../engine/run-pass.js';
import type { SwapDependencies } from '../engine/swap-dependencies.js';
import type { SwapRecordItem } from '../record/types.js';
import { previewSteps, type StepPreview } from './preview-steps.js';
import { tableOf, timeLines } from './preview-table.js';
import { type PreviewTimes, previewTimes } from './preview-times.js';

/** Result of `StackSwap.preview`. It is plain data, for JSON. */
export interface SwapPreview extends PreviewTimes {
  /** Name of the application. */
  readonly application: string;
  /** Stack that has the traffic. */
  readonly live: StackReference;
  /** Stack that comes into use. */
  readonly incoming: StackReference;
  /** Steps of the plan, in order. */
  readonly steps: readonly StepPreview[];
  /**
   * IAM policy of the steps, the record, the switch and its hooks. `PARTITION`, `REGION`, `ACCOUNT` and the names in capitals stand for
   * your own.
   */
  readonly policy: IamPolicyDocument;
  /** The steps as a table, for people. */
  readonly table: string;
  /** The waits, the earliest end and the time of the hooks as lines of text, for people. */
  readonly times: readonly string[];
}

/**
 * Reads every step for a swap to the idle stack. Changes nothing and takes no lock.
 *
 * @throws SwapInProgressError, SwapDriftError
 */
export async function previewSwap(
  dependencies: SwapDependencies,
  permissions: readonly Permission[],
  signal: AbortSignal = new AbortController().signal,
): Promise<SwapPreview> {
  const { item, live, incoming } = await readLive(dependencies, signal);
  const steps = await previewSteps(dependencies, incoming, signal);
  const times = previewTimes(dependencies, item, steps);
  return {
    application: dependencies.application,
    live,
    incoming,
    steps,
    ...times,
    policy: policyOf(permissions, (type) => [iamResourceTypes[type]?.arn ?? '*']),
    table: tableOf(steps),
    times: timeLines(times),
  };
}

/**
 * Returns the live stack, and the one that the next swap brings in.
 *
 * @throws SwapInProgressError, SwapDriftError, SwapBindingError
 */
export async function nextStacks(
  dependencies: SwapDependencies,
  signal: AbortSignal | undefined,
): Promise<{
  /** Stack that has the traffic. */
  readonly live: StackReference;
  /** Stack that comes into use. */
  readonly incoming: StackReference;
}> {
  const { live, incoming } = await readLive(dependencies, signal);
  return { live, incoming };
}

interface LiveReading {
  readonly item: SwapRecordItem | undefined;
  readonly live: StackReference;
  readonly incoming: StackReference;
}

async function readLive(
  dependencies: SwapDependencies,
  signal: AbortSignal | undefined,
): Promise<LiveReading> {
  const { item } = await openSession(dependencies, []);
  if (item?.swap !== undefined) throw await inProgressError(dependencies, item.swap, signal);
  const live = liveOf(dependencies, item, await readPercents(dependencies, signal));
  return { item, live, incoming: partnerOf(live) };
}
