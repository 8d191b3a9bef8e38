import {
  type DescribeScalableTargetsCommandInput,
  type DescribeScalableTargetsCommandOutput,
  type ListTagsForResourceCommandInput,
  type ListTagsForResourceCommandOutput,
  type RegisterScalableTargetCommandInput,
  type RegisterScalableTargetCommandOutput,
  ResourceNotFoundException,
  type ScalableDimension,
  type ServiceNamespace,
  type SuspendedState,
  type TagResourceCommandInput,
  TooManyTagsException,
  type UntagResourceCommandInput,
  ValidationException,
} from '@aws-sdk/client-application-auto-scaling';
import {
  clientFault,
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';

/** Seconds until a capacity outside its bounds is corrected. */
const reactionSeconds = 60;

const maxTags = 50;

/** Access of Application Auto Scaling to the resources of a service. */
export interface ScalableResources {
  /** Returns the present capacity, or `undefined` when the resource does not exist. */
  getCapacity(resourceId: string): number | undefined;
  /** Sets the capacity. */
  setCapacity(resourceId: string, capacity: number): void;
  /** Returns the reason why a resource cannot be registered, in AWS's words. */
  refusalOf?(resourceId: string): string | undefined;
}

/** The service of each scalable dimension that the package uses. */
const namespaceOf: Readonly<Record<string, ServiceNamespace>> = {
  'ecs:service:DesiredCount': 'ecs',
  'rds:cluster:ReadReplicaCount': 'rds',
};

/** A scalable target of the {@link SimulatedApplicationAutoScaling}. */
export interface SimulatedScalableTarget {
  /** The service that the resource belongs to, such as `ecs`. */
  readonly namespace: ServiceNamespace;
  /** The resource, such as `service/cluster/name`. */
  readonly resourceId: string;
  /** The scaled property, such as `ecs:service:DesiredCount`. */
  readonly dimension: ScalableDimension;
  /** The lower bound of the capacity. */
  minCapacity: number;
  /** The upper bound of the capacity. */
  maxCapacity: number;
  /** The suspended parts of the scaling. */
  suspendedState: Required<SuspendedState>;
  /** The tags of the scalable target itself. */
  tags: Record<string, string>;
}

/** Application Auto Scaling in memory. Corrects a capacity outside its bounds after a minute, unless suspended. */
export class SimulatedApplicationAutoScaling implements SimulatedService {
  readonly serviceId = 'Application Auto Scaling';
  readonly iamPrefix = 'application-autoscaling';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    DescribeScalableTargets: (
      input: DescribeScalableTargetsCommandInput,
    ): OperationOutput<DescribeScalableTargetsCommandOutput> => {
      const namespace = required(input.ServiceNamespace, 'ServiceNamespace');
      const matching = this.#targets.filter(
        (target) =>
          target.namespace === namespace &&
          (input.ResourceIds?.includes(target.resourceId) ?? true) &&
          (input.ScalableDimension ?? target.dimension) === target.dimension,
      );
      const { items, nextToken } = pageOf(matching, {
        token: input.NextToken,
        size: input.MaxResults ?? 50,
        maxSize: 50,
      });
      return { ScalableTargets: items.map((target) => this.#describe(target)), NextToken: nextToken };
    },

    RegisterScalableTarget: (
      input: RegisterScalableTargetCommandInput,
    ): OperationOutput<RegisterScalableTargetCommandOutput> => {
      const namespace = required(input.ServiceNamespace, 'ServiceNamespace');
      const resourceId = required(input.ResourceId, 'ResourceId');
      const dimension = required(input.ScalableDimension, 'ScalableDimension');
      const known = this.#find(namespace, resourceId);
      this.#checkResource({ namespace, resourceId, dimension });
      const min = input.MinCapacity ?? known?.minCapacity;
      const max = input.MaxCapacity ?? known?.maxCapacity;
      if (min === undefined || max === undefined)
        throw invalid('Minimum and maximum capacity are required for a new scalable target');
      if (min < 0 || max < 0) throw invalid('Minimum and maximum capacity cannot be negative');
      if (min > max) throw invalid('Maximum capacity cannot be less than minimum capacity');
      const target =
        known ?? this.addTarget({ namespace, resourceId, dimension, minCapacity: min, maxCapacity: max });
      target.minCapacity = min;
      target.maxCapacity = max;
      target.suspendedState = { ...target.suspendedState, ...input.SuspendedState };
      this.reevaluate(namespace, resourceId);
      return { ScalableTargetARN: this.#arnOf(target) };
    },

    ListTagsForResource: (
      input: ListTagsForResourceCommandInput,
    ): OperationOutput<ListTagsForResourceCommandOutput> => {
      return { Tags: this.#byArn(input.ResourceARN).tags };
    },

    TagResource: (input: TagResourceCommandInput): void => {
      const target = this.#byArn(input.ResourceARN);
      const tags = { ...target.tags, ...required(input.Tags, 'Tags') };
      if (Object.keys(tags).length > maxTags) {
        throw new TooManyTagsException({
          ...clientFault(`A resource can have up to ${maxTags} tags`),
          ResourceName: input.ResourceARN,
        });
      }
      target.tags = tags;
    },

    UntagResource: (input: UntagResourceCommandInput): void => {
      const target = this.#byArn(input.ResourceARN);
      for (const key of required(input.TagKeys, 'TagKeys')) delete target.tags[key];
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #targets: SimulatedScalableTarget[] = [];
  readonly #resources = new Map<string, ScalableResources>();

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Registers a resource, which need not exist. */
  addTarget(options: {
    namespace: ServiceNamespace;
    resourceId: string;
    dimension: ScalableDimension;
    minCapacity: number;
    maxCapacity: number;
    suspendedState?: SuspendedState;
    tags?: Record<string, string>;
  }): SimulatedScalableTarget {
    requireOptions('SimulatedApplicationAutoScaling.addTarget', options, {
      namespace: 'text',
      resourceId: 'text',
      dimension: 'text',
      minCapacity: 'needed',
      maxCapacity: 'needed',
      suspendedState: 'optional',
      tags: 'optional',
    });
    const notSuspended = {
      DynamicScalingInSuspended: false,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: false,
    };
    const target = {
      ...options,
      suspendedState: { ...notSuspended, ...options.suspendedState },
      tags: { ...options.tags },
    };
    this.#targets.push(target);
    return target;
  }

  /** The scalable target of a resource. */
  target(namespace: ServiceNamespace, resourceId: string): SimulatedScalableTarget {
    const target = this.#find(namespace, resourceId);
    if (target === undefined)
      throw new TypeError(`SimulatedCloud has no scalable target ${namespace} ${resourceId}`);
    return target;
  }

  /**
   * Connects the resources of a simulated service.
   * @internal
   */
  manage(namespace: ServiceNamespace, resources: ScalableResources): void {
    this.#resources.set(namespace, resources);
  }

  /**
   * Evaluates a resource again after the reaction time, because its capacity or its bounds have changed.
   * @internal
   */
  reevaluate(namespace: ServiceNamespace, resourceId: string): void {
    this.#environment.clock.schedule(reactionSeconds, () => this.#correct(namespace, resourceId));
  }

  /** @throws ValidationException when the resource does not exist, even when its target does. */
  #checkResource(target: Pick<SimulatedScalableTarget, 'namespace' | 'resourceId' | 'dimension'>): void {
    const { namespace, resourceId, dimension } = target;
    const isKnown = dimension in namespaceOf || Object.values(namespaceOf).includes(namespace);
    if (isKnown && namespaceOf[dimension] !== namespace)
      throw invalid('Unsupported service namespace, resource type or scalable dimension');
    const refusal = this.#resources.get(namespace)?.refusalOf?.(resourceId);
    if (refusal !== undefined) throw invalid(`${refusal}: ${resourceId}`);
  }

  #correct(namespace: ServiceNamespace, resourceId: string): void {
    const target = this.#find(namespace, resourceId);
    const resources = this.#resources.get(namespace);
    const capacity = resources?.getCapacity(resourceId);
    if (target === undefined || resources === undefined || capacity === undefined) return;
    if (capacity < target.minCapacity && !target.suspendedState.DynamicScalingOutSuspended) {
      resources.setCapacity(resourceId, target.minCapacity);
    } else if (capacity > target.maxCapacity && !target.suspendedState.DynamicScalingInSuspended) {
      resources.setCapacity(resourceId, target.maxCapacity);
    }
  }

  #find(namespace: string, resourceId: string): SimulatedScalableTarget | undefined {
    return this.#targets.find((target) => target.namespace === namespace && target.resourceId === resourceId);
  }

  #byArn(arn: string | undefined): SimulatedScalableTarget {
    const wanted = required(arn, 'ResourceARN');
    const target = this.#targets.find((candidate) => this.#arnOf(candidate) === wanted);
    if (target === undefined) {
      throw new ResourceNotFoundException({
        ...clientFault(`No scalable target found for ARN ${wanted}`),
        ResourceName: wanted,
      });
    }
    return target;
  }

  #arnOf({ resourceId }: SimulatedScalableTarget): string {
    return this.#environment.arn('application-autoscaling', `scalable-target/${resourceId}`);
  }

  #describe(target: SimulatedScalableTarget) {
    return {
      ServiceNamespace: target.namespace,
      ResourceId: target.resourceId,
      ScalableDimension: target.dimension,
      MinCapacity: target.minCapacity,
      MaxCapacity: target.maxCapacity,
      SuspendedState: target.suspendedState,
      ScalableTargetARN: this.#arnOf(target),
      RoleARN: undefined,
      CreationTime: undefined,
    };
  }
}

function invalid(message: string): ValidationException {
  return new ValidationException(clientFault(message));
}
