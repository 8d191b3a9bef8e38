import { describe, expect, test } from 'vitest';
import type { TrafficTarget } from '../../../../src/traffic/types.js';
import { allTargets } from '../../../contract/all-targets.js';

const withHealth = allTargets.filter(({ setUp }) => hasHealth(setUp({ blue: 100, green: 0 }).target));

function hasHealth(
  target: TrafficTarget,
): target is TrafficTarget & Required<Pick<TrafficTarget, 'readHealth'>> {
  return target.readHealth !== undefined;
}

describe.each(withHealth)('$name › readHealth', ({ setUp }) => {
  function makeWorld() {
    const { cloud, target } = setUp({ blue: 100, green: 0 });
    if (!hasHealth(target)) throw new TypeError('This target reads no health');
    return { cloud, readHealth: target.readHealth.bind(target) };
  }

  test('names each of its actions when it is denied', async () => {
    const first = makeWorld();
    await first.readHealth('green');
    const actions = [...new Set(first.cloud.calls.map(({ action }) => action))];

    expect(actions).not.toEqual([]);
    for (const action of actions) {
      const { cloud, readHealth } = makeWorld();
      cloud.injectFault({ kind: 'accessDenied', action, times: 99 });
      await expect(readHealth('green')).rejects.toMatchObject({
        name: 'AccessDeniedError',
        action,
        resource: expect.stringMatching(/./),
      });
    }
  });

  test('stops before the next call when aborted', async () => {
    const { cloud, readHealth } = makeWorld();
    const signal = AbortSignal.abort(new Error('enough'));

    await expect(readHealth('green', { signal })).rejects.toMatchObject({ name: 'OperationAbortedError' });

    expect(cloud.calls).toEqual([]);
  });
});
