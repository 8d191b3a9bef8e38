import {
  AddTagsCommand,
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
  RemoveTagsCommand,
  type Tag,
  type TagDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, callAws, isAwsError, requireField } from '../../core/aws-call.js';
import { chunksOf } from '../../core/chunks-of.js';

/** Limit of DescribeTags. */
const maxArnsPerCall = 20;

/** The tags of listener rules. */
export class RuleTags {
  readonly #client: ElasticLoadBalancingV2Client;

  constructor({ elasticLoadBalancing }: { readonly elasticLoadBalancing: ElasticLoadBalancingV2Client }) {
    this.#client = elasticLoadBalancing;
  }

  /** Reads the tags of a rule. Returns undefined when the rule does not exist. */
  async read(ruleArn: string, { signal }: CallOptions): Promise<readonly Tag[] | undefined> {
    const [description] = await this.#describe([ruleArn], { signal });
    return description && (description.Tags ?? []);
  }

  /** Finds the first rule whose tags fit. Returns undefined when there is none. */
  async find(
    ruleArns: readonly string[],
    fits: (tags: readonly Tag[]) => boolean,
    { signal }: CallOptions,
  ): Promise<string | undefined> {
    for (const arns of chunksOf(ruleArns, maxArnsPerCall)) {
      const found = (await this.#describe(arns, { signal })).find(({ Tags = [] }) => fits(Tags));
      if (found?.ResourceArn !== undefined) return found.ResourceArn;
    }
    return undefined;
  }

  /** Adds a tag to rules, or replaces the one with its key. */
  async add(ruleArns: readonly string[], tag: Tag, { signal }: CallOptions): Promise<void> {
    const call = { action: 'elasticloadbalancing:AddTags', resource: ruleArns.join(', '), signal };
    const command = new AddTagsCommand({ ResourceArns: [...ruleArns], Tags: [tag] });
    await callAws(call, (http) => this.#client.send(command, http));
  }

  /** Removes tags from rules. */
  async remove(ruleArns: readonly string[], keys: readonly string[], { signal }: CallOptions): Promise<void> {
    const call = { action: 'elasticloadbalancing:RemoveTags', resource: ruleArns.join(', '), signal };
    const command = new RemoveTagsCommand({ ResourceArns: [...ruleArns], TagKeys: [...keys] });
    await callAws(call, (http) => this.#client.send(command, http));
  }

  /** Reads each rule separately after RuleNotFoundException: one missing rule fails the call for all. */
  async #describe(ruleArns: readonly string[], { signal }: CallOptions): Promise<TagDescription[]> {
    const call = { action: 'elasticloadbalancing:DescribeTags', resource: ruleArns.join(', '), signal };
    try {
      const command = new DescribeTagsCommand({ ResourceArns: [...ruleArns] });
      const { TagDescriptions } = await callAws(call, (http) => this.#client.send(command, http));
      const descriptions = requireField(TagDescriptions, 'TagDescriptions', call);
      requireField(descriptions[ruleArns.length - 1], 'TagDescriptions', call);
      return descriptions;
    } catch (error) {
      if (!isAwsError(error, 'RuleNotFoundException')) throw error;
      if (ruleArns.length === 1) return [];
    }
    const each: TagDescription[] = [];
    for (const ruleArn of ruleArns) each.push(...(await this.#describe([ruleArn], { signal })));
    return each;
  }
}
