import { ContinueServiceDeploymentCommand } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runToEnd } from '../../../src/resumable/run-to-end.js';
import type { FaultKind } from '../../../src/testing/cloud/faults.js';
import {
  failingAtCanary,
  makeEcsPauseWorld,
  passing,
  pauseHook,
  stagesWith,
  undecidedAtCanary,
} from '../../support/ecs-pause-world.js';
import { factor } from '../../support/properties.js';

const strategies = [
  { type: 'BLUE_GREEN' },
  { type: 'CANARY', canaryPercent: 10, canaryBakeTimeInMinutes: 2 },
  { type: 'LINEAR', stepPercent: 40, stepBakeTimeInMinutes: 1 },
] as const;

const checks = { passing, failingAtCanary, undecidedAtCanary };

const schedule = fc.record({
  strategy: fc.constantFrom(...strategies),
  check: fc.constantFrom<keyof typeof checks>('passing', 'failingAtCanary', 'undecidedAtCanary'),
  timeoutAction: fc.constantFrom('CONTINUE', 'ROLLBACK'),
  timeoutInMinutes: fc.constantFrom(1, 4, 60),
  listedHooks: fc.constantFrom('active', 'ofStage'),
  people: fc.array(
    fc.record({
      atSecond: fc.integer({ min: 0, max: 900 }),
      action: fc.constantFrom('CONTINUE', 'ROLLBACK', 'STOP'),
    }),
    { maxLength: 2 },
  ),
  faults: fc.array(
    fc.record({
      kind: fc.constantFrom<FaultKind>('throttle', 'serverError', 'lostResponse', 'staleRead', 'timeout'),
      atCall: fc.integer({ min: 1, max: 60 }),
      times: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 2 },
  ),
});

const outcomes: Readonly<Record<string, string>> = {
  SUCCESSFUL: 'succeeded',
  ROLLBACK_SUCCESSFUL: 'rolledBack',
};

describe('EcsPause with people, expiry and faults in any order', () => {
  test('reports the end that the deployment has, and continues no bad revision by itself', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async ({ strategy, check, people, faults, listedHooks, ...timeout }) => {
        const world = makeEcsPauseWorld({
          strategy,
          listedHooks,
          bakeTimeInMinutes: 1,
          hooks: [{ ...pauseHook, ...timeout }],
        });
        const { cloud, clock, deployment, serviceDeploymentArn } = world;
        for (const fault of faults) cloud.injectFault(fault);
        let hasPersonContinued = false;
        for (const { atSecond, action } of people) {
          clock.schedule(atSecond, () => {
            const [hookId] = deployment.pauses;
            if (action === 'STOP') deployment.stop();
            else if (hookId !== undefined) {
              hasPersonContinued ||= action === 'CONTINUE';
              void cloud.clients.ecs
                .send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action }))
                .catch(() => {});
            }
          });
        }

        const pause = world.pause(stagesWith(checks[check]));
        const { outcome } = await runToEnd(pause, { serviceDeploymentArn }, { clock });

        const { status, stages } = await deployment.ended;
        expect(outcome).toBe(outcomes[status]);
        const shares = stages.filter(({ isRollback }) => !isRollback).map((stage) => stage.productionPercent);
        const [first = 100] = shares.filter((share) => share > 0);
        if (check !== 'passing' && !hasPersonContinued)
          expect(Math.max(0, ...shares)).toBeLessThanOrEqual(first);
        const untouched = people.length === 0 && faults.length === 0;
        if (check === 'passing' && untouched) expect(status).toBe('SUCCESSFUL');
        if (check !== 'passing' && untouched && strategy.type !== 'BLUE_GREEN')
          expect(status).toBe('ROLLBACK_SUCCESSFUL');
      }),
      { numRuns: 60 * factor },
    );
  });
});
