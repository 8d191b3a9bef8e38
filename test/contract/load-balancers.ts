import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SimulatedCloud } from '../../src/testing/index.js';
import { AlbListenerTarget } from '../../src/traffic/targets/alb-listener.js';
import { AlbListenerRuleTarget } from '../../src/traffic/targets/alb-listener-rule.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { brokenLogger } from '../support/broken-logger.js';
import type { TargetSetUp } from './traffic-target.js';

/** Actions that can come before a forward action. */
const authentication: readonly Action[] = [
  {
    Type: 'authenticate-oidc',
    Order: 1,
    AuthenticateOidcConfig: {
      Issuer: 'https://login.example.com',
      AuthorizationEndpoint: 'https://login.example.com/authorize',
      TokenEndpoint: 'https://login.example.com/token',
      UserInfoEndpoint: 'https://login.example.com/user',
      ClientId: 'shop',
      ClientSecret: 'never shown again',
      Scope: 'openid email',
      SessionTimeout: 3600,
      OnUnauthenticatedRequest: 'deny',
    },
  },
];

/** Sets up listener rules for the contract suite, with actions, conditions and priority. */
export function setUpListenerRules(ruleCount: number, name = 'shop') {
  return (weights: TrafficWeights, on = new SimulatedCloud()): TargetSetUp => {
    const { cloud, forward, targetGroups, loadBalancerArn } = arrangeTargetGroups('application', on, name);
    const { elasticLoadBalancing } = cloud;
    const listener = elasticLoadBalancing.addListener({
      loadBalancerArn,
      defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
    const ruleArns = Array.from({ length: ruleCount }, (_, index) => {
      const path = `/part-${index}/*`;
      return elasticLoadBalancing.addRule({
        listenerArn: listener.arn,
        priority: 10 + index,
        conditions: [
          { Field: 'path-pattern', PathPatternConfig: { Values: [path] } },
          { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'tenant', Values: ['a*'] } },
        ],
        actions: [...authentication, forward(pairOf(targetGroups, weights))],
      }).arn;
    });
    return {
      cloud,
      target: new AlbListenerRuleTarget({
        ruleArns,
        ...stacksOf(targetGroups),
        stickiness: 'accept',
        clients: cloud.clients,
        clock: cloud.clock,
        logger: brokenLogger,
      }),
      readRaw: () => ruleArns.map((arn) => elasticLoadBalancing.rule(arn)),
      ...externalWrites(ruleArns, { cloud, forward, targetGroups }),
    };
  };
}

/** Sets up the default action of a listener for the contract suite, with rules that must stay unchanged. */
export function setUpListener(type: 'application' | 'network') {
  return (weights: TrafficWeights, on = new SimulatedCloud()): TargetSetUp => {
    const { cloud, forward, targetGroups, loadBalancerArn } = arrangeTargetGroups(type, on, 'shop');
    const { elasticLoadBalancing } = cloud;
    const defaultActions = [
      ...(type === 'application' ? authentication : []),
      forward(pairOf(targetGroups, weights)),
    ];
    const { arn } = elasticLoadBalancing.addListener({ loadBalancerArn, defaultActions });
    return {
      cloud,
      target: new AlbListenerTarget({
        listenerArn: arn,
        ...stacksOf(targetGroups),
        stickiness: 'accept',
        clients: cloud.clients,
        clock: cloud.clock,
        logger: brokenLogger,
      }),
      readRaw: () => elasticLoadBalancing.listener(arn),
      ...externalWrites([arn], { cloud, forward, targetGroups }),
    };
  };
}

interface TargetGroups {
  readonly blue: string;
  readonly green: string;
  readonly other: string;
}

type Weighted = Readonly<Record<string, number>>;

function arrangeTargetGroups(type: 'application' | 'network', cloud: SimulatedCloud, name: string) {
  const { arn: loadBalancerArn } = cloud.elasticLoadBalancing.addLoadBalancer({ name, type });
  const add = (stack: string) =>
    cloud.elasticLoadBalancing.addTargetGroup({ name: `${name}-${stack}`, targets: ['10.0.0.1', '10.0.0.2'] })
      .arn;
  const targetGroups = { blue: add('blue'), green: add('green'), other: add('other') };
  const isBehindAuthentication = type === 'application';
  const forward = (weighted: Weighted): Action => ({
    Type: 'forward',
    ...(isBehindAuthentication && { Order: 2 }),
    ForwardConfig: {
      TargetGroups: Object.entries(weighted).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
      TargetGroupStickinessConfig: isBehindAuthentication
        ? { Enabled: true, DurationSeconds: 600 }
        : { Enabled: true },
    },
  });
  return { cloud, loadBalancerArn, targetGroups, forward };
}

function externalWrites(
  arns: readonly string[],
  {
    cloud,
    forward,
    targetGroups,
  }: { cloud: SimulatedCloud; forward: (weighted: Weighted) => Action; targetGroups: TargetGroups },
): Pick<TargetSetUp, 'withoutWeights' | 'externalWrite' | 'addForeignDestination' | 'removeDestination'> {
  const change = (weighted: Weighted) => {
    for (const arn of arns) {
      cloud.elasticLoadBalancing.changeActions(arn, (actions) =>
        actions.map((action) => {
          if (action.Type === 'forward') return forward(weighted);
          const { AuthenticateOidcConfig: config } = action;
          return config
            ? { ...action, AuthenticateOidcConfig: { ...config, UseExistingClientSecret: true } }
            : action;
        }),
      );
    }
  };
  return {
    withoutWeights: (raw) => JSON.parse(JSON.stringify(raw).replaceAll(/"Weight":\d+/g, '"Weight":0')),
    externalWrite: (weights) => change(pairOf(targetGroups, weights)),
    addForeignDestination: () =>
      change({ ...pairOf(targetGroups, { blue: 80, green: 10 }), [targetGroups.other]: 10 }),
    removeDestination: (stack) => {
      const { [targetGroups[stack]]: _removed, ...rest } = pairOf(targetGroups, { blue: 50, green: 50 });
      change(rest);
    },
  };
}

function pairOf(targetGroups: TargetGroups, { blue, green }: TrafficWeights): Weighted {
  return { [targetGroups.blue]: blue, [targetGroups.green]: green };
}

function stacksOf({ blue, green }: TargetGroups) {
  return { blue: { targetGroupArn: blue }, green: { targetGroupArn: green } };
}
