import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { shift } from '../../../examples/sam/machines.js';
import { ecsLifecycleStages } from '../../../src/core/ecs-lifecycle-stages.js';
import type { IamResourceType } from '../../../src/core/permissions.js';
import { policyOf } from '../../../src/core/policy-document.js';
import type { CodeDeploySwapHooks } from '../../../src/hooks/index.js';
import { iamPolicyFor } from '../../../src/iam/index.js';
import {
  likeIamPolicy,
  type Properties,
  readTemplate,
  readTerraform,
  terraformStatements,
} from '../../support/parse-template.js';

const region = 'eu-west-1:111122223333';
const variables = {
  AWS_REGION: 'eu-west-1',
  SWAP_TABLE_NAME: 'stack-swaps',
  CLUSTER: 'orders',
  SERVICE: 'web',
  LISTENER_ARN: `arn:aws:elasticloadbalancing:${region}:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2`,
  BLUE_SUBSCRIPTION_ARN: `arn:aws:sns:${region}:orders:11111111-1111-4111-8111-111111111111`,
  GREEN_SUBSCRIPTION_ARN: `arn:aws:sns:${region}:orders:22222222-2222-4222-8222-222222222222`,
  RULE_ARN: `arn:aws:elasticloadbalancing:${region}:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`,
  LOAD_BALANCER_ARN: `arn:aws:elasticloadbalancing:${region}:loadbalancer/app/web/50dc6c495c0c9188`,
  BLUE_TARGET_GROUP_ARN: `arn:aws:elasticloadbalancing:${region}:targetgroup/blue/6d0ecf831eec9f09`,
  GREEN_TARGET_GROUP_ARN: `arn:aws:elasticloadbalancing:${region}:targetgroup/green/73e2d6bc24d8a067`,
};

beforeAll(() => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});

afterAll(() => vi.unstubAllEnvs());

/** ARNs of a swap's resources, in the words of a template. */
interface Words {
  /** `arn:PARTITION:SERVICE:REGION:ACCOUNT:` */
  readonly start: (service: string) => string;
  readonly application: string;
  readonly group: string;
  readonly cluster: string;
  readonly service: string;
  readonly table: string;
}

function arnsOf({ start, ...names }: Words): Partial<Record<IamResourceType, string>> {
  return {
    codeDeployApplication: `${start('codedeploy')}application:${names.application}`,
    deploymentGroup: `${start('codedeploy')}deploymentgroup:${names.application}/${names.group}`,
    service: `${start('ecs')}service/${names.cluster}/${names.service}`,
    serviceDeployment: `${start('ecs')}service-deployment/${names.cluster}/${names.service}/*`,
    serviceRevision: `${start('ecs')}service-revision/${names.cluster}/${names.service}/*`,
    table: names.table,
    eventSourceMapping: `${start('lambda')}event-source-mapping:*`,
    function: `${start('lambda')}function:orders-ingest-*`,
    dbCluster: `${start('rds')}cluster:orders-*`,
  };
}

const sub = (name: string) => `\${${name}}`;
const samStart = (service: string) =>
  `arn:${sub('AWS::Partition')}:${service}:${sub('AWS::Region')}:${sub('AWS::AccountId')}:`;
const terraformStart = (service: string) => `arn:${sub('local.partition')}:${service}:${sub('local.place')}:`;

const samWords: Words = {
  start: samStart,
  application: sub('CodeDeployApplication'),
  group: sub('DeploymentGroup'),
  cluster: sub('Cluster'),
  service: sub('Service'),
  table: sub('SwapTable.Arn'),
};
const terraformWords: Words = {
  start: terraformStart,
  application: sub('var.codedeploy_application'),
  group: sub('var.deployment_group'),
  cluster: sub('var.cluster'),
  service: sub('var.service'),
  table: sub('aws_dynamodb_table.record.arn'),
};

/** Returns the policy of the example's swap: its steps, its switch, its hooks and its record. */
async function swapPolicy(words: Words, deployedBy: 'codeDeploy' | 'ecs' = 'codeDeploy') {
  const { ordersSwap } = await import('../../../examples/sam/swap.js');
  const arns = arnsOf(words);
  const permissions = ordersSwap(deployedBy).permissions();
  return policyOf(permissions, (type) => [arns[type] ?? 'missing']).Statement;
}

