import {
  type DeregisterTargetsCommandInput,
  type DeregisterTargetsCommandOutput,
  type DescribeTargetGroupAttributesCommandInput,
  type DescribeTargetGroupAttributesCommandOutput,
  type DescribeTargetGroupsCommandInput,
  type DescribeTargetGroupsCommandOutput,
  type DescribeTargetHealthCommandInput,
  type DescribeTargetHealthCommandOutput,
  InvalidConfigurationRequestException,
  type ModifyTargetGroupAttributesCommandInput,
  type ModifyTargetGroupAttributesCommandOutput,
  type RegisterTargetsCommandInput,
  type RegisterTargetsCommandOutput,
  type TargetDescription,
  type TargetGroup,
  type TargetGroupAttribute,
  TargetGroupNotFoundException,
  type TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  awsError,
  clientFault,
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
} from '../../cloud/environment.js';
import type { SimulatedTarget, SimulatedTargetGroup } from './simulated-load-balancer-types.js';
import { checkTargetId, healthOf, type TargetProbe, unregistered } from './simulated-target-health.js';

interface StoredTargetGroup extends SimulatedTargetGroup {
  targets: SimulatedTarget[];
  deregistrationDelaySeconds: number;
  stickiness: boolean;
}

/** Dependencies of {@link SimulatedTargetGroups}. */
export interface TargetGroupDependencies {
  /** Returns the load balancers that forward to the group, whatever its weight. */
  readonly loadBalancersOf: (targetGroupArn: string) => string[];
  /** True when a rule or a default action names the group, whatever its weight. */
  readonly isNamed: (targetGroupArn: string) => boolean;
  /** @throws LoadBalancerNotFoundException */
  readonly requireLoadBalancer: (arn: string) => void;
  /** True when an action forwards to the group and to others without group stickiness. */
  readonly isBehindGroupsWithoutStickiness: (targetGroupArn: string) => boolean;
}

