import { type Clock, type Logger, parseStackReference, systemClock } from 'aws-blue-green-toolkit/core';
import { codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';
import { albTargetGroup5xxRate, albTargetGroupLatency } from 'aws-blue-green-toolkit/traffic';
import { waitForChecks } from '../wait-for-checks.js';

/** Environment and dependencies that a test replaces. */
export interface HookDependencies {
  readonly environment?: NodeJS.ProcessEnv;
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/**
 * Evaluates the checks while a load test runs behind the test listener. CodeDeploy moves the production traffic only after the
 * replacement has passed three times in a row, and rolls back at the first failure.
 */
export const makeHandler = ({
  environment = process.env,
  clients,
  clock = systemClock,
  logger = console,
}: HookDependencies = {}) =>
  codeDeployHook(
    async ({ signal }) => {
      const read = (name: string): string => {
        const value = environment[name];
        if (!value) throw new Error(`Environment variable ${name} is not set`);
        return value;
      };
      const group = {
        targetGroupArn: read('REPLACEMENT_TARGET_GROUP_ARN'),
        loadBalancerArn: read('LOAD_BALANCER_ARN'),
        windowSeconds: 60,
        delaySeconds: 60,
        clients,
      };
      await waitForChecks(
        [
          albTargetGroup5xxRate({ ...group, maxPercent: 1, minimumRequests: 20 }),
          albTargetGroupLatency({ ...group, maxSeconds: 0.5 }),
        ],
        {
          incoming: parseStackReference(read('REPLACEMENT_STACK')),
          // The test listener sends all its traffic to the replacement.
          weights: read('REPLACEMENT_STACK') === 'blue' ? { blue: 100, green: 0 } : { blue: 0, green: 100 },
          successThreshold: 3,
          intervalSeconds: 60,
          clock,
          logger,
          signal,
        },
      );
    },
    { clients, clock, logger },
  );

export const handler = makeHandler();
