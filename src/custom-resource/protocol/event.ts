import * as v from 'valibot';
import { nonEmptyString } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { problemOfResponseUrl } from './response-url.js';

/** Identity of a resource: its stack, and its logical ID in the template. */
export interface ResourceOwner {
  readonly stackId: string;
  readonly logicalResourceId: string;
}

/** Response URL of one request, and the identifiers of the response. */
export interface ResponseAddress extends ResourceOwner {
  /** Pre-signed and therefore secret: never in an error or a log line. */
  readonly responseUrl: string;
  readonly requestId: string;
}

/** A request of CloudFormation. */
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
  ResponseURL: v.string(),
  // CloudFormation rejects a response without these, but no response at all would be worse.
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

/** Copies an event as JSON, the form in which Lambda passes it. Returns undefined for anything else. */
export function copyOfEvent(event: unknown): unknown {
  try {
    const json: unknown = JSON.stringify(event);
    return typeof json === 'string' ? JSON.parse(json) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the response address of an event. Returns a string that names the problem when the address is missing or not allowed.
 *
 * @param allowedOrigins - origins besides those of Amazon S3.
 */
export function addressIn(event: unknown, allowedOrigins: readonly string[]): ResponseAddress | string {
  const result = v.safeParse(addressSchema, event);
  if (!result.success) return 'the event has no ResponseURL';
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = result.output;
  const problem = problemOfResponseUrl(ResponseURL, allowedOrigins);
  if (problem !== undefined) return problem;
  return {
    responseUrl: ResponseURL,
    stackId: StackId,
    requestId: RequestId,
    logicalResourceId: LogicalResourceId,
  };
}

/** @throws InvalidInputError for an event that CloudFormation never sends. */
export function parseRequest(event: unknown): ResourceRequest {
  parseInput('CloudFormation event', idsSchema, event);
  const request = parseInput('CloudFormation event', requestSchema, event);
  const properties = request.ResourceProperties;
  if (request.RequestType === 'Create') return { type: 'Create', properties };
  const { PhysicalResourceId: physicalResourceId } = request;
  if (request.RequestType === 'Delete') return { type: 'Delete', physicalResourceId, properties };
  return { type: 'Update', physicalResourceId, properties, oldProperties: request.OldResourceProperties };
}

/** Returns the physical ID of an event; undefined for a creation. */
export function physicalIdIn(event: unknown): string | undefined {
  const { PhysicalResourceId: id } = (event ?? {}) as { readonly PhysicalResourceId?: unknown };
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** Returns the unparsed properties before a request. A deletion has only one set of properties. */
export function oldPropertiesIn(event: unknown): unknown {
  type Given = { readonly RequestType?: unknown; readonly OldResourceProperties?: unknown };
  const { RequestType, OldResourceProperties } = (event ?? {}) as Given;
  return RequestType === 'Delete' ? propertiesIn(event) : OldResourceProperties;
}

/** Returns the unparsed resource properties of an event. */
export function propertiesIn(event: unknown): unknown {
  return ((event ?? {}) as { readonly ResourceProperties?: unknown }).ResourceProperties;
}
