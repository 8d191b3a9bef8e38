import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { installCfnLint, lint } from './cfn-lint.js';

beforeAll(installCfnLint, 300_000);

test('cfn-lint reports no problem in examples/sam/template.yaml', async () => {
  const template = fileURLToPath(new URL('../../examples/sam/template.yaml', import.meta.url));

  expect(await lint(template)).toBe('');
});
