import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { RouterTarget } from '../../../examples/own-traffic-target/router-target.js';
import { OperationAbortedError, ResourceStateError } from '../../../src/core/errors.js';
import { VirtualClock } from '../../../src/testing/cloud/virtual-clock.js';
import { linear } from '../../../src/traffic/strategies/linear.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

let split: { revision: number; backends: Record<string, number>; comment: string };

beforeEach(() => {
  split = { revision: 1, backends: { blue: 1000, green: 0 }, comment: 'kept' };
});

/** The router that the example speaks to. */
const router: typeof fetch = async (_url, { method = 'GET', body } = {}) => {
  if (method === 'GET') return Response.json(split);
  const wanted = JSON.parse(String(body));
  if (wanted.revision !== split.revision) return new Response(null, { status: 409 });
  split = { ...wanted, revision: split.revision + 1 };
  return Response.json(split);
};

function makeTarget(fetch: typeof globalThis.fetch = router) {
  return new RouterTarget({ address: 'http://router.internal:8080', fetch });
}

describe('examples › RouterTarget', () => {
  test('equals the code in the guide', () => {
    const guide = read('docs/guides/own-target.md');

    expect(guide).toContain(
      `\`\`\`ts\n// router-target.ts\n${read('examples/own-traffic-target/router-target.ts')}\`\`\``,
    );
  });

  test('completes a shift, and keeps the other fields of the split', async () => {
    const clock = new VirtualClock();
    const shifter = new TrafficShifter({ target: makeTarget(), clock });

    const { outcome } = await shifter.shiftTo('green', linear({ stepPercent: 25, intervalSeconds: 60 }));

    expect(outcome).toBe('succeeded');
    expect(split).toEqual({ revision: 5, backends: { blue: 0, green: 1000 }, comment: 'kept' });
  });

  test('throws ResourceStateError when a third backend exists', async () => {
    split.backends = { blue: 900, old: 100 };

    await expect(makeTarget().readWeights()).rejects.toThrowError(ResourceStateError);
    await expect(makeTarget().writeWeights({ blue: 50, green: 50 })).rejects.toThrowError(ResourceStateError);

    expect(split.revision).toBe(1);
  });

  test('throws ResourceStateError when the split was changed after the read', async () => {
    const target = makeTarget();
    await target.readWeights();
    split = { ...split, revision: 2, backends: { blue: 600, green: 400 } };

    await expect(target.writeWeights({ blue: 90, green: 10 })).rejects.toThrowError(ResourceStateError);

    expect(split.backends).toEqual({ blue: 600, green: 400 });
  });

  test.each<[number, number]>([
    [0, 0],
    [0.01, 0.1],
    [33.33, 33.3],
    [99.99, 99.9],
    [100, 100],
  ])('writes %f percent as %f', async (wanted, held) => {
    split.backends = { blue: 500, green: 500 };
    const target = makeTarget();

    await target.writeWeights({ blue: 100 - wanted, green: wanted });

    expect((await target.readWeights()).green).toBeCloseTo(held, 6);
    expect(target.nearestWeights({ blue: 100 - wanted, green: wanted }).green).toBeCloseTo(held, 6);
  });

  test('throws the status of a failed response, and OperationAbortedError after an abort', async () => {
    const broken = makeTarget(async () => new Response(null, { status: 503 }));

    await expect(broken.readWeights()).rejects.toThrowError(
      'Router router.internal:8080 returned status 503',
    );
    await expect(makeTarget().readWeights({ signal: AbortSignal.abort() })).rejects.toThrowError(
      OperationAbortedError,
    );
  });
});
