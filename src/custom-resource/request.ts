import * as v from 'valibot';
import { nonEmptyString } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { RuleOwner } from './rule.js';

/** Where, and in whose name, CloudFormation waits for an answer. */
export interface AnswerAddress extends RuleOwner {
  /** Pre-signed: whoever has it can answer. Never shown. */
  readonly responseUrl: string;
  readonly requestId: string;
}

/** What CloudFormation asks for. */
export type ResourceRequest =
  | { readonly type: 'Create'; readonly properties: unknown }
  | {
      readonly type: 'Update';
      readonly physicalResourceId: string;
      readonly properties: unknown;
      readonly oldProperties: unknown;
    }
  | { readonly type: 'Delete'; readonly physicalResourceId: string; readonly properties: unknown };

const text = v.optional(v.fallback(v.string(), ''), '');

const addressSchema = v.object({
  ResponseURL: v.pipe(
    v.string(),
    v.check((url) => /^https?:/i.test(url) && URL.canParse(url), 'a URL'),
  ),
  // An answer without them is refused by CloudFormation, but better than none.
  StackId: text,
  RequestId: text,
  LogicalResourceId: text,
});

const requestSchema = v.variant('RequestType', [
  v.object({ RequestType: v.literal('Create'), ResourceProperties: v.unknown() }),
  v.object({
    RequestType: v.literal('Update'),
    PhysicalResourceId: nonEmptyString,
    ResourceProperties: v.unknown(),
    OldResourceProperties: v.optional(v.unknown()),
  }),
  v.object({
    RequestType: v.literal('Delete'),
    PhysicalResourceId: nonEmptyString,
    ResourceProperties: v.optional(v.unknown()),
  }),
]);

const idsSchema = v.object({
  StackId: nonEmptyString,
  RequestId: nonEmptyString,
  LogicalResourceId: nonEmptyString,
});

/** Where an event wants its answer; nothing when it can be answered nowhere. */
export function addressOf(event: unknown): AnswerAddress | undefined {
  const result = v.safeParse(addressSchema, event);
  if (!result.success) return undefined;
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = result.output;
  return {
    responseUrl: ResponseURL,
    stackId: StackId,
    requestId: RequestId,
    logicalResourceId: LogicalResourceId,
  };
}

/** @throws InvalidInputError for what CloudFormation never sends. */
export function parseRequest(event: unknown): ResourceRequest {
  parseInput('CloudFormation event', idsSchema, event);
  const request = parseInput('CloudFormation event', requestSchema, event);
  const properties = request.ResourceProperties;
  if (request.RequestType === 'Create') return { type: 'Create', properties };
  const { PhysicalResourceId: physicalResourceId } = request;
  if (request.RequestType === 'Delete') return { type: 'Delete', physicalResourceId, properties };
  return { type: 'Update', physicalResourceId, properties, oldProperties: request.OldResourceProperties };
}

/** The physical ID that an event brings along, to be given back whatever happens; none for a creation. */
export function physicalIdIn(event: unknown): string | undefined {
  const { PhysicalResourceId: id } = (event ?? {}) as { readonly PhysicalResourceId?: unknown };
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** What kind of request an event is, whatever else is in it. */
export function requestTypeIn(event: unknown): unknown {
  return ((event ?? {}) as { readonly RequestType?: unknown }).RequestType;
}

/** When CloudFormation made a request, as its signature tells; nothing when it does not. In milliseconds since 1970. */
export function requestedAt({ responseUrl }: AnswerAddress): number | undefined {
  const date = new URL(responseUrl).searchParams.get('X-Amz-Date') ?? '';
  const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  const time = form.test(date) ? Date.parse(date.replace(form, '$1-$2-$3T$4:$5:$6Z')) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
