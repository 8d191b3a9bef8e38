import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { repositoryFolder, run } from '../package/run.js';
import { installCfnLint, lint } from './python-tools.js';

const example = join(repositoryFolder, 'examples', 'cdk');

beforeAll(installCfnLint);

// The synthesis fails when cdk-nag finds something.
test.each(['codeDeploy', 'ecs'])(
  'synthesizes examples/cdk, in whose template cfn-lint finds no problem: %s',
  async (deployedBy) => {
    await run('env', [`CDK_CONTEXT_JSON=${JSON.stringify({ deployedBy })}`, 'npm', 'run', 'synth'], example);

    // W3005: the CDK adds DependsOn also where an attribute implies it.
    const ignored = ['W3005'];

    expect(await lint(join(example, 'cdk.out', 'orders-deployment.template.json'), ignored)).toBe('');
  },
);
