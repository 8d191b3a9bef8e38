import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SwapWorld } from '../support/swap-world.js';
import { allSteps } from './all-steps.js';
import { createStackWorld } from './stack-world.js';
import { describeSwapStep } from './swap-step.js';

for (const step of allSteps) describeSwapStep(step);

test.each(allSteps.filter(({ name }) => /^(stop|disable|deregister|delete|purge)/.test(name)))(
  'refuses $name on the outgoing stack before retire, and on the incoming one in retire',
  async ({ create }) => {
    const step = create((await createStackWorld()).createTools());
    const world = new SwapWorld();

    for (const phase of ['prepare', 'test'] as const) {
      expect(() => world.swap({ [phase]: [{ ...step, stack: 'outgoing' }] })).toThrow(/has the production/);
    }
    expect(() => world.swap({ retire: [{ ...step, stack: 'incoming' }] })).toThrow(/has the production/);
    expect(() => world.swap({ prepare: [step], retire: [step] })).not.toThrow();
  },
);

test('covers every ready-made step', () => {
  const files = readdirSync(new URL('../../src/swap/steps', import.meta.url));
  const camelCase = (file: string) =>
    file.replace('.ts', '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const names = allSteps.map(({ name }) => name);

  expect(files.map(camelCase)).toEqual(expect.arrayContaining(names));
  expect(new Set(names).size).toBe(names.length);
});
