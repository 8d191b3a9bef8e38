import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { invokeAsynchronously, type SimulatedInvocation } from '../lambda/simulated-lambda-invocation.js';
import type {
  CustomResourceEvent,
  SimulatedResourceAnswer,
  SimulatedResourceRequest,
  SimulatedStackOptions,
  SimulatedStackStatus,
} from './simulated-cloudformation-types.js';
import type { SimulatedPut } from './simulated-response-server.js';

const maxServiceTimeout = 3600;
const maxAnswerBytes = 4096;
const resourceType = 'Custom::ManagedListenerRule';

/** What a template gives a resource, before CloudFormation makes strings of it. */
export type SimulatedProperties = Readonly<Record<string, unknown>>;

/** What a request is about. */
type RequestDetails = Pick<CustomResourceEvent, 'RequestType' | 'ResourceProperties'> &
  Partial<CustomResourceEvent>;

/** Where answers arrive. */
interface AnswerPlace {
  /** Opens a place for one answer, and gives its address. */
  open(key: string, receive: (put: SimulatedPut) => void): Promise<string>;
}

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
  readonly #place: AnswerPlace;
  readonly #requests: SimulatedResourceRequest[] = [];
  #resource: KnownResource | undefined;

  /** @internal */
  constructor(options: SimulatedStackOptions, environment: SimulatedEnvironment, place: AnswerPlace) {
    this.#options = options;
    this.#environment = environment;
    this.#place = place;
    this.id = environment.arn('cloudformation', `stack/${options.name}/${environment.nextId()}`);
  }

  /** Every request to the resource so far, oldest first. */
  get requests(): readonly SimulatedResourceRequest[] {
    return this.#requests;
  }

  /** What the resource is called; nothing when there is none. */
  get physicalResourceId(): string | undefined {
    return this.#resource?.physicalResourceId;
  }

  /** Creates the stack; what fails is deleted again. Time passes meanwhile. */
  async create(properties: SimulatedProperties): Promise<SimulatedStackStatus> {
    const wanted = asStrings(properties);
    const request = await this.#request({ RequestType: 'Create', ResourceProperties: wanted });
    const physicalResourceId = idIn(request) ?? this.#madeUpId();
    this.#resource = { physicalResourceId, properties: wanted };
    if (request.outcome === 'SUCCESS') return 'CREATE_COMPLETE';
    return (await this.delete()) === 'DELETE_COMPLETE' ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED';
  }

  /**
   * Updates the stack; when that fails, the resource is updated again with its old properties.
   *
   * @param options - `failsAfterwards`: another resource of the stack fails after this one was updated.
   */
  async update(
    properties: SimulatedProperties,
    options: { readonly failsAfterwards?: boolean } = {},
  ): Promise<SimulatedStackStatus> {
    const old = this.#existing();
    const wanted = asStrings(properties);
    const present = await this.#updateTo(wanted, old);
    if (present !== undefined && options.failsAfterwards !== true) {
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
   * The event of an update that waits for its answer, to invoke a handler by hand outside of any operation on the stack.
   * What is answered appears in the request.
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

  /** Gives the resource as it is after an update that succeeded. */
  async #updateTo(wanted: SimulatedProperties, from: KnownResource): Promise<KnownResource | undefined> {
    const request = await this.#request({
      RequestType: 'Update',
      PhysicalResourceId: from.physicalResourceId,
      ResourceProperties: wanted,
      OldResourceProperties: from.properties,
    });
    if (request.outcome !== 'SUCCESS') return undefined;
    return { physicalResourceId: idIn(request) ?? from.physicalResourceId, properties: wanted };
  }

  /** An update that was answered with another ID has made another resource; the old one is deleted. */
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

  async #request(details: RequestDetails): Promise<SimulatedResourceRequest> {
    const { clock } = this.#environment;
    const { answered, invocations, request } = await this.#open(details);
    this.#requests.push(request);
    void invokeAsynchronously(this.#environment, this.#options.lambda, request.event, invocations);
    await this.#wait(request, answered);
    const reason = problemOf(request.answers[0], request.event);
    return Object.assign(request, {
      endedAt: clock.now(),
      outcome: reason === undefined ? 'SUCCESS' : 'FAILED',
      ...(reason !== undefined && { reason }),
    } as const);
  }

  async #open(details: RequestDetails) {
    const requestId = this.#environment.nextId();
    const logicalResourceId = this.#options.logicalResourceId ?? 'Rule';
    const answers: SimulatedResourceAnswer[] = [];
    const invocations: SimulatedInvocation[] = [];
    const answered = new AbortController();
    const key = `${this.id}|${logicalResourceId}|${requestId}`;
    const responseUrl = await this.#place.open(key, ({ body }) => {
      answers.push(parseAnswer(body));
      answered.abort();
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
    const request: SimulatedResourceRequest = { event, startedAt, invocations, answers };
    return { answered: answered.signal, invocations, request };
  }

  /** Waits for the first answer, not for the Lambda, which may go on. */
  async #wait({ event }: SimulatedResourceRequest, answered: AbortSignal): Promise<void> {
    const seconds = Number(event.ResourceProperties['ServiceTimeout'] ?? maxServiceTimeout);
    try {
      await this.#environment.clock.sleep(seconds * 1000, answered);
    } catch {
      // Answered in time.
    }
  }

  #existing(): KnownResource {
    if (this.#resource !== undefined) return this.#resource;
    throw new TypeError(`The stack ${this.#options.name} has not been created`);
  }

  /** What CloudFormation calls a resource that it knows no ID of. */
  #madeUpId(): string {
    return `${this.#options.name}-${this.#options.logicalResourceId ?? 'Rule'}-1ABCDEFGHIJKL`;
  }
}

/** Why a request has failed; nothing when it has not. */
function problemOf(
  answer: SimulatedResourceAnswer | undefined,
  event: CustomResourceEvent,
): string | undefined {
  if (answer === undefined) return 'CloudFormation did not receive a response from your Custom Resource';
  const { Status, Reason, PhysicalResourceId, ...ids } = answer;
  const isForRequest = (['StackId', 'RequestId', 'LogicalResourceId'] as const).every(
    (id) => (ids as Partial<CustomResourceEvent>)[id] === event[id],
  );
  if (!isForRequest) return 'Invalid Response object: the identifiers are not those of the request';
  if (!PhysicalResourceId) return 'Invalid PhysicalResourceId';
  if (Status === 'SUCCESS') return undefined;
  if (Status !== 'FAILED') return `Invalid Response object: '${Status}' is not a valid ResponseStatus`;
  return Reason ?? 'Response object is missing the Reason';
}

function parseAnswer(body: string): SimulatedResourceAnswer {
  const invalid = { Status: 'invalid', PhysicalResourceId: '' };
  if (Buffer.byteLength(body) > maxAnswerBytes) return { ...invalid, Reason: 'Response object is too long' };
  try {
    return JSON.parse(body);
  } catch {
    return invalid;
  }
}

function idIn({ answers: [answer] }: SimulatedResourceRequest): string | undefined {
  return answer?.PhysicalResourceId || undefined;
}

/** CloudFormation makes strings of numbers and booleans, wherever they are. */
function asStrings(properties: SimulatedProperties): SimulatedProperties {
  return JSON.parse(JSON.stringify(properties), (_key, value: unknown) =>
    typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
  );
}