/** Returns the same policy by the names of the methods, as a user writes it. */
function methodsPolicy(words: Words) {
  return iamPolicyFor(
    [
      'codeDeploySwapHooks',
      'codeDeploySwitch',
      'DynamoSwapRecord.read',
      'DynamoSwapRecord.write',
      'AuroraTools.startDatabase',
      'AuroraTools.stopDatabase',
      'LambdaTools.enableEventMapping',
      'LambdaTools.disableEventMapping',
      'SnsTools.enableSubscription',
      'SnsTools.disableSubscription',
    ],
    arnsOf(words) as Required<ReturnType<typeof arnsOf>>,
    { without: ['alias'] },
  ).Statement;
}

const inOrder = (statements: readonly object[]) => statements.map((it) => JSON.stringify(it)).sort();

const shiftPolicy = (listenerRule: string) =>
  iamPolicyFor(
    [
      'AlbListenerRuleTarget.readWeights',
      'AlbListenerRuleTarget.writeWeights',
      'AlbListenerRuleTarget.readHealth',
      'albTargetGroup5xxRate',
    ],
    { listenerRule },
  ).Statement;

const machinePolicy = (start: (service: string) => string, name: string, functionArn: string) =>
  iamPolicyFor(
    ['stepFunctionsDefinition'],
    {
      function: functionArn,
      stateMachine: `${start('states')}stateMachine:${name}`,
      execution: `${start('states')}execution:${name}:*`,
      stepFunctionsRule: `${start('events')}rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
    },
    { without: ['approvalQueue', 'approvalTopic'] },
  ).Statement;

const hookHandlers = async () => {
  const hooks: object = await import('../../../examples/sam/hooks.js');
  return Object.keys(hooks) as (keyof CodeDeploySwapHooks)[];
};

describe('examples/sam/swap-hooks.yaml', () => {
  const { Resources } = readTemplate('examples/sam/swap-hooks.yaml');
  const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Serverless::Function');

  test('allows what the swap needs, as iamPolicyFor does', async () => {
    const statements = likeIamPolicy(Resources['Role']?.Properties['Policies'][1].PolicyDocument.Statement);

    expect(statements).toEqual(await swapPolicy(samWords));
    expect(statements).toEqual(methodsPolicy(samWords));
  });

  test('has a function for each handler, with a name that CodeDeploy may run', async () => {
    const handlers = functions.map(({ Properties }) => Properties['Handler'].replace('hooks.', ''));

    expect(handlers.sort()).toEqual((await hookHandlers()).sort());
    for (const { Properties } of functions)
      expect(Properties['FunctionName']).toMatch(/^CodeDeployHook_\$\{Name\}-[a-z-]+$/);
  });

  test('has names within the limit of Lambda, whatever the stack is called', () => {
    const maxName = 'x'.repeat(24);
    const { Name } = (readTemplate('examples/sam/swap-hooks.yaml') as unknown as Properties)['Parameters'];
    const names = functions.map(({ Properties }) => Properties['FunctionName'].replace(sub('Name'), maxName));

    expect(maxName).toMatch(new RegExp(`^(?:${Name.AllowedPattern})$`));
    expect(`${maxName}x`).not.toMatch(new RegExp(`^(?:${Name.AllowedPattern})$`));
    expect(Math.max(...names.map((name: string) => name.length))).toBeLessThanOrEqual(64);
  });

  test('has the table of DynamoSwapRecord', () => {
    expect(Resources['SwapTable']?.Properties).toMatchObject({
      AttributeDefinitions: [{ AttributeName: 'application', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'application', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
  });
});

describe('examples/sam/ecs-hook.yaml', () => {
  const { Resources } = readTemplate('examples/sam/ecs-hook.yaml');

  test('allows what the swap needs, as iamPolicyFor does', async () => {
    const statements = likeIamPolicy(Resources['Role']?.Properties['Policies'][1].PolicyDocument.Statement);

    expect(inOrder(statements)).toEqual(inOrder(await swapPolicy(samWords, 'ecs')));
  });

  test('names the stages of EcsSwapHook, and its handler', async () => {
    const { Outputs } = readTemplate('examples/sam/ecs-hook.yaml') as unknown as Properties;

    expect(JSON.parse(Outputs.LifecycleHook.Value).lifecycleStages).toEqual(ecsLifecycleStages.slice(1));
    expect(Resources['Hook']?.Properties['Handler']).toBe('ecs-hook.handler');
    await expect(import('../../../examples/sam/ecs-hook.js')).resolves.toMatchObject({
      handler: expect.any(Function),
    });
  });
});

describe('examples/sam/traffic-shift.yaml', () => {
  const { Resources } = readTemplate('examples/sam/traffic-shift.yaml');
  const policyIn = (role: string, index: number) =>
    likeIamPolicy(Resources[role]?.Properties['Policies'][index].PolicyDocument.Statement);

  test('allows what the shift and its state machine need, as iamPolicyFor does', () => {
    const name = `${sub('AWS::StackName')}-shifts`;

    expect(policyIn('FunctionRole', 1)).toEqual(shiftPolicy(sub('RuleArn')));
    expect(policyIn('MachineRole', 0)).toEqual(machinePolicy(samStart, name, sub('ShiftFunction.Arn')));
    expect(Resources['Shifts']?.Properties['Name']).toBe(name);
  });

  test('gives a step the time that the state machine waits for', () => {
    const { Timeout } = Resources['ShiftFunction']?.Properties ?? {};

    expect(shift.States['Advance']?.['TimeoutSeconds']).toBe(Timeout + 30);
  });

  test('sets every variable that its handler reads', async () => {
    await expect(import('../../../examples/sam/shift-traffic.js')).resolves.toMatchObject({
      handler: expect.any(Function),
    });
    const { Variables } = Resources['ShiftFunction']?.Properties['Environment'] ?? {};
    expect(Object.keys(Variables).every((name) => name in variables)).toBe(true);
  });
});

describe('examples/terraform/swap-hooks', () => {
  let module: Properties;
  beforeAll(async () => {
    module = await readTerraform('examples/terraform/swap-hooks/main.tf');
  });

  test('allows what the swap needs, as iamPolicyFor does', async () => {
    expect(terraformStatements(module, 'swap')).toEqual(await swapPolicy(terraformWords));
  });

  test('has a function for each handler, with a name that CodeDeploy may run', async () => {
    const [{ hooks }] = module['locals'];
    const handlers = Object.values<Properties>(hooks).map(({ handler }) => handler);
    const [{ function_name: name, handler, timeout }] = module['resource'].aws_lambda_function.hook;

    expect([...handlers, 'deploymentEnded'].sort()).toEqual((await hookHandlers()).sort());
    expect([name, handler, timeout]).toEqual([
      `CodeDeployHook_${sub('var.name')}-${sub('each.value.name')}`,
      `hooks.${sub('each.value.handler')}`,
      900,
    ]);
  });

  test('sets the variables of the SAM template', () => {
    const { Globals } = readTemplate('examples/sam/swap-hooks.yaml') as unknown as Properties;
    const [{ environment }] = module['resource'].aws_lambda_function.hook;

    expect(Object.keys(environment[0].variables).sort()).toEqual(
      Object.keys(Globals.Function.Environment.Variables).sort(),
    );
  });

  test('has the table of DynamoSwapRecord, which Terraform does not destroy', () => {
    expect(module['resource'].aws_dynamodb_table.record).toEqual([
      expect.objectContaining({
        hash_key: 'application',
        attribute: [{ name: 'application', type: 'S' }],
        billing_mode: 'PAY_PER_REQUEST',
        lifecycle: [{ prevent_destroy: true }],
      }),
    ]);
  });

  test('triggers deploymentEnded by the event and by the schedule', () => {
    const { aws_cloudwatch_event_rule: rules, aws_cloudwatch_event_target: targets } = module['resource'];
    const [{ triggers }] = module['locals'];

    expect(rules.tick[0].schedule_expression).toBe('rate(5 minutes)');
    expect(rules.deployment[0].event_pattern).toContain('CodeDeploy Deployment State-change Notification');
    expect(triggers).toEqual({
      deployment: sub('aws_cloudwatch_event_rule.deployment'),
      tick: sub('aws_cloudwatch_event_rule.tick'),
    });
    expect(targets.deployment_ended).toEqual([
      {
        for_each: sub('local.triggers'),
        rule: sub('each.value.name'),
        arn: sub('aws_lambda_function.hook["DeploymentEnded"].arn'),
      },
    ]);
  });
});

describe('examples/terraform/ecs-hook', () => {
  let module: Properties;
  beforeAll(async () => {
    module = await readTerraform('examples/terraform/ecs-hook/main.tf');
  });

  test('allows what the swap needs, as iamPolicyFor does', async () => {
    expect(inOrder(terraformStatements(module, 'swap'))).toEqual(
      inOrder(await swapPolicy(terraformWords, 'ecs')),
    );
  });

  test('names the stages of EcsSwapHook, and the handler, the time and the variables of the SAM template', () => {
    const { Globals, Resources } = readTemplate('examples/sam/ecs-hook.yaml') as unknown as Properties;
    const [{ value }] = module['output'].lifecycle_hook;
    const [{ handler, timeout, environment }] = module['resource'].aws_lambda_function.hook;

    expect(value.lifecycle_stages).toEqual(ecsLifecycleStages.slice(1));
    expect([handler, timeout]).toEqual([Resources.Hook.Properties.Handler, Globals.Function.Timeout]);
    expect(Object.keys(environment[0].variables).sort()).toEqual(
      Object.keys(Globals.Function.Environment.Variables).sort(),
    );
  });

  test('lets ECS run the hook, and nothing else', () => {
    const { aws_iam_role: roles, aws_iam_role_policy: policies } = module['resource'];

    expect(module['output'].lifecycle_hook[0].value.role_arn).toBe(sub('aws_iam_role.hook.arn'));
    expect(roles.hook[0].assume_role_policy).toContain('assumed_by["ecs"]');
    expect(policies.hook[0].role).toBe(sub('aws_iam_role.hook.id'));
    expect(terraformStatements(module, 'hook')).toEqual([
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [sub('aws_lambda_function.hook.arn')] },
    ]);
  });

  test('has the table of swap-hooks', async () => {
    const { resource } = await readTerraform('examples/terraform/swap-hooks/main.tf');

    expect(module['resource'].aws_dynamodb_table).toEqual(resource.aws_dynamodb_table);
  });

  test('triggers the hook by the event and by the schedule', () => {
    const { aws_cloudwatch_event_rule: rules, aws_cloudwatch_event_target: targets } = module['resource'];

    expect(rules.tick[0].schedule_expression).toBe('rate(5 minutes)');
    expect(rules.deployment[0].event_pattern).toContain('ECS Deployment State Change');
    expect(targets.hook[0]).toEqual({
      for_each: sub('local.triggers'),
      rule: sub('each.value.name'),
      arn: sub('aws_lambda_function.hook.arn'),
    });
  });
});

describe('examples/terraform/traffic-shift', () => {
  let module: Properties;
  beforeAll(async () => {
    module = await readTerraform('examples/terraform/traffic-shift/main.tf');
  });

  test('allows what the shift and its state machine need, as iamPolicyFor does', () => {
    expect(terraformStatements(module, 'function')).toEqual(shiftPolicy(sub('var.rule_arn')));
    expect(terraformStatements(module, 'machine')).toEqual(
      machinePolicy(terraformStart, `${sub('var.name')}-shifts`, sub('aws_lambda_function.shift.arn')),
    );
  });

  test('has an alarm for a shift that failed, and for one that was aborted', () => {
    const [{ for_each: metrics, dimensions }] = module['resource'].aws_cloudwatch_metric_alarm.not_shifted;
    const { Resources } = readTemplate('examples/sam/traffic-shift.yaml');
    const ofSam = Object.values(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');

    expect(metrics).toContain('"ExecutionsFailed", "ExecutionsAborted"');
    expect(dimensions.StateMachineArn).toBe(sub('aws_sfn_state_machine.shifts.arn'));
    expect(ofSam.map(({ Properties }) => Properties['MetricName'])).toEqual([
      'ExecutionsFailed',
      'ExecutionsAborted',
    ]);
  });

  test('fills every placeholder of the definition', () => {
    const [{ definition, name }] = module['resource'].aws_sfn_state_machine.shifts;
    const placeholders = JSON.stringify(shift).match(/\$\{\w+\}/g) ?? [];

    expect(new Set(placeholders)).toEqual(new Set([sub('FunctionArn'), sub('Partition')]));
    for (const placeholder of ['FunctionArn', 'Partition'])
      expect(definition).toMatch(new RegExp(`${placeholder} += `));
    expect(name).toBe(`${sub('var.name')}-shifts`);
  });
});

test.each([
  // The longest name that is made of it, and AWS's limit.
  ['swap-hooks', `CodeDeployHook_-after-allow-test-traffic`, 64],
  ['ecs-hook', '-swap-hook-', 38],
  ['traffic-shift', '-shifts-', 38],
])('examples/terraform/%s limits the name to what AWS allows', async (name, rest, limit) => {
  const module = await readTerraform(`examples/terraform/${name}/main.tf`);
  const [{ condition }] = module['variable'].name[0].validation;
  const [, max] = /\{1,(\d+)\}/.exec(condition) ?? [];

  expect(Number(max) + rest.length).toBeLessThanOrEqual(limit);
});

test('every module says that it was parsed, and not validated by Terraform', () => {
  expect(readFileSync('examples/terraform/README.md', 'utf8')).toContain(
    'They were parsed, and not validated by Terraform',
  );
});
