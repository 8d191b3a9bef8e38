import { systemClock } from 'aws-blue-green-toolkit/core';
import { type CheckResult, ecsAppMesh5xx, type LambdaCheckEvent } from 'aws-blue-green-toolkit/traffic';
import type { Dependencies } from '../microservice.js';

/** Payload from the shift function. */
interface HealthPayload {
  readonly clusterName: string;
  readonly taskDefinitionFamily: { readonly blue: string; readonly green: string };
  readonly windowSeconds: number;
}

/**
 * Counts the 5xx responses of the new version's proxies. Replace it by a function of your own: it gets the same event, and returns
 * `{ healthy: true }` or `{ healthy: false }`, or `outcome` with `inconclusive` when it cannot decide.
 */
export const makeHandler =
  ({ clients, clock = systemClock, logger = console, environment = process.env }: Dependencies = {}) =>
  async (event: LambdaCheckEvent): Promise<CheckResult> => {
    const check = ecsAppMesh5xx({
      ...(event.payload as HealthPayload),
      max: Number(environment['MAX_5XX'] ?? 0),
      clients,
    });
    return check.evaluate({ ...event, clock, logger, signal: undefined });
  };

export const handler = makeHandler();
