import * as v from 'valibot';
import { stackReference, time } from '../../core/schemas.js';

const counts = {
  shifts: v.number(),
  passed: v.number(),
  stopped: v.number(),
  unfinished: v.number(),
  noData: v.number(),
};

const rehearsedShift = v.object({
  at: time,
  outcome: v.picklist(['passed', 'stopped', 'unfinished', 'noData']),
  stoppedBy: v.optional(
    v.object({
      check: v.string(),
      outcome: v.picklist(['fail', 'inconclusive', 'error']),
      detail: v.string(),
      at: time,
      afterSeconds: v.number(),
      percent: v.number(),
    }),
  ),
  withoutData: v.optional(v.array(v.string())),
  reason: v.optional(v.string()),
});

const quantiles = v.object({ median: v.optional(v.number()), percentile95: v.optional(v.number()) });

/** Schema of a rehearsal. */
export const rehearsalSchema = v.object({
  ...counts,
  from: time,
  to: time,
  strategy: v.string(),
  live: v.picklist(['blue', 'green', 'both']),
  incoming: stackReference,
  checks: v.array(
    v.object({
      check: v.string(),
      dryRun: v.boolean(),
      stopped: v.number(),
      failed: v.number(),
      withoutData: v.number(),
    }),
  ),
  notRehearsed: v.array(v.object({ check: v.string(), reason: v.string() })),
  rehearsed: v.array(rehearsedShift),
  injected: v.optional(
    v.object({
      ...counts,
      ratio: v.number(),
      shareOfTasks: v.number(),
      found: v.number(),
      secondsUntilFound: quantiles,
      failedRequests: quantiles,
      rehearsed: v.array(rehearsedShift),
    }),
  ),
});

/** Rehearsal of a report, parsed. */
export type RehearsalPart = v.InferOutput<typeof rehearsalSchema>;

/** Rehearsed shift, parsed. */
export type RehearsedShiftPart = v.InferOutput<typeof rehearsedShift>;
