import {
  type Action,
  type AddTagsCommandInput,
  type AddTagsCommandOutput,
  type CreateRuleCommandInput,
  type CreateRuleCommandOutput,
  type DeleteRuleCommandInput,
  type DeleteRuleCommandOutput,
  type DescribeTagsCommandInput,
  type DescribeTagsCommandOutput,
  OperationNotPermittedException,
  PriorityInUseException,
  type RemoveTagsCommandInput,
  type RemoveTagsCommandOutput,
  type Rule,
  type RuleCondition,
  type SetRulePrioritiesCommandInput,
  type SetRulePrioritiesCommandOutput,
  type Tag,
  TooManyTagsException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsError, clientFault, type OperationOutput, required } from '../../cloud/environment.js';

/** A rule without its actions. */
export interface RuleRecord {
  readonly arn: string;
  readonly listenerArn: string;
  priority: number;
  conditions: readonly RuleCondition[];
  tags?: readonly Tag[];
}

/** Storage of the rules of all listeners. */
export interface RuleStore {
  /** Returns every rule except the default ones. */
  readonly rules: () => RuleRecord[];
  readonly isDefaultRule: (arn: string) => boolean;
  /** @throws RuleNotFoundException */
  readonly find: (arn: string) => RuleRecord;
  /** Adds a rule and returns its ARN. Refuses a priority in use. */
  readonly add: (options: {
    listenerArn: string;
    priority: number;
    conditions: readonly RuleCondition[];
    actions: readonly Action[];
  }) => string;
  readonly describe: (arn: string) => Rule;
}

const lowestPriority = 50_000;
const maxConditionValues = 5;
const maxTags = 50;
const maxTaggedResources = 20;

/** The operations that create, reorder, tag and delete rules. */
export function listenerRuleOperations(store: RuleStore) {
  return {
    CreateRule: (input: CreateRuleCommandInput): OperationOutput<CreateRuleCommandOutput> => {
      const conditions = required(input.Conditions, 'Conditions');
      const tags = acceptTags([], input.Tags ?? []);
      requireConditions(conditions);
      const arn = store.add({
        listenerArn: required(input.ListenerArn, 'ListenerArn'),
        priority: required(input.Priority, 'Priority'),
        conditions: asStored(conditions),
        actions: required(input.Actions, 'Actions'),
      });
      store.find(arn).tags = tags;
      return { Rules: [store.describe(arn)] };
    },

    DeleteRule: (input: DeleteRuleCommandInput): OperationOutput<DeleteRuleCommandOutput> => {
      const arn = required(input.RuleArn, 'RuleArn');
      if (store.isDefaultRule(arn))
        throw new OperationNotPermittedException(clientFault(`Default rule '${arn}' cannot be deleted`));
      const rules = store.rules();
      rules.splice(rules.indexOf(store.find(arn)), 1);
      return {};
    },

    SetRulePriorities: (
      input: SetRulePrioritiesCommandInput,
    ): OperationOutput<SetRulePrioritiesCommandOutput> => {
      const changes = required(input.RulePriorities, 'RulePriorities').map(({ RuleArn, Priority }) => ({
        rule: store.find(required(RuleArn, 'RuleArn')),
        priority: validPriority(required(Priority, 'Priority')),
      }));
      const moved = changes.map(({ rule }) => rule.arn);
      for (const { rule, priority } of changes) {
        const isTaken = store
          .rules()
          .some(
            (it) =>
              it.listenerArn === rule.listenerArn && it.priority === priority && !moved.includes(it.arn),
          );
        if (isTaken)
          throw new PriorityInUseException(clientFault(`Priority '${priority}' is currently in use`));
      }
      for (const { rule, priority } of changes) rule.priority = priority;
      return { Rules: moved.map(store.describe) };
    },

    AddTags: (input: AddTagsCommandInput): OperationOutput<AddTagsCommandOutput> => {
      for (const arn of required(input.ResourceArns, 'ResourceArns')) {
        const rule = store.find(arn);
        rule.tags = acceptTags(rule.tags ?? [], required(input.Tags, 'Tags'));
      }
      return {};
    },

    RemoveTags: (input: RemoveTagsCommandInput): OperationOutput<RemoveTagsCommandOutput> => {
      const keys = required(input.TagKeys, 'TagKeys');
      for (const arn of required(input.ResourceArns, 'ResourceArns')) {
        const rule = store.find(arn);
        rule.tags = (rule.tags ?? []).filter(({ Key = '' }) => !keys.includes(Key));
      }
      return {};
    },

    DescribeTags: (input: DescribeTagsCommandInput): OperationOutput<DescribeTagsCommandOutput> => {
      const arns = required(input.ResourceArns, 'ResourceArns');
      if (arns.length > maxTaggedResources)
        throw awsError('ValidationError', `At most ${maxTaggedResources} resources can be described`);
      return {
        TagDescriptions: arns.map((ResourceArn) => ({
          ResourceArn,
          Tags: [...(store.find(ResourceArn).tags ?? [])],
        })),
      };
    },
  };
}

/** Replaces the conditions of a rule. */
export function changeConditions(rule: RuleRecord, conditions: readonly RuleCondition[]): void {
  requireConditions(conditions);
  rule.conditions = asStored(conditions);
}

function requireConditions(conditions: readonly RuleCondition[]): void {
  if (conditions.length === 0) throw awsError('ValidationError', 'A rule needs a condition');
  const count = conditions.map((it) => valuesOf(it).length).reduce((sum, values) => sum + values, 0);
  if (conditions.some((it) => valuesOf(it).length === 0))
    throw awsError('InvalidConfigurationRequest', 'A condition value must be specified');
  if (count > maxConditionValues)
    throw awsError('TooManyConditionValues', `Rules can have at most ${maxConditionValues} condition values`);
}

function valuesOf(condition: RuleCondition): readonly unknown[] {
  const { HostHeaderConfig, PathPatternConfig, HttpHeaderConfig, QueryStringConfig } = condition;
  const { HttpRequestMethodConfig, SourceIpConfig, Values } = condition;
  const config =
    HostHeaderConfig ??
    PathPatternConfig ??
    HttpHeaderConfig ??
    QueryStringConfig ??
    HttpRequestMethodConfig ??
    SourceIpConfig;
  return config?.Values ?? Values ?? [];
}

/** Adds the old form of host and path conditions, which AWS returns too. */
function asStored(conditions: readonly RuleCondition[]): RuleCondition[] {
  return conditions.map((condition) => {
    const values = condition.HostHeaderConfig?.Values ?? condition.PathPatternConfig?.Values;
    return structuredClone({ ...condition, ...(values && { Values: values }) });
  });
}

function acceptTags(present: readonly Tag[], added: readonly Tag[]): Tag[] {
  for (const { Key = '', Value = '' } of added) {
    if (!/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key) || Value.length > 256)
      throw awsError('ValidationError', `The tag ${Key} is invalid`);
  }
  const kept = present.filter(({ Key }) => !added.some((tag) => tag.Key === Key));
  const tags = structuredClone([...kept, ...added]);
  if (tags.length > maxTags) throw new TooManyTagsException(clientFault(`At most ${maxTags} tags`));
  return tags;
}

function validPriority(priority: number): number {
  if (Number.isInteger(priority) && priority >= 1 && priority <= lowestPriority) return priority;
  throw awsError('ValidationError', `A priority is 1 to ${lowestPriority}, not ${priority}`);
}
