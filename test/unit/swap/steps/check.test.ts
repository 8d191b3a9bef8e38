import { describe, expect, test } from 'vitest';
import { AccessDeniedError } from '../../../../src/core/index.js';
import { check } from '../../../../src/swap/steps/check.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import type { CheckContext, CheckResult } from '../../../../src/traffic/index.js';
import { stepContext } from '../../../support/step-context.js';

/** A check with one result after the other. The last one stays. */
function checkOf(...results: (CheckResult['outcome'] | Error)[]) {
  const contexts: CheckContext[] = [];
  return {
    contexts,
    name: 'errors',
    async evaluate(context: CheckContext): Promise<CheckResult> {
      contexts.push(context);
      const outcome = results.length > 1 ? results.shift() : results[0];
      if (outcome instanceof Error) throw outcome;
      return { outcome: outcome ?? 'inconclusive', detail: `${outcome}` };
    },
  };
}

describe('check', () => {
  test('is done when the check has passed', async () => {
    const context = stepContext();
    const step = check(checkOf('pass', 'fail'));

    await step.run(context);

    expect(await step.isDone?.(context)).toBe(true);
  });

  test('does not evaluate the check before run', async () => {
    const given = checkOf('pass');

    expect(await check(given).isDone?.(stepContext())).toBe(false);
    expect(given.contexts).toEqual([]);
  });

  test.each(['inconclusive', new Error('no data')] as const)('evaluates again after %s', async (first) => {
    const context = stepContext();
    const step = check(checkOf(first, 'inconclusive', 'pass'));

    await step.run(context);

    expect([await step.isDone?.(context), await step.isDone?.(context)]).toEqual([false, true]);
  });

  test('reports the detail of a check that does not pass yet', async () => {
    const reports: string[] = [];
    const context = { ...stepContext(), report: (reason: string) => void reports.push(reason) };
    const step = check(checkOf('inconclusive', 'inconclusive', 'pass'));

    await step.run(context);
    await step.isDone?.(context);
    await step.isDone?.(context);

    expect(reports).toEqual(['inconclusive']);
  });

  test.each([
    new AccessDeniedError({ action: 'sqs:GetQueueUrl', resource: 'orders', cause: undefined }),
    Object.assign(new Error('no such table'), {
      name: 'DatabaseErrorException',
      $metadata: { httpStatusCode: 400 },
    }),
  ])('throws an error that does not pass by itself at once: $name', async (error) => {
    const context = stepContext();

    await expect(async () => check(checkOf(error)).run(context)).rejects.toBe(error);
    await check(checkOf('inconclusive')).run(context);
    await expect(async () => check(checkOf(error)).isDone?.(context)).rejects.toBe(error);
  });

  test('passes with dryRun after an error that does not pass by itself', async () => {
    const context = stepContext();
    const error = new AccessDeniedError({ action: 'sqs:GetQueueUrl', resource: 'orders', cause: undefined });

    await check({ ...checkOf(error), dryRun: true }).run(context);

    expect(context.memory).toMatchObject({ passed: true });
  });

  test('throws StepFailedError with the detail when the check fails', async () => {
    const context = stepContext();
    const step = check(checkOf('inconclusive', 'fail'));

    await step.run(context);

    await expect(async () => step.isDone?.(context)).rejects.toMatchObject({
      name: 'StepFailedError',
      actual: 'fail',
    });
  });

  test('passes after one evaluation with dryRun', async () => {
    const context = stepContext();
    const step = check({ ...checkOf('fail'), dryRun: true });

    await step.run(context);

    expect(await step.isDone?.(context)).toBe(true);
  });

  test('passes the time of the first evaluation, and all traffic on the other stack', async () => {
    const cloud = new SimulatedCloud();
    const given = checkOf('inconclusive');
    const context = stepContext({}, cloud);
    const step = check(given);
    const beganAt = cloud.clock.now();

    await step.run(context);
    await cloud.clock.sleep(60_000);
    await step.isDone?.(context);

    expect(given.contexts).toMatchObject([
      { weightsSince: beganAt, now: beganAt, weights: { blue: 100, green: 0 }, incoming: 'green' },
      { weightsSince: beganAt, now: beganAt + 60_000 },
    ]);
    expect(given.contexts.map(({ startedAt }) => startedAt)).toEqual([beganAt, beganAt]);
  });
});
