import {
  AddTagsCommand,
  CreateRuleCommand,
  type CreateRuleCommandInput,
  DeleteRuleCommand,
  DescribeTagsCommand,
  ModifyRuleCommand,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let input: CreateRuleCommandInput & { ListenerArn: string };

beforeEach(() => {
  cloud = new SimulatedCloud();
  const { elasticLoadBalancing } = cloud;
  const TargetGroupArn = elasticLoadBalancing.addTargetGroup({ name: 'blue' }).arn;
  const Actions = [{ Type: 'forward' as const, TargetGroupArn }];
  const loadBalancerArn = elasticLoadBalancing.addLoadBalancer({ name: 'web' }).arn;
  const ListenerArn = elasticLoadBalancing.addListener({ loadBalancerArn, defaultActions: Actions }).arn;
  const Conditions = [{ Field: 'host-header', HostHeaderConfig: { Values: ['a.example'] } }];
  input = { ListenerArn, Priority: 1, Conditions, Actions, Tags: [{ Key: 'owner', Value: 'me' }] };
});

const client = () => cloud.clients.elasticLoadBalancing;
const create = async (more: Partial<CreateRuleCommandInput> = {}) => {
  const { Rules } = await client().send(new CreateRuleCommand({ ...input, ...more }));
  return Rules?.[0]?.RuleArn ?? '';
};

test('creates a rule with its tags, moves, changes and deletes it', async () => {
  const RuleArn = await create();
  await client().send(new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority: 7 }] }));
  await client().send(
    new AddTagsCommand({ ResourceArns: [RuleArn], Tags: [{ Key: 'stage', Value: 'prod' }] }),
  );
  const Conditions = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/a'] } }];
  const { Rules } = await client().send(new ModifyRuleCommand({ RuleArn, Conditions }));
  const { TagDescriptions } = await client().send(new DescribeTagsCommand({ ResourceArns: [RuleArn] }));
  await client().send(new DeleteRuleCommand({ RuleArn }));

  expect(Rules).toMatchObject([
    { Priority: '7', Conditions: [{ Values: ['/a'], PathPatternConfig: { Values: ['/a'] } }] },
  ]);
  expect(TagDescriptions?.[0]?.Tags).toEqual([
    { Key: 'owner', Value: 'me' },
    { Key: 'stage', Value: 'prod' },
  ]);
  expect(cloud.elasticLoadBalancing.rulesOf(input.ListenerArn)).toEqual([]);
});

test('swaps the priorities of two rules in one call', async () => {
  const [first, second] = [await create(), await create({ Priority: 2 })];

  await client().send(
    new SetRulePrioritiesCommand({
      RulePriorities: [
        { RuleArn: first, Priority: 2 },
        { RuleArn: second, Priority: 1 },
      ],
    }),
  );

  expect(cloud.elasticLoadBalancing.rulesOf(input.ListenerArn).map(({ arn }) => arn)).toEqual([
    second,
    first,
  ]);
});

test.each<[string, () => Promise<unknown>, string]>([
  ['a priority in use', () => create().then(() => create()), 'PriorityInUseException'],
  ['no condition', () => create({ Conditions: [] }), 'ValidationError'],
  [
    'a condition without a value',
    () => create({ Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: [] } }] }),
    'InvalidConfigurationRequest',
  ],
  [
    'too many condition values',
    () =>
      create({
        Conditions: [{ Field: 'source-ip', SourceIpConfig: { Values: ['1', '2', '3', '4', '5', '6'] } }],
      }),
    'TooManyConditionValues',
  ],
  ['a tag of AWS', () => create({ Tags: [{ Key: 'aws:mine', Value: '' }] }), 'ValidationError'],
  [
    'too many tags',
    () => create({ Tags: Array.from({ length: 51 }, (_, index) => ({ Key: `t${index}`, Value: '' })) }),
    'TooManyTagsException',
  ],
  [
    'an impossible priority',
    async () => {
      const RuleArn = await create();
      await client().send(new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority: 0 }] }));
    },
    'ValidationError',
  ],
  [
    'the priority of another rule',
    async () => {
      await create();
      const RuleArn = await create({ Priority: 2 });
      await client().send(new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority: 1 }] }));
    },
    'PriorityInUseException',
  ],
  [
    'the deletion of a default rule',
    async () => {
      const { defaultRuleArn } = cloud.elasticLoadBalancing.listener(input.ListenerArn);
      await client().send(new DeleteRuleCommand({ RuleArn: defaultRuleArn }));
    },
    'OperationNotPermittedException',
  ],
  [
    'the deletion of an unknown rule',
    () => client().send(new DeleteRuleCommand({ RuleArn: 'none' })),
    'RuleNotFoundException',
  ],
  [
    'the tags of more than 20 resources',
    () => client().send(new DescribeTagsCommand({ ResourceArns: new Array(21).fill('arn') })),
    'ValidationError',
  ],
])('refuses %s', async (_what, act, name) => {
  await expect(act()).rejects.toMatchObject({ name });
});
