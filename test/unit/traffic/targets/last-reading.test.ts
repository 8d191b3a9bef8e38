import { expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { LastReading } from '../../../../src/traffic/targets/last-reading.js';

test('LastReading › take returns a reading once', () => {
  const reading = new LastReading<string>(new SimulatedCloud().clock);
  reading.keep('seen');

  expect([reading.take(), reading.take()]).toEqual(['seen', undefined]);
});

test('LastReading › forget deletes the reading', () => {
  const reading = new LastReading<string>(new SimulatedCloud().clock);
  reading.keep('seen');
  reading.forget();

  expect(reading.take()).toBeUndefined();
});

test('LastReading › take returns undefined for an old reading, and for one from the future', async () => {
  const { clock } = new SimulatedCloud();
  let now = clock.now();
  const reading = new LastReading<string>({ now: () => now, sleep: clock.sleep });

  reading.keep('seen');
  now += 60_000;
  const old = reading.take();
  reading.keep('seen');
  now -= 1;
  const future = reading.take();

  expect([old, future]).toEqual([undefined, undefined]);
});
