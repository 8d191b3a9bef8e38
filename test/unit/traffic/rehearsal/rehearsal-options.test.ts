import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import {
  albTargetGroup5xxRate,
  canary,
  estimateRehearsal,
  type RehearsalOptions,
  rehearse,
} from '../../../../src/traffic/index.js';
import { hostileNumbers, hostileValues } from '../../../support/hostile-values.js';
import { loadBalancerArn, targetGroupArns } from '../../../support/past-week.js';

const hour = 3_600_000;
const now = Date.parse('2026-03-09T00:00:00Z');

function optionsFor(cloud: SimulatedCloud): Record<string, unknown> & RehearsalOptions {
  return {
    strategy: canary({ percent: 10, holdSeconds: 600 }),
    checks: [
      albTargetGroup5xxRate({
        targetGroupArn: targetGroupArns,
        loadBalancerArn,
        maxPercent: 1,
        windowSeconds: 180,
      }),
    ],
    policy: { intervalSeconds: 60 },
    from: new Date(now - 6 * hour),
    to: new Date(now),
    stepSeconds: 3600,
    live: 'both',
    metricDelaySeconds: 60,
    inject: { ratio: 2, shareOfTasks: 0.5 },
    seed: 1,
    onProgress: () => {},
    signal: new AbortController().signal,
    clock: cloud.clock,
    clients: { cloudWatch: cloud.clients.cloudWatch },
  };
}

/** Calls both functions, and requires the same refusal of each before any call. */
async function requireRefusal(change: (options: Record<string, unknown>) => unknown) {
  const cloud = new SimulatedCloud({ startAt: new Date(now) });
  const options = change(optionsFor(cloud)) as RehearsalOptions;

  await expect(rehearse(options)).rejects.toBeInstanceOf(InvalidInputError);
  expect(() => estimateRehearsal(options)).toThrow(InvalidInputError);
  expect(cloud.calls).toHaveLength(0);
}

const fields = Object.keys(optionsFor(new SimulatedCloud()));

describe('rehearse and estimateRehearsal', () => {
  test.each(hostileValues)('throw InvalidInputError for %s as options', async (_, value) => {
    await requireRefusal(() => value);
  });

  test.each(fields)('throw InvalidInputError for every hostile value of %s', async (field) => {
    for (const [name, value] of hostileValues) {
      // A function is a progress callback.
      if (field === 'onProgress' && name === 'a function') continue;
      await requireRefusal((options) => ({ ...options, [field]: value }));
    }
  });

  test.each(['stepSeconds', 'metricDelaySeconds', 'seed'])(
    'throw InvalidInputError for every hostile number of %s',
    async (field) => {
      for (const value of hostileNumbers) {
        if (field === 'seed' && Number.isSafeInteger(value)) continue;
        await requireRefusal((options) => ({ ...options, [field]: value }));
      }
    },
  );

  test.each(['ratio', 'shareOfTasks'])(
    'throw InvalidInputError for every hostile number of inject.%s',
    async (field) => {
      for (const value of hostileNumbers) {
        // A ratio has no upper bound: all requests fail then.
        if (field === 'ratio' && Number.isFinite(value) && value >= 1) continue;
        await requireRefusal((options) => ({ ...options, inject: { ratio: 2, [field]: value } }));
      }
    },
  );

  test('throw InvalidInputError for more than 100,000 shifts', () => {
    const options = optionsFor(new SimulatedCloud({ startAt: new Date(now) }));
    const from = new Date(now - 80 * 24 * hour);

    expect(() => estimateRehearsal({ ...options, from, stepSeconds: 60 })).toThrow('at most 100000 shifts');
  });

  test('accept every option together', () => {
    const cloud = new SimulatedCloud({ startAt: new Date(now) });

    expect(estimateRehearsal(optionsFor(cloud))).toMatchObject({ metrics: 4, calls: 1, shifts: 12 });
  });
});
