import { describe, expect, test } from 'vitest';
import type { FaultKind } from '../../src/testing/cloud/faults.js';
import {
  runShiftMachine,
  type ShiftMachineRun,
  type ShiftMachineScenario,
} from '../support/shift-machine.js';
import { TaskError } from '../support/state-machine.js';

const linear = { strategy: { type: 'linear', stepPercent: 25, intervalSeconds: 180 } } as const;

describe('stepFunctionsDefinition › crashed task', () => {
  const scenarios: readonly (readonly [string, ShiftMachineScenario, number])[] = [
    ['linear', { request: linear }, 100],
    ['canary', { request: { strategy: { type: 'canary', percent: 10, holdSeconds: 300 } } }, 100],
    ['rollback', { request: linear, release: { greenIsBad: true, failsAfterSeconds: 300 } }, 0],
  ];

  test.each(scenarios)(
    '%s: reaches the same end when the invocation dies before or after its work',
    async (_, scenario, end) => {
      const undisturbed = await runShiftMachine(scenario);
      const wrong: string[] = [];
      for (const moment of ['before', 'after'] as const) {
        for (let at = 1; at <= undisturbed.invocations; at += 1) {
          const run = await runShiftMachine({
            ...scenario,
            invoke: async (invocation, index) => {
              if (index !== at) return invocation();
              if (moment === 'after') await invocation();
              throw new TaskError('Lambda.Unknown', 'RequestId: 1 Error: Runtime exited');
            },
          });
          if (!isSame(run, undisturbed)) wrong.push(`${moment} ${at}`);
        }
      }

      expect(undisturbed.greenPercent).toBe(end);
      expect(wrong).toEqual([]);
    },
  );

  test.each(scenarios)(
    '%s: reaches the same end when the process dies at a call to AWS',
    async (_, scenario, end) => {
      const undisturbed = await runShiftMachine(scenario);
      const wrong: string[] = [];
      for (const kind of ['crashBefore', 'crashAfter'] as const satisfies FaultKind[]) {
        for (let atCall = 1; atCall <= undisturbed.world.cloud.calls.length; atCall += 1) {
          const run = await runShiftMachine({
            ...scenario,
            prepare: ({ cloud }) => cloud.injectFault({ kind, atCall }),
          });
          if (!isSame(run, undisturbed)) wrong.push(`${kind} ${atCall}`);
        }
      }

      expect(undisturbed.greenPercent).toBe(end);
      expect(wrong).toEqual([]);
    },
  );

  /** A write of a dead process can be missing, made once or repeated: only the end counts. */
  function isSame({ execution, greenPercent }: ShiftMachineRun, other: ShiftMachineRun): boolean {
    const { status, error } = other.execution;
    return execution.status === status && execution.error === error && greenPercent === other.greenPercent;
  }
});
