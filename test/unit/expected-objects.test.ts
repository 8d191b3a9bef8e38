import { describe, expect, test } from 'vitest';
import { EcsPause } from '../../src/ecs-deployments/index.js';
import { ecsLifecycleHook } from '../../src/hooks/index.js';
import { type ReportInput, renderReport } from '../../src/report/index.js';
import { runToEnd } from '../../src/resumable/index.js';
import { check } from '../../src/swap/index.js';
import { canary, TrafficShifter } from '../../src/traffic/index.js';
import { FakeTarget } from '../support/fake-target.js';
import { SwapWorld } from '../support/swap-world.js';

const fn: never = (() => true) as never;
const useCustomCheck = 'expected a check: use customCheck(name, fn), got a function';

const makeShifter = (checks: readonly never[] = []) => {
  const { clock } = new SwapWorld();
  return { clock, shifter: new TrafficShifter({ target: new FakeTarget({ clock }), clock, checks }) };
};

describe('a function in the place of an object', () => {
  test.each<[string, () => unknown, string]>([
    ['TrafficShifter', () => makeShifter([fn]), `checks[0]: ${useCustomCheck}`],
    ['the step check', () => check(fn), `check: ${useCustomCheck}`],
    [
      'EcsPause',
      () => new EcsPause({ stages: { PRE_SCALE_UP: { checks: [fn] } } }),
      `stages.PRE_SCALE_UP.checks[0]: ${useCustomCheck}`,
    ],
    [
      'the steps of EcsPause',
      () => new EcsPause({ stages: { PRE_SCALE_UP: { steps: [fn] } } }),
      'steps[0]: expected a step: { name, run }, got a function',
    ],
    [
      'ecsLifecycleHook',
      () => ecsLifecycleHook({ PRE_SCALE_UP: [fn] }),
      'PRE_SCALE_UP[0]: expected a step: { name, run }, got a function',
    ],
    [
      'StackSwap',
      () => new SwapWorld().swap({ prepare: [fn] }),
      'prepare[0]: expected a step: { name, run, undo }, got a function',
    ],
    [
      'parallel steps',
      () => new SwapWorld().swap({ prepare: [{ parallel: [fn] }] }),
      'prepare[0].parallel[0]: expected a step: { name, run, undo }, got a function',
    ],
  ])('throws InvalidInputError that names the object, for %s', (_what, make, message) => {
    expect(make).toThrowError(
      expect.objectContaining({ name: 'InvalidInputError', message: expect.stringContaining(message) }),
    );
  });
});

describe('renderReport', () => {
  const render = (input: unknown) => () => renderReport(input as ReportInput);

  test('names the place of the status and of the record of a swap', async () => {
    const world = new SwapWorld();
    const status = await world.swap().status();
    await world.swap().run();
    const record = world.record.item;

    expect(render({ swap: status })).toThrowError('pass { swap: { status } }');
    expect(render({ status })).toThrowError('pass { swap: { status } }');
    expect(render({ swap: record })).toThrowError('pass { swap: { record } }');
    expect(render({ record })).toThrowError('pass { swap: { record } }');
    expect(render({ swap: { status } })()).toContain('<html');
  });

  test('names the place of a history and of a state', async () => {
    const { shifter, clock } = makeShifter();
    const strategy = canary({ percent: 10, holdSeconds: 60 });
    const result = await runToEnd(shifter, { incoming: 'green', strategy }, { clock });
    const { history, state } = result;

    for (const input of [{ history }, result])
      expect(render(input)).toThrowError('pass { shift: { history } }, { rollout: { history } } or');
    expect(render({ shift: history })).toThrowError('pass { shift: { history } }');
    expect(render({ swap: [] })).toThrowError('pass { swap: { history } }');
    expect(render({ state })).toThrowError('pass { shift: { state } }');
    expect(render({ shift: state })).toThrowError('pass { shift: { state } }');
    expect(render({ shift: { history } })()).toContain('<html');
  });
});
