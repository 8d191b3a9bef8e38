import { systemClock } from 'aws-blue-green-toolkit/core';
import { type CheckResult, ecsAppMesh5xx, type LambdaCheckEvent } from 'aws-blue-green-toolkit/traffic';
import type { Dependencies } from '../microservice.js';

/** What the function behind the shift sends along. */
interface HealthPayload {
  readonly clusterName: string;
  readonly taskDefinitionFamily: { readonly blue: string; readonly green: string };
  readonly windowSeconds: number;
}

/**
 * Counts the 5xx answers of the new version's proxies. Put a function of your own in its place: it gets the same event, and
 * answers `{ healthy: true }` or `{ healthy: false }`, or `outcome` with `inconclusive` when it cannot tell.
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
