import * as v from 'valibot';
import { nonEmptyString, stackReference, strictObject, wholeNumber } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SimulatedTrafficRoute } from '../services/code-deploy/target-group-pair.js';
import type { SimulatedEcs } from '../services/ecs/simulated-ecs.js';
import type { SimulatedElasticLoadBalancing } from '../services/elastic-load-balancing/simulated-elastic-load-balancing.js';

/** Options of `SimulatedCloud.addWebService`. */
export interface SimulatedWebServiceOptions {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Name of the service, and family of its task definitions. */
  readonly service: string;
  /**
   * Deployer of the service.
   * @default 'ECS'
   */
  readonly deployedBy?: 'ECS' | 'CODE_DEPLOY';
  /**
   * Variable of the task definitions that names the stack.
   * @default 'STACK'
   */
  readonly boundBy?: string;
  /**
   * Stack of the running tasks.
   * @default 'blue'
   */
  readonly live?: StackReference;
  /**
   * Number of tasks.
   * @default 2
   */
  readonly desiredCount?: number;
}

/** A web service with two target groups, of which the live stack has one. */
export interface SimulatedWebService {
  /** ARN of the load balancer. */
  readonly loadBalancerArn: string;
  /** Production listener, as the switch of a swap takes it. */
  readonly listenerArn: string;
  /** Groups and listeners, as a deployment group of CodeDeploy takes them. */
  readonly route: SimulatedTrafficRoute;
  /** Rules of the production and the test traffic, of a service that ECS deploys. */
  readonly rules: SimulatedServiceRules | undefined;
  /**
   * Registers a task definition that is bound to a stack. Returns its ARN.
   *
   * @throws InvalidInputError for an unknown stack.
   */
  register(stack: StackReference): string;
}

/** Listener rules of a service that ECS deploys. */
export interface SimulatedServiceRules {
  /** ARN of the rule of the production traffic. */
  readonly production: string;
  /** ARN of the rule of the test traffic. */
  readonly test: string;
}

/** Services in which a web service is created. */
interface Services {
  readonly ecs: SimulatedEcs;
  readonly elasticLoadBalancing: SimulatedElasticLoadBalancing;
}

const optionsSchema = strictObject({
  cluster: nonEmptyString,
  service: nonEmptyString,
  deployedBy: v.optional(v.picklist(['ECS', 'CODE_DEPLOY']), 'ECS'),
  boundBy: v.optional(nonEmptyString, 'STACK'),
  live: v.optional(stackReference, 'blue'),
  desiredCount: v.optional(wholeNumber, 2),
});

/**
 * Creates a web service behind a load balancer, with a second target group for its deployments.
 *
 * @throws InvalidInputError for an option that is missing, unknown or malformed.
 */
export function addWebService(
  { ecs, elasticLoadBalancing }: Services,
  given: SimulatedWebServiceOptions,
): SimulatedWebService {
  const options = parseInput('addWebService options', optionsSchema, given);
  const { cluster, service, deployedBy, live, desiredCount } = options;
  const { arn: loadBalancerArn } = elasticLoadBalancing.addLoadBalancer({ name: service });
  const addGroup = (name: string) => elasticLoadBalancing.addTargetGroup({ name, targetType: 'ip' }).arn;
  const targetGroups = [addGroup(`${service}-one`), addGroup(`${service}-two`)] as const;
  const listeners =
    deployedBy === 'ECS'
      ? addRules(elasticLoadBalancing, loadBalancerArn, targetGroups[0])
      : addListeners(elasticLoadBalancing, loadBalancerArn, targetGroups[0]);
  const register = (stack: StackReference) =>
    registerTaskDefinition(ecs, options, parseInput('register stack', stackReference, stack));
  const { rules, ...route } = listeners;
  ecs.addService({
    cluster,
    name: service,
    desiredCount,
    deploymentController: deployedBy,
    taskDefinition: register(live),
    ...(rules && { settings: { loadBalancers: [loadBalancerOf(service, targetGroups, rules)] } }),
  });
  // CodeDeploy's service has its first task set behind the first group.
  for (const taskSet of ecs.service(cluster, service).taskSets) taskSet.targetGroupArn = targetGroups[0];
  return {
    loadBalancerArn,
    listenerArn: route.listenerArn,
    route: { targetGroups, ...route },
    rules,
    register,
  };
}

type Balancer = Services['elasticLoadBalancing'];

/** Creates one listener with a rule for the test traffic and one for the production traffic. */
function addRules(balancer: Balancer, loadBalancerArn: string, TargetGroupArn: string) {
  const { arn: listenerArn } = balancer.addListener({
    loadBalancerArn,
    defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const addRule = (priority: number, path: string) =>
    balancer.addRule({
      listenerArn,
      priority,
      conditions: [{ Field: 'path-pattern', Values: [path] }],
      actions: [{ Type: 'forward', TargetGroupArn }],
    }).arn;
  return { listenerArn, rules: { test: addRule(1, '/test/*'), production: addRule(2, '/*') } };
}

/** Creates a listener for the production traffic and one for the test traffic. */
function addListeners(balancer: Balancer, loadBalancerArn: string, TargetGroupArn: string) {
  const listen = (port: number) =>
    balancer.addListener({
      loadBalancerArn,
      port,
      protocol: 'HTTP',
      defaultActions: [{ Type: 'forward', TargetGroupArn }],
    }).arn;
  return { listenerArn: listen(80), testListenerArn: listen(8080), rules: undefined };
}

function registerTaskDefinition(
  ecs: SimulatedEcs,
  { service, boundBy }: Pick<v.InferOutput<typeof optionsSchema>, 'service' | 'boundBy'>,
  stack: StackReference,
): string {
  return ecs.addTaskDefinition({
    family: service,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: service, image: service, environment: [{ name: boundBy, value: stack }] }],
  });
}

/** Returns the entry of the service that lets ECS shift its traffic. */
function loadBalancerOf(
  containerName: string,
  [targetGroupArn, alternateTargetGroupArn]: readonly [string, string],
  { production, test }: SimulatedServiceRules,
) {
  const [, partition, , , accountId] = targetGroupArn.split(':');
  return {
    targetGroupArn,
    containerName,
    containerPort: 80,
    advancedConfiguration: {
      alternateTargetGroupArn,
      productionListenerRule: production,
      testListenerRule: test,
      roleArn: `arn:${partition}:iam::${accountId}:role/ecs`,
    },
  };
}
