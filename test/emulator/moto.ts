import type { Clock } from '../../src/core/clock.js';
import { lazyClients } from '../../src/testing/cloud/simulated-clients.js';
import type { Backend } from '../support/backend.js';
import { ReadableDatesHandler } from './readable-dates.js';

/** An emptied moto behind ordinary SDK clients. Moto is one server for everybody: run one test at a time. */
export async function openMoto(endpoint: string): Promise<Backend> {
  const { ok, status } = await fetch(new URL('/moto-api/reset', endpoint), { method: 'POST' });
  if (!ok) throw new Error(`moto at ${endpoint} answered its reset with ${status}`);
  const clients = lazyClients(
    {
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
      // The Kinesis client speaks HTTP/2 unless it is given a handler of HTTP/1.1; moto does not.
      requestHandler: new ReadableDatesHandler(),
    },
    (client) => client,
  );
  return { name: 'moto', clients, clock: impatientClock() };
}

/** Moto changes state at once, so that waiting would be for nothing: sleeps end at once, and the time moves on by them. */
function impatientClock(): Clock {
  let slept = 0;
  return {
    now: () => Date.now() + slept,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      slept += milliseconds;
    },
  };
}
