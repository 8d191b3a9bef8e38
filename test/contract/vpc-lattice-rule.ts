import type { RuleAction } from '@aws-sdk/client-vpc-lattice';
import { SimulatedCloud } from '../../src/testing/index.js';
import { VpcLatticeRuleTarget } from '../../src/traffic/targets/vpc-lattice-rule.js';
import type { TrafficWeights } from '../../src/traffic/types.js';
import { brokenLogger } from '../support/broken-logger.js';
import type { TargetSetUp } from './traffic-target.js';

/** Sets up a VPC Lattice rule, or a listener's default action, for the contract suite. The rule names one group by its ARN. */
export function setUpVpcLattice(kind: 'rule' | 'defaultAction') {
  return (weights: TrafficWeights): TargetSetUp => {
    const cloud = new SimulatedCloud();
    const { vpcLattice } = cloud;
    const [blue, green, other] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((target) =>
      vpcLattice.addTargetGroup({ targets: [target] }),
    );
    if (blue === undefined || green === undefined || other === undefined) throw new TypeError('no groups');
    const forward = (it: TrafficWeights): RuleAction => ({
      forward: {
        targetGroups: [
          { targetGroupIdentifier: blue.arn, weight: it.blue },
          { targetGroupIdentifier: green.id, weight: it.green },
        ],
      },
    });
    const isRule = kind === 'rule';
    const defaultAction = isRule ? { fixedResponse: { statusCode: 404 } } : forward(weights);
    const listener = vpcLattice.addListener({ defaultAction });
    const match = {
      httpMatch: {
        method: 'GET',
        pathMatch: { match: { prefix: '/orders' }, caseSensitive: true },
        headerMatches: [{ name: 'tenant', match: { exact: 'a' } }],
      },
    };
    const rule = isRule
      ? vpcLattice.addRule({ listener: listener.id, priority: 7, match, action: forward(weights) })
      : undefined;
    const holder = rule?.id ?? listener.id;
    const change = (targetGroups: { targetGroupIdentifier: string; weight: number }[]) =>
      vpcLattice.changeAction(holder, { forward: { targetGroups } });
    return {
      cloud,
      target: new VpcLatticeRuleTarget({
        serviceIdentifier: listener.serviceArn,
        listenerIdentifier: listener.id,
        ruleIdentifier: rule?.arn,
        blue: { targetGroupIdentifier: blue.id },
        green: { targetGroupIdentifier: green.arn },
        clients: cloud.clients,
        clock: cloud.clock,
        logger: brokenLogger,
      }),
      readRaw: () => (rule ? vpcLattice.rule(rule.id) : vpcLattice.listener(listener.id)),
      withoutWeights: (raw) => JSON.parse(JSON.stringify(raw).replaceAll(/"weight":\d+/g, '"weight":0')),
      externalWrite: (it) => vpcLattice.changeAction(holder, forward(it)),
      addForeignDestination: () =>
        change([
          { targetGroupIdentifier: blue.arn, weight: 80 },
          { targetGroupIdentifier: other.id, weight: 20 },
        ]),
      removeDestination: (stack) =>
        change([{ targetGroupIdentifier: stack === 'blue' ? green.id : blue.id, weight: 1 }]),
    };
  };
}
