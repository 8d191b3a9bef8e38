import { describe, expect, test } from 'vitest';
import { EcsPause, type EcsPauseOptions, ecsPauseHandler } from '../../../src/ecs-deployments/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { hostileValues } from '../../support/hostile-values.js';

const { clients } = new SimulatedCloud();
const check = { name: 'health', evaluate: async () => ({ outcome: 'pass', detail: '' }) as const };

const make = (options: object) => new EcsPause({ stages: {}, clients, ...options } as EcsPauseOptions);

function problemsOf(create: () => unknown): unknown {
  try {
    create();
    return 'no error';
  } catch (error) {
    return error;
  }
}

describe('Class: EcsPause', () => {
  test.each<[string, object]>([
    ['stages', { stages: undefined }],
    ['stages.POST_SCALEUP', { stages: { POST_SCALEUP: {} } }],
    // ECS refuses a pause there.
    ['stages.PRODUCTION_TRAFFIC_SHIFT', { stages: { PRODUCTION_TRAFFIC_SHIFT: {} } }],
    ['stages.POST_SCALE_UP.check', { stages: { POST_SCALE_UP: { check: [check] } } }],
    ['stages.POST_SCALE_UP.checks', { stages: { POST_SCALE_UP: { checks: [check, check] } } }],
    ['stages.POST_SCALE_UP.steps[0].run', { stages: { POST_SCALE_UP: { steps: [{ name: 'step' }] } } }],
    [
      'stages.POST_SCALE_UP.policy.intervalSecond',
      { stages: { POST_SCALE_UP: { policy: { intervalSecond: 5 } } } },
    ],
    ['incoming', { incoming: 'red' }],
    ['intervalSeconds', { intervalSeconds: 0 }],
    ['expiryMarginSeconds', { expiryMarginSeconds: Number.NaN }],
    ['clock', { clock: {} }],
    ['stage', { stage: {} }],
  ])('throws InvalidInputError that names %s', (field, options) => {
    expect(problemsOf(() => make(options))).toMatchObject({
      name: 'InvalidInputError',
      problems: expect.arrayContaining([expect.objectContaining({ field })]),
    });
  });

  test.each(hostileValues)('throws InvalidInputError for %s as any input', async (_name, value) => {
    for (const option of ['stages', 'incoming', 'intervalSeconds', 'logger', 'clients', 'clientConfig']) {
      if (option === 'stages' && typeof value === 'function') continue;
      expect(problemsOf(() => make({ [option]: value }))).toMatchObject({ name: 'InvalidInputError' });
    }
    const pause = make({});
    const hostile = value as never;
    for (const parse of [
      () => pause.parseRequest(value),
      () => pause.parseState(value),
      () => pause.summarize(hostile),
      () => pause.halt(hostile, hostile),
    ])
      expect(problemsOf(parse)).toMatchObject({ name: 'InvalidInputError' });
    for (const call of [
      pause.begin(hostile, hostile),
      pause.advance(hostile, hostile),
      pause.rollBack(hostile, hostile, hostile),
    ])
      await expect(call).rejects.toMatchObject({ name: 'InvalidInputError' });
    expect(problemsOf(() => ecsPauseHandler(value as never))).toMatchObject({ name: 'InvalidInputError' });
    expect(problemsOf(() => ecsPauseHandler(pause, { onEvents: value } as never))).toMatchObject({
      name: 'InvalidInputError',
    });
  });
});
