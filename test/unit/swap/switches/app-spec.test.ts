import { describe, expect, test } from 'vitest';
import { taskDefinitionIn } from '../../../../src/swap/switches/app-spec.js';

const arn = 'arn:aws-cn:ecs:cn-north-1:123456789012:task-definition/orders-web:17';

const yaml = (value: string) => `# TaskDefinition: web:1
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: ${value}
        LoadBalancerInfo:
          ContainerName: "web"
          ContainerPort: 80
Hooks:
  - BeforeInstall: "orders-before-install"
`;

const json = (properties: object) =>
  JSON.stringify({
    version: 0.0,
    Resources: [{ TargetService: { Type: 'AWS::ECS::Service', Properties: properties } }],
  });

describe('taskDefinitionIn', () => {
  test.each([
    ['JSON', json({ TaskDefinition: arn, LoadBalancerInfo: {} })],
    ['JSON over several lines', JSON.stringify(JSON.parse(json({ TaskDefinition: arn })), null, 2)],
    ['YAML, plain', yaml(arn)],
    ['YAML, double quotes', yaml(`"${arn}"`)],
    ['YAML, single quotes', yaml(`'${arn}'`)],
    ['YAML with a comment behind the value', yaml(`${arn}   # the new revision`)],
    ['YAML with Windows line ends', yaml(arn).replaceAll('\n', '\r\n')],
    ['YAML with a quoted key', yaml(arn).replace('        TaskDefinition:', "        'TaskDefinition' :")],
    ['YAML in flow style', `{Resources: [{TargetService: {Properties: {TaskDefinition: "${arn}"}}}]}`],
    [
      'YAML in flow style, plain',
      `Resources: [{TargetService: {Properties: {TaskDefinition: ${arn}, X: 1}}}]`,
    ],
  ])('returns the value in %s', (_, content) => {
    expect(taskDefinitionIn(content)).toBe(arn);
  });

  test.each(['web:12', 'orders_web-2:3'])('accepts %s', (name) => {
    expect(taskDefinitionIn(yaml(name))).toBe(name);
    expect(taskDefinitionIn(json({ TaskDefinition: name }))).toBe(name);
  });

  test.each([
    ['an alias', yaml('*task')],
    ['an anchor', yaml(`&task ${arn}`)],
    ['a tag', yaml(`!!str ${arn}`)],
    ['a block', yaml(`|\n          ${arn}`)],
    ['a folded block', yaml(`>-\n          ${arn}`)],
    ['the placeholder of a pipeline', yaml('<TASK_DEFINITION>')],
    ['an escape', yaml('"web\\u003a1"')],
    ['a family without a revision', yaml('web')],
    ['an ARN without a revision', yaml(arn.replace(':17', ''))],
    ['no value', yaml('')],
    ['null in YAML', yaml('null')],
    ['two services', yaml(arn) + yaml(arn)],
    ['a second one whose value is an alias', `${yaml(arn)}Other:\n  TaskDefinition: *task\n`],
    ['an object', json({ TaskDefinition: { Ref: 'Task' } })],
    ['null', json({ TaskDefinition: null })],
    ['another key', json({ MyTaskDefinition: arn })],
    ['a Lambda deployment', JSON.stringify({ Resources: [{ fn: { Properties: { Name: 'f' } } }] })],
    ['nothing', ''],
  ])('returns undefined for %s', (_, content) => {
    expect(taskDefinitionIn(content)).toBeUndefined();
  });
});
