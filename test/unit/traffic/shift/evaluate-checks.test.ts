import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/testing/index.js';
import { evaluateChecks } from '../../../../src/traffic/shift/evaluate-checks.js';
import { checkContext } from '../../../support/check-context.js';

const counts = { requests: 200, failures: 1 };
const evidence = { value: 240, required: 100, incoming: counts, outgoing: counts, ratioLowerBound: 2 };

/** Evaluates a check that returns any value. */
async function resultOf(returned: unknown) {
  const check = { name: 'errors', evaluate: async () => returned as never };
  const context = checkContext({ clock: new VirtualClock() });
  const [evaluation] = await evaluateChecks([check], context, 'rule');
  return evaluation?.result;
}

describe('Function: evaluateChecks › results', () => {
  test('keeps undecided of an inconclusive result', async () => {
    const undecided = { outcome: 'inconclusive', detail: '3 of 20 requests', undecided: true };

    expect(await resultOf(undecided)).toEqual(undecided);
    expect(await resultOf({ ...undecided, undecided: false })).toEqual({
      outcome: 'inconclusive',
      detail: '3 of 20 requests',
    });
  });

  test.each(['pass', 'fail'] as const)('is an error for an undecided %s', async (outcome) => {
    expect(await resultOf({ outcome, detail: 'contradicts itself', undecided: true })).toMatchObject({
      outcome: 'error',
      detail: expect.stringContaining('undecided: only with the outcome inconclusive'),
    });
  });

  test('keeps a copy of the evidence', async () => {
    const result = await resultOf({ outcome: 'fail', detail: 'fails more often', evidence });

    expect(result).toEqual({ outcome: 'fail', detail: 'fails more often', evidence });
    expect(result !== undefined && 'evidence' in result && result.evidence).not.toBe(evidence);
  });

  test.each<[string, unknown]>([
    ['no object', 5],
    ['no counts', { value: 1, required: 100 }],
    ['infinite evidence', { ...evidence, value: Number.POSITIVE_INFINITY }],
    ['NaN', { ...evidence, incoming: { ...counts, failures: Number.NaN } }],
  ])('leaves out evidence that JSON cannot hold (%s)', async (_, given) => {
    expect(await resultOf({ outcome: 'pass', detail: 'no sign', evidence: given })).toEqual({
      outcome: 'pass',
      detail: 'no sign',
    });
  });
});
