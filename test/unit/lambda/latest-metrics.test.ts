import { beforeEach, describe, expect, test } from 'vitest';
import { LambdaTools } from '../../../src/lambda/index.js';
import { pickLatest } from '../../../src/lambda/latest-metrics.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud({ startAt: new Date('2026-01-01T12:00:30Z') });
});

function createTools(alias?: string) {
  return new LambdaTools({
    blue: { functionName: 'blue', alias },
    green: { functionName: 'green', alias },
    clients: cloud.clients,
    clock: cloud.clock,
  });
}

function addPoint(metricName: string, time: string, value: number, dimensions: Record<string, string> = {}) {
  cloud.cloudWatch.addDataPoint({
    namespace: 'AWS/Lambda',
    metricName,
    dimensions: { FunctionName: 'blue', ...dimensions },
    at: new Date(`2026-01-01T${time}Z`),
    value,
  });
}

const at = (time: string) => new Date(`2026-01-01T${time}Z`);

describe('LambdaTools', () => {
  describe('getLatestMetrics', () => {
    test('returns the newest minute of each metric with its statistic', async () => {
      for (const name of [
        'IteratorAge',
        'Errors',
        'ConcurrentExecutions',
        'Invocations',
        'Duration',
        'Throttles',
      ]) {
        addPoint(name, '11:57:10', 1000);
        addPoint(name, '11:59:10', 2);
        addPoint(name, '11:59:50', 4);
      }

      const metrics = await createTools().getLatestMetrics('blue');

      const timestamp = at('11:59:00');
      expect(metrics).toEqual({
        IteratorAge: { timestamp, value: 4, statistic: 'Maximum' },
        Errors: { timestamp, value: 6, statistic: 'Sum' },
        ConcurrentExecutions: { timestamp, value: 4, statistic: 'Maximum' },
        Invocations: { timestamp, value: 6, statistic: 'Sum' },
        Duration: { timestamp, value: 3, statistic: 'Average' },
        Throttles: { timestamp, value: 6, statistic: 'Sum' },
      });
    });

    test('includes the minute that is still filling', async () => {
      addPoint('Errors', '11:59:10', 2);
      addPoint('Errors', '12:00:20', 1);

      const { Errors } = await createTools().getLatestMetrics('blue');

      expect(Errors).toEqual({ timestamp: at('12:00:00'), value: 1, statistic: 'Sum' });
    });

    test('has no entry for a metric without data in the last five minutes', async () => {
      addPoint('Errors', '11:50:00', 2);
      addPoint('Invocations', '11:56:00', 0);

      const metrics = await createTools().getLatestMetrics('blue');

      expect(metrics).toEqual({
        Invocations: { timestamp: at('11:56:00'), value: 0, statistic: 'Sum' },
      });
    });

    test('reads the metrics of the alias alone when there is one', async () => {
      addPoint('Errors', '11:59:10', 100);
      addPoint('Errors', '11:59:10', 7, { Resource: 'blue:live' });

      const { Errors } = await createTools('live').getLatestMetrics('blue');

      expect(Errors?.value).toBe(7);
    });

    test('continues to read after a partial page', async () => {
      addPoint('Throttles', '11:56:10', 9);
      addPoint('Errors', '11:57:10', 5);
      addPoint('Errors', '11:58:10', 6);
      addPoint('Invocations', '11:59:10', 7);
      cloud.cloudWatch.limitMetricPages(1);

      const metrics = await createTools().getLatestMetrics('blue');

      expect(metrics).toMatchObject({
        Throttles: { value: 9 },
        Errors: { value: 6 },
        Invocations: { value: 7 },
      });
      expect(cloud.calls).toHaveLength(4);
    });

    test.each(['InternalError', 'PartialData'] as const)(
      'throws UnexpectedResponseError when a metric ends as %s',
      async (status) => {
        addPoint('Invocations', '11:59:10', 7);
        cloud.cloudWatch.setMetricStatus('Errors', status);

        const metrics = createTools().getLatestMetrics('blue');

        await expect(metrics).rejects.toMatchObject({
          name: 'UnexpectedResponseError',
          resource: 'blue',
          expected: 'the field Errors with StatusCode Complete',
          actual: status,
        });
      },
    );

    test('throws AccessDeniedError for a metric that may not be read', async () => {
      cloud.cloudWatch.setMetricStatus('Errors', 'Forbidden');

      const metrics = createTools().getLatestMetrics('blue');

      await expect(metrics).rejects.toMatchObject({
        name: 'AccessDeniedError',
        action: 'cloudwatch:GetMetricData',
      });
    });
  });
});

describe('pickLatest', () => {
  const call = { action: 'cloudwatch:GetMetricData', resource: 'blue' };
  const ids = ['iteratorAge', 'errors', 'concurrentExecutions', 'invocations', 'duration', 'throttles'];

  function resultsWith(errors: object) {
    return ids.map((Id) => ({ Id, StatusCode: 'Complete' as const, ...(Id === 'errors' && errors) }));
  }

  test('treats results without arrays as metrics without data', () => {
    expect(pickLatest(resultsWith({}), call)).toEqual({});
  });

  test('skips a missing value, and ignores the order', () => {
    const results = resultsWith({
      Timestamps: [at('11:57:00'), at('11:58:00'), at('11:59:00')],
      Values: [1, 2],
    });

    expect(pickLatest(results, call)).toEqual({
      Errors: { timestamp: at('11:58:00'), value: 2, statistic: 'Sum' },
    });
  });

  test('throws UnexpectedResponseError for a metric that is missing in the response', () => {
    const results = resultsWith({}).slice(1);

    expect(() => pickLatest(results, call)).toThrowError('IteratorAge with StatusCode Complete, got none');
  });
});
