import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { repositoryFolder, run } from '../package/run.js';
import { installCfnLint, lint } from './cfn-lint.js';

const example = join(repositoryFolder, 'examples', 'cdk');

beforeAll(installCfnLint);

test('cfn-lint finds nothing in what examples/cdk makes', async () => {
  await run('npm', ['run', 'synth'], example);

  // The CDK names what a resource depends on also where an attribute says it already.
  const leftOut = ['W3005'];

  expect(await lint(join(example, 'cdk.out', 'orders-deployment.template.json'), leftOut)).toBe('');
});
