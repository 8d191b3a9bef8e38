import {
  AddTagsCommand,
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
  RemoveTagsCommand,
  type Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, callAws, isAwsError, requireField } from '../../core/aws-call.js';

/** The tags of listener rules. */
export class RuleTags {
  readonly #client: ElasticLoadBalancingV2Client;

  constructor({ elasticLoadBalancing }: { readonly elasticLoadBalancing: ElasticLoadBalancingV2Client }) {
    this.#client = elasticLoadBalancing;
  }

  /** The tags of a rule. Returns undefined when the rule does not exist. */
  async read(ruleArn: string, { signal }: CallOptions): Promise<readonly Tag[] | undefined> {
    const call = { action: 'elasticloadbalancing:DescribeTags', resource: ruleArn, signal };
    try {
      const command = new DescribeTagsCommand({ ResourceArns: [ruleArn] });
      const { TagDescriptions } = await callAws(call, (http) => this.#client.send(command, http));
      const [description] = requireField(TagDescriptions, 'TagDescriptions', call);
      return requireField(description, 'TagDescriptions', call).Tags ?? [];
    } catch (error) {
      if (isAwsError(error, 'RuleNotFoundException')) return undefined;
      throw error;
    }
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
}
