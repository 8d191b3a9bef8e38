import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { programsOf, root } from '../../support/guide-programs.js';

/** Folder in the repository, because the program imports the package by its own name. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(root, 'test/unit/docs/running-'));
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation(() => {});
  }
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** Loads the guide's hook with the simulated cloud instead of AWS. */
async function loadHook(cloud: SimulatedCloud) {
  const code =
    programsOf('docs/guides/tools.md').find((program) => program.code.includes('codeDeployHook('))?.code ??
    '';
  const simulated = code
    .replaceAll('logger: console,', 'logger: console, ...cloud,')
    .replace(/\n}\);\n$/, '\n}, cloud);\n');
  expect(simulated).not.toBe(code);
  const { clients, clock } = cloud;
  vi.stubGlobal('readmeCloud', { clients, clock });
  writeFileSync(join(folder, 'hook.ts'), `const cloud = readmeCloud;\n${simulated}`);
  const { handler } = await import(join(folder, 'hook.ts'));
  return handler;
}

describe('the tools › the CodeDeploy hook', () => {
  test('reports Succeeded after the event source mapping is enabled', async () => {
    const cloud = new SimulatedCloud();
    const autoscaling = { minCapacity: 1, maxCapacity: 6 };
    cloud.rds.addCluster({ name: 'orders-blue', status: 'available', readers: 2, autoscaling });
    cloud.rds.addCluster({ name: 'orders-green', status: 'stopped', readers: 1, autoscaling });
    cloud.sns.addTopic('orders');
    for (const stack of ['blue', 'green'] as const) {
      const queue = cloud.sqs.addQueue({ name: `orders-${stack}` });
      const subscription = cloud.sns.subscribe({ topic: 'orders', queue: queue.arn });
      vi.stubEnv(`${stack.toUpperCase()}_SUBSCRIPTION_ARN`, subscription.arn);
      cloud.lambda.addFunction({ name: `orders-ingest-${stack}` });
      const functionName = `orders-ingest-${stack}`;
      cloud.lambda.addMapping({
        functionName,
        eventSourceArn: queue.arn,
        state: stack === 'blue' ? 'Enabled' : 'Disabled',
      });
    }
    vi.stubEnv('REPLACEMENT_STACK', 'green');
    const handler = await loadHook(cloud);
    const execution = cloud.codeDeploy.openHookExecution();

    await handler(execution, { getRemainingTimeInMillis: () => 900_000 });

    expect(cloud.codeDeploy.responses.at(-1)).toMatchObject({ status: 'Succeeded' });
    expect(cloud.lambda.mappingsOf('orders-ingest-green')).toMatchObject([{ state: 'Enabled' }]);
    expect(cloud.rds.cluster('orders-green').status).toBe('available');
  });
});
