import type { Clock } from '../../src/core/clock.js';
import { type SimulatedClients, SimulatedCloud } from '../../src/testing/index.js';

/**
 * An AWS that the shared tests run on: SimulatedCloud here; moto when the emulator run has set its endpoint.
 * Shared tests set the scene through `seed…` functions beside them, which know both.
 */
export interface Backend {
  readonly name: 'SimulatedCloud' | 'moto';
  readonly clients: SimulatedClients;
  readonly clock: Clock;
  /** The simulated cloud, when this is one. */
  readonly cloud?: SimulatedCloud;
}

/** A fresh, empty backend. */
export async function openBackend(): Promise<Backend> {
  const endpoint = process.env['EMULATOR_ENDPOINT'];
  if (endpoint !== undefined) return (await import('../emulator/moto.js')).openMoto(endpoint);
  const cloud = new SimulatedCloud();
  return { name: 'SimulatedCloud', clients: cloud.clients, clock: cloud.clock, cloud };
}
