import type { Logger } from 'aws-blue-green-toolkit/core';
import type { SwapEnd, SwapPhase } from 'aws-blue-green-toolkit/swap';
import { makeCodeDeploySwapWorld } from '../../test/support/codedeploy-swap-world.js';
import { type Arrow, type Box, drawDiagram } from './diagram.js';

/** Every phase, and the ends that a deployment leads to. `abandoned` is the end of `adopt`, from every phase. */
const boxes: Readonly<Record<SwapPhase | Exclude<SwapEnd, 'abandoned'>, Box>> = {
  preparing: { column: 0, row: 0, label: 'preparing', note: 'users at the old stack', kind: 'work' },
  testing: { column: 1, row: 0, label: 'testing', note: 'users at the old stack', kind: 'work' },
  switching: { column: 2, row: 0, label: 'switching', note: 'users at both stacks' },
  baking: { column: 3, row: 0, label: 'baking', note: 'users at the new stack' },
  retiring: { column: 4, row: 0, label: 'retiring', note: 'too late to roll back', kind: 'work' },
  succeeded: { column: 4, row: 1, label: 'succeeded', kind: 'good' },
  returningTraffic: { column: 1, row: 1, label: 'returningTraffic', note: 'AWS returns the users' },
  undoing: { column: 0, row: 1, label: 'undoing', note: 'users at the old stack', kind: 'work' },
  rolledBack: { column: 0, row: 2, label: 'rolledBack', kind: 'good' },
  halted: { column: 2, row: 2, label: 'halted', note: 'waits for a person', kind: 'wrong' },
};

/** A good day, and the day of each failure that leads elsewhere. */
type Day = 'good' | 'failed step' | 'failed test' | 'stopped' | 'stopped in the bake' | 'failed undo';

const days: readonly Day[] = [
  'good',
  'failed step',
  'failed test',
  'stopped',
  'stopped in the bake',
  'failed undo',
];

/** Draws the phases of a swap, with the transitions of simulated deployments. */
export async function swapPhasesPicture(): Promise<string> {
  const arrows = new Map<string, Arrow>();
  for (const day of days) {
    const phases = await phasesOf(day);
    phases.slice(1).forEach((to, index) => {
      const from = phases[index] ?? '';
      const isWrong = to === 'returningTraffic' || to === 'halted';
      arrows.set(`${from} ${to}`, { from, to, isWrong });
    });
  }
  return drawDiagram({ title: 'The phases of a swap', boxes, arrows: [...arrows.values()] });
}

/** Runs a deployment, and returns the phases of its swap and its end, in their order. */
async function phasesOf(day: Day): Promise<string[]> {
  const phases: string[] = [];
  const logger = phaseLogger(phases);
  const fail = () => {
    const denied = { name: 'ValidationException', $metadata: { httpStatusCode: 400 } };
    throw Object.assign(new Error('refused'), denied);
  };
  const world = makeCodeDeploySwapWorld({
    plan: ({ step, test }) => ({
      logger,
      prepare: [
        step('start database', true, day === 'failed undo' ? { undo: fail } : {}),
        ...(day === 'failed step' ? [step('refused', true, { run: fail })] : []),
      ],
      test: [test('smoke test', day === 'failed test' || day === 'failed undo' ? fail : undefined)],
    }),
  });
  const deployment = world.deploy(world.taskDefinitions.green);
  if (day === 'stopped') {
    await world.until(() => deployment.replacementPercent === 10);
    deployment.stop({ rollBack: true });
  }
  if (day === 'stopped in the bake') {
    await world.until(() => phases.includes('baking'));
    deployment.stop({ rollBack: true });
  }
  await deployment.ended;
  await deployment.rollback?.ended;
  await world.cloud.clock.sleep(4 * 3_600_000);
  return phases;
}

function phaseLogger(phases: string[]): Logger {
  const read = (_message: string, data: object) => {
    const { type, phase, end } = data as { type?: string; phase?: string; end?: string };
    if (type === 'phaseChanged' && phase !== undefined) phases.push(phase);
    if (type === 'ended' && end !== undefined) phases.push(end);
  };
  return { debug: read, info: read, warn: read, error: read };
}
