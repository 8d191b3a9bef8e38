import * as v from 'valibot';
import { nonEmptyString, strictObject } from '../core/schemas.js';
import type { StackReference } from '../core/stack-reference.js';
import { parseInput } from '../core/validate.js';
import type { Outcome, StateSummary } from '../resumable/types.js';
import type { SwapOwner } from './record/types.js';

/** Request for a swap: plain JSON. */
export interface SwapRequest {
  /**
   * Owner of the swap. A repeated request of the same owner continues its swap, so name the execution here when a driver can repeat
   * its first call. Required where AWS moves the traffic.
   * @default a run with a random ID
   */
  readonly owner?: SwapOwner | undefined;
  /**
   * Stack that comes into use. A request for the live stack is refused.
   * @default the stack that the revision is bound to; with `shiftTraffic` the idle one
   */
  readonly incoming?: StackReference | undefined;
}

/** State of a swap between two calls. The record has everything else; these fields repeat the end for the driver's report. */
export interface SwapState {
  /** Version of the format. */
  readonly version: 1;
  /** Name of the application. */
  readonly application: string;
  /** ID of the swap. */
  readonly swapId: string;
  /** Reason of a rollback. */
  readonly rollback?: string;
  /** End of the swap. */
  readonly ended?: SwapStateEnd;
}

/** End of a swap, for the driver's report. */
export interface SwapStateEnd {
  /** Outcome of the swap. */
  readonly outcome: Outcome;
  /** Reason of a rollback or halt. */
  readonly reason?: string;
  /** Steps of `retire` that are left. */
  readonly orphans: readonly string[];
}

const requestSchema = strictObject({
  owner: v.optional(strictObject({ kind: v.picklist(['codeDeploy', 'ecs', 'run']), id: nonEmptyString })),
  incoming: v.optional(v.picklist(['blue', 'green'])),
});

/** @throws InvalidInputError for a malformed request, or an owner that the switch does not have. */
export function parseSwapRequest(value: unknown, kind: 'codeDeploy' | 'ecs' | 'shift'): SwapRequest {
  const owners = kind === 'shift' ? 'run' : kind;
  const schema = v.pipe(
    requestSchema,
    v.forward(
      v.partialCheck(
        [['owner']],
        ({ owner }) => (owner === undefined ? kind === 'shift' : owner.kind === owners),
        `an owner of the kind "${owners}"`,
      ),
      ['owner'],
    ),
  );
  return parseInput('Swap request', schema, value);
}

const endSchema = strictObject({
  outcome: v.picklist(['succeeded', 'rolledBack', 'halted']),
  reason: v.exactOptional(v.string()),
  orphans: v.array(v.string()),
});

/** @throws InvalidInputError for anything but a state of this application. */
export function parseSwapState(value: unknown, application: string): SwapState {
  const schema = strictObject({
    version: v.literal(1),
    application: v.literal(application),
    swapId: nonEmptyString,
    rollback: v.exactOptional(v.string()),
    ended: v.exactOptional(endSchema),
  });
  return parseInput('Swap state', schema, value);
}

/** Summarizes a state for the drivers. */
export function summarizeSwap({ application, swapId, rollback, ended }: SwapState): StateSummary {
  const reason = ended?.reason ?? rollback;
  const orphans = ended?.orphans ?? [];
  return {
    isRollingBack: rollback !== undefined,
    isComplete: ended !== undefined && ended.outcome !== 'halted' && orphans.length === 0,
    // The record decides: a rollback of a swap that has succeeded is refused.
    mayHaveSucceeded: false,
    ...(reason !== undefined && { reason }),
    ...(ended && { outcome: ended.outcome }),
    details: { application, swapId, ...(orphans.length > 0 && { orphans }) },
  };
}
