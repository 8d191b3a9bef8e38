import {
  DescribeAcceleratorCommand,
  DescribeEndpointGroupCommand,
  GlobalAcceleratorClient,
  UpdateEndpointGroupCommand,
} from '@aws-sdk/client-global-accelerator';
import * as v from 'valibot';
import { type CallOptions, callAws, requireField } from '../../core/aws-call.js';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import type { Clock } from '../../core/clock.js';
import { describeValue } from '../../core/describe-value.js';
import { invalidInput } from '../../core/errors.js';
import { type PossiblyMissing, requireFound } from '../../core/not-found.js';
import type { Permission } from '../../core/permissions.js';
import { pollUntil } from '../../core/poll-until.js';
import { nonEmptyString, stackPair, strictObject } from '../../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../../core/stack-reference.js';
import {
  clientOptionsOf,
  dependenciesOf,
  type ToolOptions,
  toolOptionsEntries,
} from '../../core/tool-options.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import { LastReading } from '../targets/last-reading.js';
import {
  parseHealthOptions,
  parseReadOptions,
  parseWeights,
  parseWriteOptions,
} from '../targets/target-options.js';
import type { ReadWeightsOptions, TargetHealth, TrafficTarget, TrafficWeights } from '../types.js';
import { nearestRatioWeights, toRatio } from '../weights.js';
import { configurationsFor, type EndpointPair, pairIn, weightsOfPair } from './endpoint-pair.js';
import { globalAcceleratorPermissions } from './permissions.js';

/** Endpoint of a stack. */
export interface GlobalAcceleratorStackOptions {
  /**
   * ID of the endpoint, as the group names it: the ARN of a load balancer, the ID of an instance, or the allocation ID of an
   * Elastic IP address.
   */
  readonly endpointId: string;
}

/** Clients of {@link GlobalAcceleratorTarget}. */
export interface GlobalAcceleratorTargetClients {
  /** AWS Global Accelerator, in the Region us-west-2. */
  readonly globalAccelerator: GlobalAcceleratorClient;
}

/** Options of {@link GlobalAcceleratorTarget}. */
export type GlobalAcceleratorTargetOptions = ToolOptions<
  GlobalAcceleratorStackOptions,
  GlobalAcceleratorTargetClients
> & {
  /** ARN of the endpoint group. */
  readonly endpointGroupArn: string;
};

/** The only Region with an API of Global Accelerator. The SDK does not choose it. */
const apiRegion = 'us-west-2';

/** Maximum weight of an endpoint. */
const maxWeight = 255;

const deployment = { maxWaitSeconds: 900, intervalSeconds: 10, initialDelaySeconds: 10 };

const groupArn =
  /^arn:aws:globalaccelerator::(\d{12}):accelerator\/[\w-]+\/listener\/[\w-]+\/endpoint-group\/[\w-]+$/;

const subject = 'GlobalAcceleratorTarget options';

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  ...stackPair(strictObject({ endpointId: nonEmptyString })),
  endpointGroupArn: v.pipe(
    v.string(),
    v.check(
      (value) => groupArn.test(value),
      'the ARN of an endpoint group (arn:aws:globalaccelerator::ACCOUNT:accelerator/ID/listener/ID/endpoint-group/ID)',
    ),
  ),
});

/**
 * Target for an endpoint group of AWS Global Accelerator: two endpoints of one group, such as two load balancers. Only new
 * connections follow the weights.
 *
 * `UpdateEndpointGroup` replaces the whole list of endpoints, so the target writes both back with their client IP preservation. An
 * endpoint of another account is refused: a write must repeat its attachment, which Global Accelerator does not return. Global
 * Accelerator has no revision, so only a read can detect another writer.
 *
 * The API exists in the Region us-west-2 alone, whatever the Region of the endpoints. The target's own client calls it there. A
 * ready client must have this Region. There is no Global Accelerator in the partitions aws-cn and aws-us-gov.
 *
 * @remarks IAM: globalaccelerator:DescribeEndpointGroup, globalaccelerator:UpdateEndpointGroup,
 * globalaccelerator:DescribeAccelerator
 * @example
 * ```ts
 * import { canary, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 * import { GlobalAcceleratorTarget } from 'aws-blue-green-toolkit/traffic/global-accelerator';
 *
 * const shifter = new TrafficShifter({
 *   target: new GlobalAcceleratorTarget({
 *     endpointGroupArn:
 *       'arn:aws:globalaccelerator::111122223333:accelerator/1234abcd/listener/0123vxyz/endpoint-group/098765zyxwvu',
 *     blue: { endpointId: process.env['BLUE_LOAD_BALANCER_ARN'] ?? '' },
 *     green: { endpointId: process.env['GREEN_LOAD_BALANCER_ARN'] ?? '' },
 *   }),
 * });
 *
 * const { outcome } = await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }));
 * ```
 *
 * @see https://docs.aws.amazon.com/global-accelerator/latest/api/API_UpdateEndpointGroup.html
 */
