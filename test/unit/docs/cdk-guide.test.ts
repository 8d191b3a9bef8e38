import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ApplicationProtocol, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { listenerArn, listenerRule } from '../../support/cdk-stack.js';
import { programsOf, root } from '../../support/guide-programs.js';

const page = 'docs/guides/cdk-and-templates.md';
/** Folder in the repository, because the programs import the package by its own name. */
const folder = mkdtempSync(join(root, 'test/unit/docs/cdk-'));
const programs = programsOf(page);

beforeAll(() => {
  for (const { path, code } of programs) {
    // The entries are relative to the folder of the app.
    const found = code.replaceAll(/entry: '(.+?)'/g, (_, entry) => `entry: '${join(folder, entry)}'`);
    writeFileSync(join(folder, path.split('/').at(-1) ?? ''), found);
  }
  for (const entry of ['hooks', 'hook', 'shift-traffic']) writeFileSync(join(folder, `${entry}.ts`), '');
});

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => void vi.stubEnv('CDK_VALIDATION', 'false'));

afterEach(() => void vi.unstubAllEnvs());

/** Returns the function that a program of the page exports. */
async function exportedBy(name: string): Promise<(...args: unknown[]) => unknown> {
  const program = programs.find(({ code }) => code.includes(` ${name}(`) || code.includes(` ${name} `));
  return (await import(join(folder, program?.path.split('/').at(-1) ?? '')))[name];
}

/** Synthesizes without bundling, and returns the number of resources of each type. */
function countIn(stack: Stack): Record<string, number> {
  const types = Object.values<{ Type: string }>(Template.fromStack(stack).toJSON()['Resources']).map(
    ({ Type }) => Type,
  );
  return Object.fromEntries(
    [...new Set(types)].map((type) => [type, types.filter((it) => it === type).length]),
  );
}

const makeApp = () => new App({ context: { 'aws:cdk:bundling-stacks': [] } });

test('synthesizes the hooks of CodeDeploy', async () => {
  const OrdersStack = (await exportedBy('OrdersStack')) as unknown as new (app: App, id: string) => Stack;

  expect(countIn(new OrdersStack(makeApp(), 'orders'))).toEqual({
    'AWS::DynamoDB::Table': 1,
    'AWS::Events::Rule': 2,
    'AWS::IAM::Policy': 3,
    'AWS::IAM::Role': 1,
    'AWS::Lambda::Function': 6,
    'AWS::Lambda::Permission': 2,
    'AWS::Logs::LogGroup': 1,
  });
});

test('synthesizes the hook of ECS, the state machine and the listener rule', async () => {
  const [addSwap, addShift, addRule] = [
    await exportedBy('addSwap'),
    await exportedBy('addShift'),
    await exportedBy('addRule'),
  ];
  const stack = new Stack(makeApp(), 'orders');
  const vpc = new Vpc(stack, 'Vpc') as IVpc;
  const taskDefinition = new FargateTaskDefinition(stack, 'Tasks');
  taskDefinition.addContainer('web', { image: ContainerImage.fromRegistry('web') });
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  const group = (id: string) =>
    new ApplicationTargetGroup(stack, id, { vpc, port: 80, protocol: ApplicationProtocol.HTTP });

  addSwap(stack, new FargateService(stack, 'Web', { cluster: cluster as never, taskDefinition }));
  addShift(stack, listenerRule);
  const groups = [group('Blue'), group('Green')];
  for (const each of groups) Object.defineProperty(each, 'firstLoadBalancerFullName', { value: 'app/web/1' });
  addRule(stack, { listenerArn }, ...groups);

  expect(countIn(stack)).toMatchObject({
    'AWS::DynamoDB::Table': 1,
    'AWS::Events::Rule': 2,
    'AWS::Lambda::Function': expect.toSatisfy((count: number) => count >= 3),
    'AWS::StepFunctions::StateMachine': 2,
    'Custom::ManagedListenerRule': 1,
  });
});

test('names every prop of the functions', () => {
  const text = readFileSync(join(root, page), 'utf8');
  const props = readFileSync(join(root, 'src/cdk/function-props.ts'), 'utf8');
  const names = [...props.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, name]) => name);

  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !text.includes(`\`${name}`))).toEqual([]);
});
