import type {
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  Tag,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-ecs';
import { type OperationOutput, required } from '../../cloud/environment.js';
import { invalid } from './simulated-ecs-errors.js';

/** The most tags of one resource. */
const maxTags = 50;

/** A resource with tags. */
export interface Tagged {
  tags: Tag[];
}

/** Validates tags as AWS does. */
export function checkTags(tags: readonly Tag[]): void {
  if (tags.some(({ key }) => /^aws:/i.test(key ?? ''))) throw invalid('Tag keys cannot start with aws:');
  if (tags.length > maxTags) throw invalid(`Tags cannot have more than ${maxTags} elements.`);
}

/** TagResource, UntagResource and ListTagsForResource. */
export function tagOperations(find: (arn: string) => Tagged | undefined) {
  const tagged = (resourceArn: string | undefined): Tagged => {
    const found = find(required(resourceArn, 'resourceArn'));
    if (found === undefined) throw invalid('The specified resource was not found.');
    return found;
  };
  return {
    TagResource: (input: TagResourceCommandInput): OperationOutput<TagResourceCommandOutput> => {
      const resource = tagged(input.resourceArn);
      const added = required(input.tags, 'tags');
      const kept = resource.tags.filter(({ key }) => added.every((tag) => tag.key !== key));
      const tags = [...kept, ...added];
      checkTags(tags.filter((tag) => added.includes(tag) || !/^aws:/i.test(tag.key ?? '')));
      resource.tags = tags;
      return {};
    },

    UntagResource: (input: UntagResourceCommandInput): OperationOutput<UntagResourceCommandOutput> => {
      const resource = tagged(input.resourceArn);
      const keys = required(input.tagKeys, 'tagKeys');
      resource.tags = resource.tags.filter(({ key = '' }) => !keys.includes(key));
      return {};
    },

    ListTagsForResource: (
      input: ListTagsForResourceCommandInput,
    ): OperationOutput<ListTagsForResourceCommandOutput> => ({
      tags: tagged(input.resourceArn).tags,
    }),
  };
}
