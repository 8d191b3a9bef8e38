import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, inject, test } from 'vitest';

/** Returns the clients of the AWS SDK of which a bundle with this import has a part. */
async function clientsIn(subpath: string, name: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: {
      contents: `export { ${name} } from 'aws-blue-green-toolkit${subpath}';`,
      resolveDir: join(inject('consumer')),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    write: false,
    outdir: 'unused',
    metafile: true,
  });
  const parts = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const clients = parts.map(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? /@aws-sdk\/client-([\w-]+)/.exec(path)?.[1] : undefined,
  );
  return [...new Set(clients.filter((client) => client !== undefined))].sort();
}

describe("A user's bundle", () => {
  test.each([
    ['/aurora', 'AuroraTools', ['application-auto-scaling', 'rds']],
    ['/aurora', 'RdsBlueGreen', ['cloudwatch', 'rds']],
    ['/cloudwatch', 'CloudWatchTools', ['cloudwatch']],
    ['/dynamo', 'DynamoTools', ['dynamodb']],
    ['/ecs', 'EcsTools', ['application-auto-scaling', 'ecs']],
    ['/ecs-deployments', 'EcsPause', ['ecs']],
    ['/gates', 'functionReady', ['lambda']],
    ['/gates', 'queueDrained', ['cloudwatch', 'sqs']],
    ['/gates', 'httpHealthy', []],
    ['/kinesis', 'KinesisTools', ['kinesis']],
    ['/lambda', 'LambdaTools', ['cloudwatch', 'eventbridge', 'lambda']],
    ['/scheduler', 'SchedulerTools', ['scheduler']],
    ['/sns', 'SnsTools', ['sns']],
    ['/sqs', 'SqsTools', ['sqs']],
    ['', 'SqsTools', ['sqs']],
    ['/hooks', 'codeDeployHook', ['codedeploy']],
    ['/hooks', 'ecsLifecycleHook', []],
    ['/resumable', 'runToEnd', []],
    ['/step-functions', 'stepFunctionsHandler', []],
    ['/durable', 'runDurably', []],
    ['/swap', 'StackSwap', []],
    ['/traffic/application-signals', 'sloBudget', ['application-signals']],
    ['/swap/dynamo', 'DynamoSwapRecord', ['dynamodb']],
    ['/traffic/api-gateway', 'ApiGatewayCanaryTarget', ['api-gateway']],
    ['/traffic/route-53', 'Route53WeightedRecordTarget', ['route-53']],
    ['/traffic/global-accelerator', 'GlobalAcceleratorTarget', ['global-accelerator']],
    ['/traffic/step-functions', 'StepFunctionsAliasTarget', ['sfn']],
  ])('has only the clients that it needs: %s %s', async (subpath, name, expected) => {
    expect(await clientsIn(subpath, name)).toEqual(expected);
  });
});