/** The target groups of the simulated Elastic Load Balancing. */
export class SimulatedTargetGroups {
  readonly operations = {
    DescribeTargetGroups: (
      input: DescribeTargetGroupsCommandInput,
    ): OperationOutput<DescribeTargetGroupsCommandOutput> => {
      const { TargetGroupArns, Names, LoadBalancerArn, Marker, PageSize } = input;
      if (LoadBalancerArn !== undefined) this.#dependencies.requireLoadBalancer(LoadBalancerArn);
      const all = (TargetGroupArns ?? Names)?.map((it) => this.group(it)) ?? this.#groups;
      const wanted = all
        .map((group) => this.#describe(group))
        .filter(
          ({ LoadBalancerArns }) =>
            LoadBalancerArn === undefined || LoadBalancerArns?.includes(LoadBalancerArn),
        );
      const { items, nextToken } = pageOf(wanted, { token: Marker, size: PageSize ?? 100, maxSize: 400 });
      return { TargetGroups: items, NextMarker: nextToken };
    },

    DescribeTargetGroupAttributes: (
      input: DescribeTargetGroupAttributesCommandInput,
    ): OperationOutput<DescribeTargetGroupAttributesCommandOutput> => {
      return { Attributes: attributesOf(this.group(required(input.TargetGroupArn, 'TargetGroupArn'))) };
    },

    ModifyTargetGroupAttributes: (
      input: ModifyTargetGroupAttributesCommandInput,
    ): OperationOutput<ModifyTargetGroupAttributesCommandOutput> => {
      const group = this.group(required(input.TargetGroupArn, 'TargetGroupArn'));
      const changes = required(input.Attributes, 'Attributes').map(parseAttribute);
      const isSticky = changes.some(({ stickiness }) => stickiness === true);
      if (isSticky && this.#dependencies.isBehindGroupsWithoutStickiness(group.arn)) {
        const message = `Group stickiness is off in an action that forwards to '${group.arn}'; enable it before target stickiness`;
        throw new InvalidConfigurationRequestException(clientFault(message));
      }
      Object.assign(group, ...changes);
      return { Attributes: attributesOf(group) };
    },

    RegisterTargets: (input: RegisterTargetsCommandInput): OperationOutput<RegisterTargetsCommandOutput> => {
      const group = this.group(required(input.TargetGroupArn, 'TargetGroupArn'));
      this.register(group.arn, required(input.Targets, 'Targets'));
      return {};
    },

    DeregisterTargets: (
      input: DeregisterTargetsCommandInput,
    ): OperationOutput<DeregisterTargetsCommandOutput> => {
      const group = this.group(required(input.TargetGroupArn, 'TargetGroupArn'));
      this.deregister(group.arn, required(input.Targets, 'Targets'));
      return {};
    },

    DescribeTargetHealth: (
      input: DescribeTargetHealthCommandInput,
    ): OperationOutput<DescribeTargetHealthCommandOutput> => {
      const group = this.group(required(input.TargetGroupArn, 'TargetGroupArn'));
      const wanted = input.Targets ?? group.targets.map(({ id, port }) => ({ Id: id, Port: port }));
      return {
        TargetHealthDescriptions: wanted.map((target) => {
          const Port = portOf(group, target);
          return {
            Target: { Id: required(target.Id, 'Id'), ...(Port !== undefined && { Port }) },
            ...(Port !== undefined && { HealthCheckPort: String(Port) }),
            TargetHealth: this.healthOf(group.arn, target),
          };
        }),
      };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #dependencies: TargetGroupDependencies;
  readonly #groups: StoredTargetGroup[] = [];
  #probe: TargetProbe = () => undefined;

  constructor(environment: SimulatedEnvironment, dependencies: TargetGroupDependencies) {
    this.#environment = environment;
    this.#dependencies = dependencies;
  }

  /** Sets the function that decides health checks of known targets. */
  setHealthProbe(probe: TargetProbe): void {
    this.#probe = probe;
  }

  add(group: SimulatedTargetGroup): SimulatedTargetGroup {
    const stored = { ...group, targets: [...group.targets] };
    this.#groups.push(stored);
    return stored;
  }

  has(arn: string): boolean {
    return this.#groups.some((group) => group.arn === arn);
  }

  /** True when a load balancer forwards to the group. */
  isAttached(arn: string): boolean {
    return this.has(arn) && this.#dependencies.loadBalancersOf(arn).length > 0;
  }

  /** Returns the target group of this ARN or name, without drained targets. */
  group(arnOrName: string): StoredTargetGroup {
    const group = this.#groups.find(({ arn, name }) => arn === arnOrName || name === arnOrName);
    if (group === undefined)
      throw new TargetGroupNotFoundException(clientFault(`Target groups '${arnOrName}' not found`));
    const now = this.#environment.clock.now();
    group.targets = group.targets.filter(
      ({ drainingUntil = Number.POSITIVE_INFINITY }) => drainingUntil > now,
    );
    return group;
  }

  /** Registers targets. Registered ones stay unchanged; draining ones are registered again. */
  register(targetGroupArn: string, targets: readonly TargetDescription[], { isOld = false } = {}): void {
    const group = this.group(targetGroupArn);
    for (const target of targets) checkTargetId(group, required(target.Id, 'Id'));
    for (const target of targets) {
      const known = findTarget(group, target);
      if (known !== undefined && known.drainingUntil === undefined) continue;
      const added: SimulatedTarget = {
        id: target.Id ?? '',
        port: portOf(group, target),
        ...(!isOld && { registeredAt: this.#environment.clock.now() }),
      };
      group.targets = [...group.targets.filter((other) => other !== known), added];
    }
  }

  /** Deregisters targets and ignores unknown ones. Targets drain only in a group that an action names. */
  deregister(targetGroupArn: string, targets: readonly TargetDescription[]): void {
    const group = this.group(targetGroupArn);
    const drainSeconds = this.#dependencies.isNamed(group.arn) ? group.deregistrationDelaySeconds : 0;
    const drainingUntil = this.#environment.clock.now() + drainSeconds * 1000;
    for (const target of targets) {
      const known = findTarget(group, target);
      group.targets = group.targets.map((other) =>
        other === known ? { ...other, drainingUntil: other.drainingUntil ?? drainingUntil } : other,
      );
    }
  }

  /** Returns the present health of a target. */
  healthOf(targetGroupArn: string, target: TargetDescription): TargetHealth {
    const group = this.group(targetGroupArn);
    const known = findTarget(group, target);
    if (known === undefined) return unregistered;
    return healthOf(known, {
      group,
      now: this.#environment.clock.now(),
      isNamed: this.#dependencies.isNamed(group.arn),
      probe: this.#probe,
    });
  }

  #describe(group: SimulatedTargetGroup): TargetGroup {
    return {
      TargetGroupArn: group.arn,
      TargetGroupName: group.name,
      TargetType: group.targetType,
      LoadBalancerArns: this.#dependencies.loadBalancersOf(group.arn),
      HealthCheckEnabled: true,
      HealthCheckIntervalSeconds: group.healthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: group.unhealthyThresholdCount,
      ...(group.targetType !== 'lambda' && {
        Port: group.port,
        Protocol: 'HTTP',
        HealthCheckPort: 'traffic-port',
        HealthCheckProtocol: 'HTTP',
        HealthCheckPath: '/',
        VpcId: 'vpc-0a1b2c3d4e5f60718',
      }),
    };
  }
}

function attributesOf({
  deregistrationDelaySeconds,
  stickiness,
}: SimulatedTargetGroup): TargetGroupAttribute[] {
  return [
    { Key: 'deregistration_delay.timeout_seconds', Value: String(deregistrationDelaySeconds) },
    { Key: 'stickiness.enabled', Value: String(stickiness) },
  ];
}

function parseAttribute({ Key = '', Value = '' }: TargetGroupAttribute): Partial<StoredTargetGroup> {
  if (Key === 'stickiness.enabled' && /^(true|false)$/.test(Value)) return { stickiness: Value === 'true' };
  if (Key === 'stickiness.type' && Value === 'lb_cookie') return {};
  const seconds = Number(Value);
  const isDelay = Key === 'deregistration_delay.timeout_seconds' && Number.isInteger(seconds);
  if (isDelay && seconds >= 0 && seconds <= 3600) return { deregistrationDelaySeconds: seconds };
  throw awsError(
    'ValidationError',
    `The attribute ${Key} is not simulated, or its value '${Value}' is invalid`,
  );
}

function portOf(group: SimulatedTargetGroup, { Port }: TargetDescription): number | undefined {
  return group.targetType === 'lambda' ? undefined : (Port ?? group.port);
}

function findTarget(group: SimulatedTargetGroup, target: TargetDescription): SimulatedTarget | undefined {
  const port = portOf(group, target);
  return group.targets.find((other) => other.id === target.Id && other.port === port);
}
