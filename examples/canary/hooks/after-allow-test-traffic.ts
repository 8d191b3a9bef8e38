import { type Clock, type Logger, parseStackReference, systemClock } from 'aws-blue-green-toolkit/core';
import { codeDeployHook } from 'aws-blue-green-toolkit/hooks';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';
import { albTargetGroup5xxRate, albTargetGroupLatency } from 'aws-blue-green-toolkit/traffic';
import { waitForChecks } from '../wait-for-checks.js';

/** What a test puts in the place of the Lambda's environment and of AWS. */
export interface HookSurroundings {
  readonly environment?: NodeJS.ProcessEnv;
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/**
 * The test traffic goes to the replacement: a load test is under way behind the test listener. CodeDeploy moves the
 * production traffic only when the replacement has answered three minutes in a row well, and rolls back at the first bad
 * one.
 */
export const makeHandler = ({
  environment = process.env,
  clients,
  clock = systemClock,
  logger = console,
}: HookSurroundings = {}) =>
  codeDeployHook(
    async ({ signal }) => {
      const read = (name: string): string => {
        const value = environment[name];
        if (!value) throw new Error(`The environment variable ${name} is not set`);
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
          // At this listener the replacement is alone.
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
