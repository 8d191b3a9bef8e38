import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { StackSwap } from '../../../src/swap/stack-swap.js';
import { programsOf, root } from '../../support/guide-programs.js';

const page = 'docs/guides/stack-swap.md';
const read = (name: string) => readFileSync(join(root, 'docs/guides', name), 'utf8');
/** Folder in the repository, because the programs import the package by its own name. */
const folder = mkdtempSync(join(root, 'test/unit/docs/swap-'));
const region = 'eu-west-1:111111111111';

beforeAll(() => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('BLUE_SUBSCRIPTION_ARN', `arn:aws:sns:${region}:orders:11111111-1111-4111-8111-111111111111`);
  vi.stubEnv('GREEN_SUBSCRIPTION_ARN', `arn:aws:sns:${region}:orders:22222222-2222-4222-8222-222222222222`);
  vi.stubEnv('LISTENER_ARN', `arn:aws:elasticloadbalancing:${region}:listener/app/orders/0123/4567`);
  for (const { path, code } of programsOf(page))
    writeFileSync(join(folder, path.split('/').at(-1) ?? ''), code);
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('allows exactly the IAM actions of its plan and its hooks in the template', async () => {
  const { swap } = (await import(join(folder, 'swap.ts'))) as { readonly swap: StackSwap };
  const template = /```yaml\n(.*?)```/s.exec(read('swap-hooks.md'))?.[1] ?? '';
  const role = template.slice(template.indexOf('Policies:'), template.indexOf('DeploymentEnded:'));

  const allowed = new Set(role.match(/\b[a-z]+:[A-Z]\w+/g));

  const needed = swap.permissions().map(({ action }) => action);
  expect([...allowed].sort()).toEqual([...new Set(needed)].sort());
});

test('creates the six handlers', async () => {
  const hooks: object = await import(join(folder, 'hooks.ts'));

  expect(Object.values(hooks).map((it) => typeof it)).toEqual(Array(6).fill('function'));
});

test('names every ready-made step', async () => {
  const exported = Object.keys(await import('../../../src/swap/index.js'));
  const others = /^[A-Z]|^(codeDeploySwitch|deployedStack|ecsSwitch|parallel|shiftTraffic)$/;
  const table = read('swap-steps.md');

  expect(exported.filter((name) => !others.test(name) && !table.includes(`\`${name}\``))).toEqual([]);
});
