import type { Clock } from '../../src/core/clock.js';
import { lazyClients } from '../../src/testing/cloud/simulated-clients.js';
import type { Backend } from '../support/backend.js';
import { ReadableDatesHandler } from './readable-dates.js';

/** Resets moto and returns SDK clients for it. All tests share one server, so run one test at a time. */
export async function openMoto(endpoint: string): Promise<Backend> {
  const { ok, status } = await fetch(new URL('/moto-api/reset', endpoint), { method: 'POST' });
  if (!ok) throw new Error(`Reset of moto at ${endpoint} failed: expected a 2xx status, got ${status}`);
  const clients = lazyClients(
    {
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
      // The Kinesis client uses HTTP/2 by default, which moto does not support.
      requestHandler: new ReadableDatesHandler(),
    },
    (client) => client,
  );
  return { name: 'moto', clients, clock: createSkippingClock() };
}

/** A clock whose sleeps end at once and advance the time, because moto changes states at once. */
function createSkippingClock(): Clock {
  let slept = 0;
  return {
    now: () => Date.now() + slept,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      slept += milliseconds;
    },
  };
}
