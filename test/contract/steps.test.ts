import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allSteps } from './all-steps.js';
import { describeSwapStep } from './swap-step.js';

for (const step of allSteps) describeSwapStep(step);

test('covers every ready-made step', () => {
  const files = readdirSync(new URL('../../src/swap/steps', import.meta.url));
  const camelCase = (file: string) =>
    file.replace('.ts', '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const names = allSteps.map(({ name }) => name);

  expect(files.map(camelCase)).toEqual(expect.arrayContaining(names));
  expect(new Set(names).size).toBe(names.length);
});
