import * as v from 'valibot';
import { parseInput } from '../../../core/validate.js';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { hookLambdaEntries } from '../lambda/lambda-schema.js';
import { invokeAsynchronously, type SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';
import type {
  CustomResourceEvent,
  SimulatedResourceRequest,
  SimulatedResourceResponse,
  SimulatedStackOptions,
  SimulatedStackStatus,
  SimulatedUpdateOptions,
} from './simulated-cloudformation-types.js';
import type { SimulatedPut } from './simulated-response-server.js';

const maxServiceTimeout = 3600;
const maxResponseBytes = 4096;
const resourceType = 'Custom::ManagedListenerRule';

/** The properties of a template, before CloudFormation converts them to strings. */
export type SimulatedProperties = Readonly<Record<string, unknown>>;

/** The fields of an event that differ from request to request. */
type RequestDetails = Pick<CustomResourceEvent, 'RequestType' | 'ResourceProperties'> &
  Partial<CustomResourceEvent>;

/** The bucket for the responses. */
interface ResponseBucket {
  /** Accepts one response for a key, and returns its address. */
  open(key: string, receive: (put: SimulatedPut) => void): Promise<string>;
}

const stackSchema = v.object({ lambda: v.object(hookLambdaEntries) });

/** The resource as CloudFormation knows it. */
interface KnownResource {
  readonly physicalResourceId: string;
  readonly properties: SimulatedProperties;
}

/** A stack of the `SimulatedCloudFormation` with one custom resource. */
export class SimulatedStack {
  /** Its ARN. */
  readonly id: string;
  readonly #options: SimulatedStackOptions;
  readonly #environment: SimulatedEnvironment;
  readonly #bucket: ResponseBucket;
  readonly #requests: SimulatedResourceRequest[] = [];
  #resource: KnownResource | undefined;

  /** @internal */
  constructor(options: SimulatedStackOptions, environment: SimulatedEnvironment, bucket: ResponseBucket) {
    parseInput('Simulated stack options', stackSchema, options);
    this.#options = options;
    this.#environment = environment;
    this.#bucket = bucket;
    this.id = environment.arn('cloudformation', `stack/${options.name}/${environment.nextId()}`);
  }

  /** Every request to the resource so far, oldest first. */
  get requests(): readonly SimulatedResourceRequest[] {
    return this.#requests;
  }

  /** The ID of the resource; undefined without a resource. */
  get physicalResourceId(): string | undefined {
    return this.#resource?.physicalResourceId;
  }

  /** Creates the stack. Deletes a resource that fails. Time passes meanwhile. */
  async create(properties: SimulatedProperties): Promise<SimulatedStackStatus> {
    const wanted = asStrings(properties);
    const request = await this.#request({ RequestType: 'Create', ResourceProperties: wanted });
    const physicalResourceId = physicalIdOf(request) ?? this.#generatedId();
    this.#resource = { physicalResourceId, properties: wanted };
    if (request.outcome === 'SUCCESS') return 'CREATE_COMPLETE';
    return (await this.delete()) === 'DELETE_COMPLETE' ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED';
  }

  /** Updates the stack. After a failure, updates the resource again with its old properties. */
  async update(
    properties: SimulatedProperties,
    { failsAfterwards = false, cancelAfterSeconds }: SimulatedUpdateOptions = {},
  ): Promise<SimulatedStackStatus> {
    const old = this.#existing();
    const wanted = asStrings(properties);
    const present = await this.#updateTo(wanted, old, cancelAfterSeconds);
    if (present !== undefined && !failsAfterwards) {
      await this.#replace(old, present);
      return 'UPDATE_COMPLETE';
    }
    const failed = present ?? { ...old, properties: wanted };
    const restored = await this.#updateTo(old.properties, failed);
    if (restored === undefined) return 'UPDATE_ROLLBACK_FAILED';
    await this.#replace(failed, restored);
    return 'UPDATE_ROLLBACK_COMPLETE';
  }

  /**
   * Opens an update, to invoke a handler by hand outside of any operation on the stack.
   * The responses appear in the request.
   */
  async openUpdate(properties: SimulatedProperties): Promise<SimulatedResourceRequest> {
    const { physicalResourceId, properties: old } = this.#existing();
    const { request } = await this.#open({
      RequestType: 'Update',
      PhysicalResourceId: physicalResourceId,
      ResourceProperties: asStrings(properties),
      OldResourceProperties: old,
    });
    return request;
  }

  /** Deletes the stack. */
  async delete(): Promise<SimulatedStackStatus> {
    const resource = this.#existing();
    const { outcome } = await this.#deleteResource(resource);
    if (outcome !== 'SUCCESS') return 'DELETE_FAILED';
    this.#resource = undefined;
    return 'DELETE_COMPLETE';
  }

  /** Returns the resource after the update; undefined when the update failed or was cancelled. */
  async #updateTo(
    wanted: SimulatedProperties,
    from: KnownResource,
    cancelAfterSeconds?: number,
  ): Promise<KnownResource | undefined> {
    const request = await this.#request(
      {
        RequestType: 'Update',
        PhysicalResourceId: from.physicalResourceId,
        ResourceProperties: wanted,
        OldResourceProperties: from.properties,
      },
      cancelAfterSeconds,
    );
    if (request.outcome !== 'SUCCESS') return undefined;
    return { physicalResourceId: physicalIdOf(request) ?? from.physicalResourceId, properties: wanted };
  }

  /** Deletes the old resource after an update that responded with another ID. */
  async #replace(old: KnownResource, present: KnownResource): Promise<void> {
    this.#resource = present;
    if (old.physicalResourceId !== present.physicalResourceId) await this.#deleteResource(old);
  }

  #deleteResource({ physicalResourceId, properties }: KnownResource): Promise<SimulatedResourceRequest> {
    return this.#request({
      RequestType: 'Delete',
      PhysicalResourceId: physicalResourceId,
      ResourceProperties: properties,
    });
  }

  async #request(details: RequestDetails, cancelAfterSeconds?: number): Promise<SimulatedResourceRequest> {
    const { clock } = this.#environment;
    const { responded, invocations, request } = await this.#open(details);
    this.#requests.push(request);
    void invokeAsynchronously(this.#environment, this.#options.lambda, request.event, invocations);
    await this.#wait(request, responded, cancelAfterSeconds);
    const isCancelled = cancelAfterSeconds !== undefined && request.responses.length === 0;
    const problem = failureReasonOf(request.responses[0], request.event);
    const reason = isCancelled ? 'Resource update cancelled' : problem;
    return Object.assign(request, {
      endedAt: clock.now(),
      outcome: reason === undefined ? 'SUCCESS' : 'FAILED',
      ...(reason !== undefined && { reason }),
    } as const);
  }

  async #open(details: RequestDetails) {
    const requestId = this.#environment.nextId();
    const logicalResourceId = this.#options.logicalResourceId ?? 'Rule';
    const responses: SimulatedResourceResponse[] = [];
    const invocations: SimulatedInvocation[] = [];
    const responded = new AbortController();
    const key = `${this.id}|${logicalResourceId}|${requestId}`;
    const responseUrl = await this.#bucket.open(key, ({ body }) => {
      responses.push(parseResponse(body));
      responded.abort();
    });
    const event: CustomResourceEvent = {
      ...details,
      ResponseURL: responseUrl,
      StackId: this.id,
      RequestId: requestId,
      ResourceType: resourceType,
      LogicalResourceId: logicalResourceId,
    };
    const startedAt = this.#environment.clock.now();
    const request: SimulatedResourceRequest = { event, startedAt, invocations, responses };
    return { responded: responded.signal, invocations, request };
  }

  /** Waits for the first response, not for the end of the Lambda function. */
  async #wait(
    { event }: SimulatedResourceRequest,
    responded: AbortSignal,
    cancelAfterSeconds = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const timeout = Number(event.ResourceProperties['ServiceTimeout'] ?? maxServiceTimeout);
    try {
      await this.#environment.clock.sleep(Math.min(timeout, cancelAfterSeconds) * 1000, responded);
    } catch {
      // The response arrived in time.
    }
  }

  #existing(): KnownResource {
    if (this.#resource !== undefined) return this.#resource;
    throw new TypeError(`The stack ${this.#options.name} has not been created`);
  }

  /** CloudFormation's own ID for a resource that responded without one. */
  #generatedId(): string {
    return `${this.#options.name}-${this.#options.logicalResourceId ?? 'Rule'}-1ABCDEFGHIJKL`;
  }
}

