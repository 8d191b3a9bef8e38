import type { LoadBalancer, ServiceRevision } from '@aws-sdk/client-ecs';
import type { SimulatedEnvironment } from '../../cloud/environment.js';
import { SimulatedTargetGroupPair } from '../code-deploy/target-group-pair.js';
import type { SimulatedElasticLoadBalancing } from '../elastic-load-balancing/simulated-elastic-load-balancing.js';
import type { SimulatedTargetPercent } from './simulated-ecs-deployment-types.js';
import type { SimulatedEcsService } from './simulated-ecs-service.js';

/** Other services that service revisions use. */
export interface RevisionDependencies {
  readonly findService: (serviceArn: string) => SimulatedEcsService | undefined;
  readonly elasticLoadBalancing: SimulatedElasticLoadBalancing;
}

/** A revision, and the target group of its tasks. */
interface StoredRevision {
  readonly arn: string;
  readonly serviceArn: string;
  readonly clusterArn: string;
  readonly createdAt: number;
  readonly taskDefinition: string | undefined;
  readonly targetGroupArn: string | undefined;
}

/** A new revision of a deployment, and the one before. */
export interface RevisionRequest {
  readonly arns: Readonly<Record<'service' | 'cluster' | 'source' | 'target', string>>;
  readonly taskDefinition: string | undefined;
  readonly previousTaskDefinition: string | undefined;
}

/**
 * The revisions of services that ECS deploys itself. Their two target groups alternate with each deployment.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-revision.html
 */
export class SimulatedServiceRevisions {
  readonly #environment: SimulatedEnvironment;
  readonly #revisions = new Map<string, StoredRevision>();
  readonly #initial = new Map<string, string>();
  #dependencies: RevisionDependencies | undefined;

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  connect(dependencies: RevisionDependencies): void {
    this.#dependencies = dependencies;
  }

  /** Returns the ARN of the revision with which the service was created. */
  initialOf(serviceArn: string, createArn: () => string): string {
    const arn = this.#initial.get(serviceArn) ?? createArn();
    this.#initial.set(serviceArn, arn);
    return arn;
  }

  /** Adds the revisions of a deployment. Returns a function that writes its weights. */
  deploy(request: RevisionRequest): (percent: SimulatedTargetPercent) => void {
    const { arns } = request;
    const before = this.#add(arns.source, request, request.previousTaskDefinition, undefined);
    const pair = this.#pairOf(arns.service);
    const source = before.targetGroupArn;
    const target = source && pair?.other(source);
    this.#add(arns.target, request, request.taskDefinition, target);
    if (pair === undefined || source === undefined || target === undefined) return () => {};
    return ({ test, production }) => {
      pair.setWeights('production', { [source]: 100 - production, [target]: production });
      pair.setWeights('test', { [source]: 100 - test, [target]: test });
    };
  }

  /** Returns the initial revision of a service with two target groups, which no deployment has named yet. */
  ensureInitial(service: SimulatedEcsService, createArn: () => string): string {
    const arn = this.initialOf(service.serviceArn, createArn);
    const arns = { service: service.serviceArn, cluster: service.clusterArn, source: arn, target: arn };
    this.#add(arn, { arns }, undefined, undefined);
    return arn;
  }

  /** Returns the revision as DescribeServiceRevisions does. */
  describe(arn: string): ServiceRevision | undefined {
    const found = this.#revisions.get(arn);
    if (found === undefined) return undefined;
    const { serviceArn, clusterArn, createdAt, taskDefinition, targetGroupArn } = found;
    const loadBalancers = this.#loadBalancersOf(serviceArn);
    const productionListenerRule = loadBalancers[0]?.advancedConfiguration?.productionListenerRule;
    return {
      serviceRevisionArn: arn,
      serviceArn,
      clusterArn,
      ...(taskDefinition !== undefined && { taskDefinition }),
      ...(targetGroupArn !== undefined && {
        loadBalancers,
        resolvedConfiguration: { loadBalancers: [{ targetGroupArn, productionListenerRule }] },
      }),
      createdAt: new Date(createdAt),
    };
  }

  #add(
    arn: string,
    { arns }: Pick<RevisionRequest, 'arns'>,
    taskDefinition: string | undefined,
    targetGroupArn: string | undefined,
  ): StoredRevision {
    const present = this.#revisions.get(arn);
    const initial = this.#dependencies?.findService(arns.service)?.deployments[0]?.taskDefinition;
    const named = taskDefinition && this.#arnOf(taskDefinition);
    const revision: StoredRevision = {
      arn,
      serviceArn: arns.service,
      clusterArn: arns.cluster,
      createdAt: present?.createdAt ?? this.#environment.clock.now(),
      taskDefinition: present?.taskDefinition ?? named ?? (arn === arns.source ? initial : undefined),
      targetGroupArn: present?.targetGroupArn ?? targetGroupArn ?? this.#pairOf(arns.service)?.first,
    };
    this.#revisions.set(arn, revision);
    return revision;
  }

  #arnOf(taskDefinition: string): string {
    return taskDefinition.startsWith('arn:')
      ? taskDefinition
      : this.#environment.arn('ecs', `task-definition/${taskDefinition}`);
  }

  #pairOf(serviceArn: string): SimulatedTargetGroupPair | undefined {
    const [loadBalancer] = this.#loadBalancersOf(serviceArn);
    const { targetGroupArn, advancedConfiguration } = loadBalancer ?? {};
    const { alternateTargetGroupArn, productionListenerRule, testListenerRule } = advancedConfiguration ?? {};
    if (this.#dependencies === undefined || !targetGroupArn || !alternateTargetGroupArn) return undefined;
    const route = {
      targetGroups: [targetGroupArn, alternateTargetGroupArn] as const,
      listenerArn: productionListenerRule ?? '',
      testListenerArn: testListenerRule,
    };
    return new SimulatedTargetGroupPair(route, this.#dependencies.elasticLoadBalancing);
  }

  #loadBalancersOf(serviceArn: string): LoadBalancer[] {
    return this.#dependencies?.findService(serviceArn)?.settings.loadBalancers ?? [];
  }
}
