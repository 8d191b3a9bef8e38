import { readFileSync } from 'node:fs';

/*
 * What a user's bundle takes of this package when it imports one name from a subpath: minified, without the AWS SDK,
 * whose own growth would hide ours. A limit leaves some ten percent; raise it for a reason that the commit names.
 */
const budgets = {
  '.': { name: 'SqsTools', limit: '26.5 kB' },
  './core': { name: 'parseStackReference', limit: '5 kB' },
  './aurora': { name: 'AuroraTools', limit: '82 kB' },
  './sqs': { name: 'SqsTools', limit: '26.5 kB' },
  './sns': { name: 'SnsTools', limit: '30 kB' },
  './dynamo': { name: 'DynamoTools', limit: '31.5 kB' },
  './cloudwatch': { name: 'CloudWatchTools', limit: '30 kB' },
  './kinesis': { name: 'KinesisTools', limit: '26.5 kB' },
  './lambda': { name: 'LambdaTools', limit: '47 kB' },
  './scheduler': { name: 'SchedulerTools', limit: '30 kB' },
  './ecs': { name: 'EcsTools', limit: '33.5 kB' },
  './ecs-rollout': { name: 'EcsRollout', limit: '94 kB' },
  './ecs-deployments': { name: 'EcsPause', limit: '50 kB' },
  './hooks': { name: 'codeDeployHook', limit: '27 kB' },
  './resumable': { name: 'runToEnd', limit: '28 kB' },
  './traffic': { name: 'TrafficShifter', limit: '71 kB' },
  './traffic/route-53': { name: 'Route53WeightedRecordTarget', limit: '36 kB' },
  './traffic/global-accelerator': { name: 'GlobalAcceleratorTarget', limit: '31 kB' },
  './traffic/step-functions': { name: 'StepFunctionsAliasTarget', limit: '28 kB' },
  './traffic/prometheus': { name: 'prometheusQuery', limit: '33 kB' },
  './traffic/application-signals': { name: 'sloBudget', limit: '29 kB' },
  './traffic/api-gateway': { name: 'ApiGatewayCanaryTarget', limit: '30 kB' },
  './gates': { name: 'queueDrained', limit: '34 kB' },
  './swap': { name: 'StackSwap', limit: '132 kB' },
  './swap/dynamo': { name: 'DynamoSwapRecord', limit: '32 kB' },
  './step-functions': { name: 'stepFunctionsHandler', limit: '35 kB' },
  './durable': { name: 'runDurably', limit: '34 kB' },
  './custom-resource': { name: 'managedListenerRuleHandler', limit: '184 kB' },
  './cdk': { name: 'CodeDeploySwapHooks', limit: '62 kB' },
  './report': { name: 'renderReport', limit: '76 kB' },
  './telemetry': { name: 'emfEvents', limit: '18 kB' },
  './iam': { name: 'iamPolicyFor', limit: '42 kB' },
  './testing': { name: 'SimulatedCloud', limit: '330 kB' },
};

const { exports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const withoutBudget = Object.keys(exports).filter(
  (subpath) => subpath !== './package.json' && !(subpath in budgets),
);
if (withoutBudget.length > 0) throw new Error(`No size budget for ${withoutBudget.join(', ')}`);

export default Object.entries(budgets).map(([subpath, { name, limit }]) => ({
  name: `${name} of ${subpath}`,
  path: exports[subpath].import.default,
  import: `{ ${name} }`,
  limit,
  brotli: false,
  ignore: ['@aws-sdk/*', '@smithy/*', 'aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'],
  modifyEsbuildConfig: (config) => ({
    ...config,
    platform: 'node',
    mainFields: ['module', 'main'],
  }),
}));