/** Returns the reason of a failed request; undefined for a successful one. */
function failureReasonOf(
  response: SimulatedResourceResponse | undefined,
  event: CustomResourceEvent,
): string | undefined {
  if (response === undefined) return 'CloudFormation did not receive a response from your Custom Resource';
  const { Status, Reason, PhysicalResourceId, ...ids } = response;
  const isForRequest = (['StackId', 'RequestId', 'LogicalResourceId'] as const).every(
    (id) => (ids as Partial<CustomResourceEvent>)[id] === event[id],
  );
  if (!isForRequest) return 'Invalid Response object: the identifiers are not those of the request';
  if (!PhysicalResourceId) return 'Invalid PhysicalResourceId';
  if (Status === 'SUCCESS') return undefined;
  if (Status !== 'FAILED') return `Invalid Response object: '${Status}' is not a valid ResponseStatus`;
  return Reason ?? 'Response object is missing the Reason';
}

function parseResponse(body: string): SimulatedResourceResponse {
  const invalid = { Status: 'invalid', PhysicalResourceId: '' };
  if (Buffer.byteLength(body) > maxResponseBytes)
    return { ...invalid, Reason: 'Response object is too long' };
  try {
    return JSON.parse(body);
  } catch {
    return invalid;
  }
}

function physicalIdOf({ responses: [response] }: SimulatedResourceRequest): string | undefined {
  return response?.PhysicalResourceId || undefined;
}

/** CloudFormation converts numbers and booleans to strings at every level. */
function asStrings(properties: SimulatedProperties): SimulatedProperties {
  return JSON.parse(JSON.stringify(properties), (_key, value: unknown) =>
    typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
  );
}
