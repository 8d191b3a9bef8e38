import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { installCfnLint, installSam, lint, validate } from './python-tools.js';

beforeAll(async () => {
  await installCfnLint();
  await installSam();
}, 600_000);

describe.each(['template.yaml', 'swap-hooks.yaml', 'ecs-hook.yaml', 'traffic-shift.yaml'])(
  'examples/sam/%s',
  (name) => {
    const template = fileURLToPath(new URL(`../../examples/sam/${name}`, import.meta.url));

    test('is valid for sam validate --lint', async () => {
      expect(await validate(template)).toBe(`${template} is a valid SAM Template`);
    });

    test('has no problem for cfn-lint', async () => {
      expect(await lint(template)).toBe('');
    });
  },
);
