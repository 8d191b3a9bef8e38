import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { repositoryFolder, run } from '../package/run.js';
import { installCfnLint, lint } from './python-tools.js';

const example = join(repositoryFolder, 'examples', 'cdk');

beforeAll(installCfnLint);

test('cfn-lint reports no problem in the template of examples/cdk', async () => {
  await run('npm', ['run', 'synth'], example);

  // W3005: the CDK adds DependsOn also where an attribute implies it.
  const ignored = ['W3005'];

  expect(await lint(join(example, 'cdk.out', 'orders-deployment.template.json'), ignored)).toBe('');
});
