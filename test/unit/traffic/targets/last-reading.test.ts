import { expect, test } from 'vitest';
import { silentLogger } from '../../../../src/core/logger.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { LastReading } from '../../../../src/traffic/targets/last-reading.js';

const weights = { blue: 100, green: 0 };

/** A reading whose clock is the returned one, and a function that changes it and returns the configuration that is changed. */
function setUp() {
  const { clock } = new SimulatedCloud();
  let now = clock.now();
  const reading = new LastReading<string>({
    resource: 'route',
    clock: { now: () => now, sleep: clock.sleep },
    logger: silentLogger,
    read: async () => 'read anew',
  });
  const judge = (read: Promise<string>) => reading.judge(read, () => weights);
  const change = async () => {
    let changed = '';
    await reading.change(weights, {}, async (it) => {
      changed = it;
      return [weights];
    });
    return changed;
  };
  return { judge, change, reading, advance: (milliseconds: number) => (now += milliseconds) };
}

test('LastReading › change uses a reading once', async () => {
  const { judge, change } = setUp();
  await judge(Promise.resolve('seen'));

  expect([await change(), await change()]).toEqual(['seen', 'read anew']);
});

test('LastReading › judge deletes the reading before when the next one fails', async () => {
  const { judge, change, reading } = setUp();
  await judge(Promise.resolve('seen'));
  await expect(judge(Promise.reject(new Error('denied')))).rejects.toThrow('denied');

  expect([reading.peek(), await change()]).toEqual([undefined, 'read anew']);
});

test('LastReading › judge keeps no reading whose weights cannot be judged', async () => {
  const { reading } = setUp();
  const judged = reading.judge(Promise.resolve('seen'), () => {
    throw new Error('another destination');
  });
  await expect(judged).rejects.toThrow('another destination');

  expect(reading.peek()).toBeUndefined();
});

test('LastReading › change uses no old reading, and none from the future', async () => {
  const { judge, change, advance } = setUp();
  await judge(Promise.resolve('seen'));
  advance(60_000);
  const old = await change();
  await judge(Promise.resolve('seen'));
  advance(-1);
  const future = await change();

  expect([old, future]).toEqual(['read anew', 'read anew']);
});
