import type { StackPair, StackReference } from 'aws-blue-green-toolkit/core';
import { disabledMarker } from 'aws-blue-green-toolkit/sns';
import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import type { Dependencies } from '../lambda/environment.js';

const stacks: readonly StackReference[] = ['blue', 'green'];

/** Simulates the web shop in AWS: blue is live, green is idle. */
export function makeWorld() {
  const cloud = new SimulatedCloud({ region: 'eu-west-1', accountId: '111122223333' });
  const dependencies: Dependencies = {
    clients: cloud.clients,
    clock: cloud.clock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  };
  const topic = cloud.sns.addTopic('orders');
  const subscriptionArns = pairOf((stack) => addStack(stack));
  const { elasticLoadBalancing: elb } = cloud;
  const loadBalancerArn = elb.addLoadBalancer({ name: 'shop' }).arn;
  const targetGroupArns = pairOf(
    (stack) => elb.addTargetGroup({ name: `orders-${stack}`, targets: ['10.0.0.1'] }).arn,
  );
  const listenerArn = elb.addListener({
    loadBalancerArn,
    defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  }).arn;
  return { cloud, dependencies, subscriptionArns, loadBalancerArn, listenerArn, targetGroupArns, addRule };

  function addStack(stack: StackReference): string {
    const isActive = stack === 'blue';
    const name = `orders-${stack}`;
    cloud.rds.addCluster({
      name,
      status: isActive ? 'available' : 'stopped',
      readers: isActive ? 3 : 1,
      autoscaling: { minCapacity: isActive ? 2 : 1, maxCapacity: 6 },
    });
    cloud.sqs.addQueue({ name });
    cloud.lambda.addFunction({ name: `orders-ingest-${stack}`, handler: () => {} });
    cloud.lambda.addMapping({
      functionName: `orders-ingest-${stack}`,
      eventSourceArn: cloud.sqs.queue(name).arn,
      state: isActive ? 'Enabled' : 'Disabled',
    });
    cloud.cloudWatch.addAlarm({ name: `${name}-latency`, state: 'OK', actionsEnabled: isActive });
    return cloud.sns.subscribe({
      topic: topic.arn,
      queue: name,
      // The filter policy of a subscription that the toolkit has disabled.
      ...(!isActive && { filterPolicy: { [disabledMarker]: [disabledMarker] } }),
    }).arn;
  }

  /** Adds a rule that sends all traffic to blue. */
  function addRule(): string {
    const weighted = stacks.map((stack) => ({
      TargetGroupArn: targetGroupArns[stack],
      Weight: stack === 'blue' ? 100 : 0,
    }));
    return elb.addRule({
      listenerArn,
      priority: 10,
      conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: weighted } }],
    }).arn;
  }
}

function pairOf<T>(make: (stack: StackReference) => T): StackPair<T> {
  return { blue: make('blue'), green: make('green') };
}
