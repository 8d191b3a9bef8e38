import type { Clock } from '../../src/core/clock.js';
import { type SimulatedClients, SimulatedCloud } from '../../src/testing/index.js';

/**
 * The AWS of the shared tests: SimulatedCloud, or moto when the emulator run has set its endpoint. Shared tests create their
 * resources with the `seed…` functions, which support both.
 */
export interface Backend {
  readonly name: 'SimulatedCloud' | 'moto';
  readonly clients: SimulatedClients;
  readonly clock: Clock;
  /** The simulated cloud; undefined for moto. */
  readonly cloud?: SimulatedCloud;
}

/** Opens an empty backend. */
export async function openBackend(): Promise<Backend> {
  const endpoint = process.env['EMULATOR_ENDPOINT'];
  if (endpoint !== undefined) return (await import('../emulator/moto.js')).openMoto(endpoint);
  const cloud = new SimulatedCloud();
  return { name: 'SimulatedCloud', clients: cloud.clients, clock: cloud.clock, cloud };
}
