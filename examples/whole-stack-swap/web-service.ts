import { partnerOf, type StackReference } from 'aws-blue-green-toolkit/core';
import { codeDeploySwapHooks } from 'aws-blue-green-toolkit/hooks';
import type { StackSwap } from 'aws-blue-green-toolkit/swap';
import type { SimulatedCloud, SimulatedDeploymentGroupOptions } from 'aws-blue-green-toolkit/testing';

const service = { cluster: 'orders', service: 'web' };

/** Creates the web service behind a production and a test listener. Its first revision is bound to blue. */
export function addWebService({ ecs, elasticLoadBalancing }: SimulatedCloud) {
  const stackOfRevision = new Map<string, StackReference>();
  const register = (stack: StackReference): string => {
    const environment = [{ name: 'STACK', value: stack }];
    const arn = ecs.addTaskDefinition({
      family: service.service,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      containerDefinitions: [{ name: 'web', image: 'web', environment }],
    });
    stackOfRevision.set(arn, stack);
    return arn;
  };
  const { cluster, service: name } = service;
  ecs.addService({
    cluster,
    name,
    desiredCount: 3,
    deploymentController: 'CODE_DEPLOY',
    taskDefinition: register('blue'),
  });

  const loadBalancerArn = elasticLoadBalancing.addLoadBalancer({ name: 'orders' }).arn;
  const addGroup = (group: string) =>
    elasticLoadBalancing.addTargetGroup({ name: group, targetType: 'ip' }).arn;
  const targetGroups = [addGroup('one'), addGroup('two')] as const;
  const listen = (port: number) =>
    elasticLoadBalancing.addListener({
      loadBalancerArn,
      port,
      protocol: 'HTTP',
      defaultActions: [{ Type: 'forward', TargetGroupArn: targetGroups[0] }],
    }).arn;
  const route = { targetGroups, listenerArn: listen(80), testListenerArn: listen(8080) };

  const taskSets = () => ecs.service(cluster, name).taskSets.filter(({ status }) => status !== 'DRAINING');
  const percentOf = (stack: StackReference, listenerArn = route.listenerArn): number => {
    const weights = elasticLoadBalancing.weightsInForce(listenerArn);
    return taskSets()
      .filter(({ taskDefinition }) => stackOfRevision.get(taskDefinition) === stack)
      .reduce((sum, { targetGroupArn = targetGroups[0] }) => sum + (weights[targetGroupArn] ?? 0), 0);
  };
  const moveTraffic = (stack: StackReference): void => {
    const TargetGroups = taskSets().map(({ taskDefinition, targetGroupArn }) => ({
      TargetGroupArn: targetGroupArn,
      Weight: stackOfRevision.get(taskDefinition) === stack ? 100 : 0,
    }));
    elasticLoadBalancing.changeActions(route.listenerArn, () => [
      { Type: 'forward', ForwardConfig: { TargetGroups } },
    ]);
  };
  return {
    route,
    register,
    percentOf,
    moveTraffic,
    /** Returns true when the test listener has the tasks of a stack. */
    isUnderTest: (stack: StackReference) =>
      percentOf(stack, route.testListenerArn) === 100 && percentOf(partnerOf(stack)) > 0,
  };
}

/** Deploys the hooks as Lambda functions, with both triggers of the tick. */
export function deployHooks(
  { clients, codeDeploy, eventBridge, lambda }: SimulatedCloud,
  swap: StackSwap,
  group: Partial<SimulatedDeploymentGroupOptions>,
): void {
  const { deploymentEnded, ...hooks } = codeDeploySwapHooks(swap, { clients });
  const add = (name: string, handler: typeof deploymentEnded | (typeof hooks)['beforeInstall']) =>
    lambda.addFunction({ name, handler, timeoutSeconds: 900 });
  codeDeploy.addDeploymentGroup({
    application: 'orders',
    name: 'web',
    service,
    deploymentConfig: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
    terminationWaitSeconds: 300,
    autoRollback: true,
    hooks: {
      BeforeInstall: add('before-install', hooks.beforeInstall).name,
      AfterInstall: add('after-install', hooks.afterInstall).name,
      AfterAllowTestTraffic: add('after-allow-test-traffic', hooks.afterAllowTestTraffic).name,
      BeforeAllowTraffic: add('before-allow-traffic', hooks.beforeAllowTraffic).name,
      AfterAllowTraffic: add('after-allow-traffic', hooks.afterAllowTraffic).name,
    },
    ...group,
  });
  const targets = [add('deployment-ended', deploymentEnded).arn];
  const eventPattern = { source: ['aws.codedeploy'], detail: { application: ['orders'] } };
  eventBridge.addRule({ name: 'deployment-ended', eventPattern, targets });
  eventBridge.addRule({ name: 'tick', scheduleExpression: 'rate(5 minutes)', targets });
}
