import type { CheckEvaluation } from './tally-checks.js';
import type { Check, CheckContext, CheckResult } from './types.js';

/** Evaluates all checks side by side. One that throws is an error of its own, and keeps no other from its result. */
export async function evaluateChecks(
  checks: readonly Check[],
  context: CheckContext,
): Promise<CheckEvaluation[]> {
  return Promise.all(
    checks.map(async (check): Promise<CheckEvaluation> => {
      const { name, dryRun = false } = check;
      try {
        return { name, dryRun, result: requireOutcome(await check.evaluate(context)) };
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return { name, dryRun, result: { outcome: 'error', detail } };
      }
    }),
  );
}

/** A check of the user's own may answer anything; what is no outcome is never taken for a pass. */
function requireOutcome(result: CheckResult): CheckResult {
  if (['pass', 'fail', 'inconclusive'].includes(result?.outcome)) return result;
  throw new TypeError(
    `The check gave no outcome: expected pass, fail or inconclusive, got ${JSON.stringify(result?.outcome)}`,
  );
}