export class GlobalAcceleratorTarget implements TrafficTarget {
  /** `Global Accelerator endpoint group ID/listener/ID/endpoint-group/ID` */
  readonly description: string;
  /** Permissions of its methods. */
  readonly permissions: readonly Permission[] = Object.values(globalAcceleratorPermissions).flat();
  readonly #endpointIds: StackPair<string>;
  readonly #endpointGroupArn: string;
  readonly #acceleratorArn: string;
  readonly #accountId: string;
  readonly #client: GlobalAcceleratorClient;
  readonly #clock: Clock;
  /** Last reading, which the next write changes. */
  readonly #lastRead: LastReading<EndpointPair>;

  /**
   * @throws InvalidInputError when an option is missing, unknown or malformed, or when both stacks are the same endpoint.
   */
  constructor(options: GlobalAcceleratorTargetOptions) {
    const parsed = parseInput(subject, optionsSchema, options);
    const { blue, green, endpointGroupArn } = parsed;
    requireDistinct(subject, 'endpointId', [blue.endpointId], [green.endpointId]);
    this.#endpointIds = { blue: blue.endpointId, green: green.endpointId };
    this.#endpointGroupArn = endpointGroupArn;
    this.#acceleratorArn = endpointGroupArn.replace(/\/listener\/.*/, '');
    this.#accountId = groupArn.exec(endpointGroupArn)?.[1] ?? '';
    this.description = `Global Accelerator endpoint group ${endpointGroupArn.replace(/^.*:accelerator\//, '')}`;
    this.#client = resolveClients<GlobalAcceleratorTargetClients>(
      inApiRegion(clientOptionsOf<GlobalAcceleratorTargetClients>(parsed)),
      { globalAccelerator: GlobalAcceleratorClient },
    ).globalAccelerator;
    const { clock, logger } = dependenciesOf(parsed);
    this.#clock = clock;
    this.#lastRead = new LastReading({
      resource: this.description,
      clock,
      logger,
      read: (call) => this.#read(call),
    });
  }

  /**
   * Reads the weights of the two endpoints.
   *
   * @remarks IAM: globalaccelerator:DescribeEndpointGroup
   * @throws ResourceStateError when an endpoint is missing, when the group has others, when an endpoint is of another account, or
   * when both weights are 0; ResourceNotFoundError when the group does not exist; InvalidInputError for a ready client of another
   * Region; AccessDeniedError
   */
  async readWeights(options: ReadWeightsOptions = {}): Promise<TrafficWeights> {
    const { signal } = parseReadOptions(options);
    return this.#lastRead.judge(this.#read({ signal }), (pair) => weightsOfPair(pair, this.#reading()));
  }

  /**
   * Changes the two weights, and waits until the accelerator is deployed, for 15 minutes at most. Open connections stay with their
   * endpoint.
   *
   * @remarks IAM: globalaccelerator:UpdateEndpointGroup, globalaccelerator:DescribeAccelerator, and
   * globalaccelerator:DescribeEndpointGroup when nothing was read before
   * @throws ResourceStateError when the endpoints are not those of the two stacks; WaitTimeoutError when the accelerator is not
   * deployed in time; ResourceNotFoundError, AccessDeniedError, OperationAbortedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const numbers = toRatio(parseWeights(weights), maxWeight);
    const { signal } = parseWriteOptions(options);
    await this.#lastRead.change(this.nearestWeights(weights), { signal }, async (pair) => {
      const from = weightsOfPair(pair, this.#reading());
      const call = { action: 'globalaccelerator:UpdateEndpointGroup', resource: this.description, signal };
      const command = new UpdateEndpointGroupCommand({
        EndpointGroupArn: this.#endpointGroupArn,
        // Weights that seem live already are written too, because the reading may be stale.
        EndpointConfigurations: configurationsFor(pair, numbers),
      });
      await requireFound([this.#missing], () => callAws(call, (http) => this.#client.send(command, http)));
      await this.#waitForDeployment({ signal });
      return [from];
    });
  }

  /**
   * Returns the nearest weights that two whole numbers, each at most 255, can hold. A share above zero is at least 0.39 %.
   *
   * @throws InvalidInputError for weights that are not 100 % together.
   */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return nearestRatioWeights(parseWeights(weights), maxWeight);
  }

  /**
   * Returns 1 of 1 when Global Accelerator considers the endpoint healthy. An endpoint whose first health check is not over is not
   * healthy yet.
   *
   * @remarks IAM: globalaccelerator:DescribeEndpointGroup
   * @throws ResourceStateError when the endpoints are not those of the two stacks; ResourceNotFoundError when the group does not
   * exist; AccessDeniedError, OperationAbortedError
   */
  async readHealth(stack: StackReference, options: CallOptions = {}): Promise<TargetHealth> {
    const reference = parseStackReference(stack);
    const { signal } = parseHealthOptions(options);
    // Read anew, because health changes by itself.
    const { HealthState, HealthReason } = (await this.#read({ signal }))[reference];
    if (requireField(HealthState, 'HealthState', this.#reading()) === 'HEALTHY')
      return { healthy: 1, total: 1 };
    const detail = `${this.#endpointIds[reference]} is ${HealthState}${HealthReason ? `: ${HealthReason}` : ''}`;
    return { healthy: 0, total: 1, detail };
  }

  async #read({ signal }: CallOptions): Promise<EndpointPair> {
    await requireApiRegion(this.#client);
    const call = { ...this.#reading(), signal };
    const command = new DescribeEndpointGroupCommand({ EndpointGroupArn: this.#endpointGroupArn });
    const { EndpointGroup } = await requireFound([this.#missing], () =>
      callAws(call, (http) => this.#client.send(command, http)),
    );
    const endpoints = requireField(EndpointGroup?.EndpointDescriptions, 'EndpointDescriptions', call);
    return pairIn(endpoints, this.#endpointIds, { accountId: this.#accountId, resource: this.description });
  }

  async #waitForDeployment({ signal }: CallOptions): Promise<void> {
    const call = { action: 'globalaccelerator:DescribeAccelerator', resource: this.#acceleratorArn, signal };
    const command = new DescribeAcceleratorCommand({ AcceleratorArn: this.#acceleratorArn });
    await pollUntil({
      ...deployment,
      resource: this.#acceleratorArn,
      expected: 'DEPLOYED',
      clock: this.#clock,
      signal,
      observe: () => callAws(call, (http) => this.#client.send(command, http)),
      isDone: ({ Accelerator }) => requireField(Accelerator?.Status, 'Status', call) === 'DEPLOYED',
      describe: ({ Accelerator }) => `${Accelerator?.Status}`,
      remedy: 'Call again: the weights are written again, and the wait continues',
    });
  }

  #reading() {
    return { action: 'globalaccelerator:DescribeEndpointGroup', resource: this.description };
  }

  get #missing(): PossiblyMissing {
    return {
      errorName: 'EndpointGroupNotFoundException',
      kind: 'Global Accelerator endpoint group',
      resource: this.#endpointGroupArn,
      remedy: 'Check endpointGroupArn, and the account of the client',
    };
  }
}

/** Returns the client options with the Region of the API, so that one configuration can serve the clients of several Regions. */
function inApiRegion(
  options: ClientOptions<GlobalAcceleratorTargetClients>,
): ClientOptions<GlobalAcceleratorTargetClients> {
  if (options.clients?.globalAccelerator !== undefined) return options;
  return { clients: {}, clientConfig: { ...options.clientConfig, region: apiRegion } };
}

/** @throws InvalidInputError for a client of another Region, whose endpoint does not exist. A custom endpoint is accepted. */
async function requireApiRegion({ config }: GlobalAcceleratorClient): Promise<void> {
  // A client that is not of the SDK itself can have any configuration.
  const given: unknown = config?.endpoint === undefined ? config?.region : undefined;
  const region: unknown = typeof given === 'function' ? await given() : given;
  if (region === undefined || region === apiRegion) return;
  throw invalidInput(subject, {
    field: 'clients.globalAccelerator',
    expected: `a client of the Region ${apiRegion}, the only one with the API of Global Accelerator`,
    actual: `a client of the Region ${describeValue(region)}`,
  });
}
