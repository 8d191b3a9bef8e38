import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Backend } from '../../support/backend.js';

/** The parts of a load balancer in the shared tests. */
export interface SeededLoadBalancer {
  readonly targetGroupArns: { readonly blue: string; readonly green: string; readonly other: string };
  readonly listenerArn: string;
  /** Rules for `/orders-0/*` and `/orders-1/*`. */
  readonly ruleArns: readonly string[];
}

const network = { region: 'eu-west-1', port: 80, target: '10.0.0.7' };

/** Creates a load balancer. The listener's default action and both rules get the actions of `actionsFor`. */
export async function seedLoadBalancer(
  backend: Backend,
  actionsFor: (targetGroupArns: SeededLoadBalancer['targetGroupArns']) => Action[],
): Promise<SeededLoadBalancer> {
  return backend.cloud === undefined ? seedAws(backend, actionsFor) : seedCloud(backend.cloud, actionsFor);
}

function seedCloud(
  { elasticLoadBalancing }: NonNullable<Backend['cloud']>,
  actionsFor: (targetGroupArns: SeededLoadBalancer['targetGroupArns']) => Action[],
): SeededLoadBalancer {
  const add = (name: string) =>
    elasticLoadBalancing.addTargetGroup({ name, targets: [network.target], port: network.port }).arn;
  const targetGroupArns = { blue: add('blue'), green: add('green'), other: add('other') };
  const actions = actionsFor(targetGroupArns);
  const listener = elasticLoadBalancing.addListener({
    loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'shop' }).arn,
    defaultActions: actions,
    port: network.port,
    protocol: 'HTTP',
  });
  const ruleArns = [0, 1].map(
    (index) =>
      elasticLoadBalancing.addRule({
        listenerArn: listener.arn,
        priority: 10 + index,
        conditions: conditionsOf(index),
        actions,
      }).arn,
  );
  return { targetGroupArns, listenerArn: listener.arn, ruleArns };
}

async function seedAws(
  { clients }: Backend,
  actionsFor: (targetGroupArns: SeededLoadBalancer['targetGroupArns']) => Action[],
): Promise<SeededLoadBalancer> {
  const client = clients.elasticLoadBalancing;
  const { subnetIds, vpcId } = await findNetwork(clients);
  const add = async (name: string): Promise<string> => {
    const { TargetGroups: [group] = [] } = await client.send(
      new CreateTargetGroupCommand({
        Name: name,
        Protocol: 'HTTP',
        Port: network.port,
        VpcId: vpcId,
        TargetType: 'ip',
      }),
    );
    const TargetGroupArn = group?.TargetGroupArn ?? '';
    await client.send(
      new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: network.target, Port: network.port }] }),
    );
    return TargetGroupArn;
  };
  const targetGroupArns = { blue: await add('blue'), green: await add('green'), other: await add('other') };
  const actions = actionsFor(targetGroupArns);
  const { LoadBalancers: [loadBalancer] = [] } = await client.send(
    new CreateLoadBalancerCommand({ Name: 'shop', Subnets: subnetIds }),
  );
  const { Listeners: [listener] = [] } = await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancer?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: network.port,
      DefaultActions: actions,
    }),
  );
  const listenerArn = listener?.ListenerArn ?? '';
  const ruleArns: string[] = [];
  for (const index of [0, 1]) {
    const { Rules: [rule] = [] } = await client.send(
      new CreateRuleCommand({
        ListenerArn: listenerArn,
        Priority: 10 + index,
        Conditions: conditionsOf(index),
        Actions: actions,
      }),
    );
    ruleArns.push(rule?.RuleArn ?? '');
  }
  return { targetGroupArns, listenerArn, ruleArns };
}

function conditionsOf(index: number) {
  return [{ Field: 'path-pattern', PathPatternConfig: { Values: [`/orders-${index}/*`] } }];
}

/** Returns the subnets for a load balancer or a Fargate task. */
export async function findNetwork(
  clients: Backend['clients'],
): Promise<{ readonly subnetIds: string[]; readonly vpcId: string }> {
  const all = await callEc2(clients, 'DescribeSubnets');
  return { subnetIds: all('subnetId').slice(0, 2), vpcId: all('vpcId')[0] ?? '' };
}

/** Calls EC2 and returns a reader of texts by XML tag. The package has no EC2 client, and moto requires no signature. */
export async function callEc2(
  clients: Backend['clients'],
  action: string,
): Promise<(tag: string) => string[]> {
  const endpoint = await clients.elasticLoadBalancing.config.endpoint?.();
  if (endpoint === undefined) throw new TypeError('The client has no endpoint of its own');
  const credential = `Credential=testing/20260101/${network.region}/ec2/aws4_request`;
  const answer = await fetch(`${endpoint.protocol}//${endpoint.hostname}:${endpoint.port}/`, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({ Action: action, Version: '2016-11-15' }),
  });
  const xml = await answer.text();
  return (tag) => [...xml.matchAll(new RegExp(`<${tag}>([^<]+)`, 'g'))].map((it) => it[1] ?? '');
}
