import {
  AcceleratorNotFoundException,
  type DescribeAcceleratorCommandInput,
  type DescribeAcceleratorCommandOutput,
  type DescribeEndpointGroupCommandInput,
  type DescribeEndpointGroupCommandOutput,
  type EndpointConfiguration,
  type EndpointDescription,
  type EndpointGroup,
  EndpointGroupNotFoundException,
  type HealthState,
  InvalidArgumentException,
  type UpdateEndpointGroupCommandInput,
  type UpdateEndpointGroupCommandOutput,
} from '@aws-sdk/client-global-accelerator';
import {
  clientFault,
  type OperationOutput,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';

/** An endpoint of the {@link SimulatedGlobalAccelerator}. */
export interface SimulatedAcceleratorEndpoint {
  /** The ARN of a load balancer, or the ID of an instance or an address. */
  readonly endpointId: string;
  /** The weight, 0–255. */
  weight: number;
  /** True when the endpoint sees the address of the client. */
  readonly isClientIpPreserved: boolean;
  /** The attachment with which another account shares the endpoint. The API does not return it. */
  readonly attachmentArn?: string;
  /** The health. */
  healthState: HealthState;
}

/** An endpoint group of the {@link SimulatedGlobalAccelerator}. */
export interface SimulatedEndpointGroup {
  /** The ARN. */
  readonly arn: string;
  /** The settings besides the endpoints, as the API returns them. */
  readonly settings: Omit<EndpointGroup, 'EndpointGroupArn' | 'EndpointDescriptions'>;
  /** The endpoints. */
  endpoints: SimulatedAcceleratorEndpoint[];
}

interface StoredGroup extends SimulatedEndpointGroup {
  settings: SimulatedEndpointGroup['settings'];
  readonly acceleratorArn: string;
  readonly ownerId: string;
  changedAt: number;
}

const maxWeight = 255;
const maxEndpoints = 10;
const defaultWeight = 128;

/** Global Accelerator in memory: endpoint groups with their endpoints. A change is deployed some seconds after it was accepted. */
export class SimulatedGlobalAccelerator implements SimulatedService {
  readonly serviceId = 'Global Accelerator';
  readonly iamPrefix = 'globalaccelerator';
  readonly throttlingError = 'ThrottlingException';
  /** Seconds from a change until it is deployed. */
  deploymentSeconds = 15;
  /** @internal */
  readonly operations = {
    DescribeAccelerator: (
      input: DescribeAcceleratorCommandInput,
    ): OperationOutput<DescribeAcceleratorCommandOutput> => {
      const groups = this.#groups.filter(({ acceleratorArn }) => acceleratorArn === input.AcceleratorArn);
      if (groups.length === 0)
        throw new AcceleratorNotFoundException(clientFault(`There is no ${input.AcceleratorArn}`));
      const deployedAt =
        Math.max(...groups.map(({ changedAt }) => changedAt)) + this.deploymentSeconds * 1000;
      const isDeployed = this.#environment.clock.now() >= deployedAt;
      return {
        Accelerator: {
          AcceleratorArn: input.AcceleratorArn,
          Status: isDeployed ? 'DEPLOYED' : 'IN_PROGRESS',
          Enabled: true,
        },
      };
    },

    DescribeEndpointGroup: (
      input: DescribeEndpointGroupCommandInput,
    ): OperationOutput<DescribeEndpointGroupCommandOutput> => ({
      EndpointGroup: describe(this.#find(input.EndpointGroupArn)),
    }),

    UpdateEndpointGroup: (
      input: UpdateEndpointGroupCommandInput,
    ): OperationOutput<UpdateEndpointGroupCommandOutput> => {
      const group = this.#find(input.EndpointGroupArn);
      const { EndpointGroupArn: _, EndpointConfigurations, ...settings } = input;
      if (EndpointConfigurations !== undefined) {
        group.endpoints = this.#configure(group, EndpointConfigurations);
      }
      group.settings = { ...group.settings, ...settings };
      group.changedAt = this.#environment.clock.now();
      return { EndpointGroup: describe(group) };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #groups: StoredGroup[] = [];

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates an endpoint group of a deployed accelerator. Its endpoints are healthy. */
  addEndpointGroup(options: {
    readonly endpoints: readonly (Pick<SimulatedAcceleratorEndpoint, 'endpointId' | 'attachmentArn'> & {
      readonly weight?: number;
      readonly isClientIpPreserved?: boolean;
    })[];
    /** @default the defaults of AWS */
    readonly settings?: SimulatedEndpointGroup['settings'];
  }): SimulatedEndpointGroup {
    requireOptions('SimulatedGlobalAccelerator.addEndpointGroup', options, {
      endpoints: 'needed',
      settings: 'optional',
    });
    const { partition, accountId, region } = this.#environment;
    const id = () => this.#environment.nextId().replaceAll('-', '').slice(-12);
    const acceleratorArn = `arn:${partition}:globalaccelerator::${accountId}:accelerator/${this.#environment.nextId()}`;
    const group: StoredGroup = {
      arn: `${acceleratorArn}/listener/${id()}/endpoint-group/${id()}`,
      acceleratorArn,
      ownerId: accountId,
      settings: {
        EndpointGroupRegion: region,
        TrafficDialPercentage: 100,
        HealthCheckIntervalSeconds: 30,
        HealthCheckProtocol: 'TCP',
        ThresholdCount: 3,
        ...options.settings,
      },
      endpoints: options.endpoints.map(
        ({ endpointId, attachmentArn, weight = defaultWeight, isClientIpPreserved = true }) => ({
          endpointId,
          weight,
          isClientIpPreserved,
          ...(attachmentArn !== undefined && { attachmentArn }),
          healthState: 'HEALTHY',
        }),
      ),
      changedAt: Number.NEGATIVE_INFINITY,
    };
    this.#groups.push(group);
    return group;
  }

  /** Replaces the whole list of endpoints. A setting that is left out gets its default. */
  #configure(
    group: StoredGroup,
    configurations: readonly EndpointConfiguration[],
  ): SimulatedAcceleratorEndpoint[] {
    if (configurations.length > maxEndpoints)
      throw invalid(`A group has at most ${maxEndpoints} endpoints in this call`);
    return configurations.map((it) => {
      const { EndpointId, Weight = defaultWeight, ClientIPPreservationEnabled, AttachmentArn } = it;
      if (EndpointId === undefined) throw invalid('EndpointId is required');
      if (!Number.isInteger(Weight) || Weight < 0 || Weight > maxWeight)
        throw invalid(`A weight is a whole number from 0 to ${maxWeight}`);
      const account = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(EndpointId)?.[1];
      if (account !== undefined && account !== group.ownerId && AttachmentArn === undefined)
        throw invalid(`${EndpointId} is of another account, and needs its AttachmentArn`);
      const known = group.endpoints.find(({ endpointId }) => endpointId === EndpointId);
      return {
        endpointId: EndpointId,
        weight: Weight,
        isClientIpPreserved: ClientIPPreservationEnabled ?? EndpointId.includes(':loadbalancer/app/'),
        ...(AttachmentArn !== undefined && { attachmentArn: AttachmentArn }),
        healthState: known?.healthState ?? 'INITIAL',
      };
    });
  }

  #find(arn: string | undefined): StoredGroup {
    const group = this.#groups.find((it) => it.arn === arn);
    if (group === undefined) throw new EndpointGroupNotFoundException(clientFault(`There is no ${arn}`));
    return group;
  }
}

function describe({ arn, settings, endpoints }: StoredGroup): EndpointGroup {
  return {
    EndpointGroupArn: arn,
    ...settings,
    EndpointDescriptions: endpoints.map(
      ({ endpointId, weight, isClientIpPreserved, healthState }): EndpointDescription => ({
        EndpointId: endpointId,
        Weight: weight,
        ClientIPPreservationEnabled: isClientIpPreserved,
        HealthState: healthState,
      }),
    ),
  };
}

function invalid(message: string): InvalidArgumentException {
  return new InvalidArgumentException(clientFault(message));
}
