import type { TrafficWeights } from '../../src/traffic/types.js';
import { setUpApiGateway } from './api-gateway.js';
import { setUpAppMeshRoute } from './app-mesh-route.js';
import { setUpComposite } from './composite.js';
import { setUpEndpointGroup } from './global-accelerator.js';
import { setUpLambdaAlias } from './lambda-alias.js';
import { setUpListener, setUpListenerRules } from './load-balancers.js';
import { setUpWeightedRecord } from './route-53-weighted-record.js';
import { setUpStateMachineAlias } from './step-functions-alias.js';
import type { TargetCalls, TargetSetUp } from './traffic-target.js';
import { setUpVpcLattice } from './vpc-lattice-rule.js';

/** Target in one of its configurations. */
export interface TargetUnderTest {
  readonly name: string;
  readonly calls: TargetCalls;
  /** Creates a fresh cloud on which the two stacks have the given weights. */
  readonly setUp: (weights: TrafficWeights) => TargetSetUp;
}

const appMesh = { read: ['appmesh:DescribeRoute'], write: ['appmesh:UpdateRoute'] };
const lambda = { read: ['lambda:GetAlias'], write: ['lambda:UpdateAlias'] };
const rules = (count: number) => ({
  read: ['elasticloadbalancing:DescribeRules'],
  write: Array.from({ length: count }, () => 'elasticloadbalancing:ModifyRule'),
});
const listener = {
  read: ['elasticloadbalancing:DescribeListeners'],
  write: ['elasticloadbalancing:ModifyListener'],
};
const apiGateway = {
  read: ['apigateway:GET'],
  write: ['apigateway:PATCH'],
  writeAll: ['apigateway:PATCH', 'apigateway:PATCH', 'apigateway:PATCH'],
};
const together = (...parts: readonly TargetCalls[]): TargetCalls => ({
  read: parts.flatMap(({ read }) => read),
  write: parts.flatMap(({ write }) => write),
  health: parts.flatMap(({ read, health = read }) => health),
});
const latticeRule = { read: ['vpc-lattice:GetRule'], write: ['vpc-lattice:UpdateRule'] };
const latticeListener = { read: ['vpc-lattice:GetListener'], write: ['vpc-lattice:UpdateListener'] };
const records = {
  read: ['route53:ListResourceRecordSets'],
  write: ['route53:ChangeResourceRecordSets'],
  confirm: ['route53:GetChange', 'route53:GetChange'],
  health: ['route53:GetHealthCheck', 'route53:GetHealthCheckStatus'],
};
const endpointGroup = {
  read: ['globalaccelerator:DescribeEndpointGroup'],
  write: ['globalaccelerator:UpdateEndpointGroup'],
  confirm: ['globalaccelerator:DescribeAccelerator', 'globalaccelerator:DescribeAccelerator'],
};
const stateMachineAlias = {
  read: ['states:DescribeStateMachineAlias'],
  write: ['states:UpdateStateMachineAlias'],
};

/** All traffic targets. A new one adds a line here for the contract suite, the crash matrix and the call counts. */
export const allTargets: readonly TargetUnderTest[] = [
  { name: 'AlbListenerRuleTarget', calls: rules(1), setUp: setUpListenerRules(1) },
  { name: 'AlbListenerRuleTarget (two rules)', calls: rules(2), setUp: setUpListenerRules(2) },
  { name: 'AlbListenerRuleTarget (three rules)', calls: rules(3), setUp: setUpListenerRules(3) },
  { name: 'AlbListenerTarget (ALB)', calls: listener, setUp: setUpListener('application') },
  { name: 'AlbListenerTarget (NLB)', calls: listener, setUp: setUpListener('network') },
  { name: 'VpcLatticeRuleTarget (rule)', calls: latticeRule, setUp: setUpVpcLattice('rule') },
  {
    name: 'VpcLatticeRuleTarget (default action)',
    calls: latticeListener,
    setUp: setUpVpcLattice('defaultAction'),
  },
  { name: 'AppMeshRouteTarget (http)', calls: appMesh, setUp: setUpAppMeshRoute('httpRoute') },
  { name: 'AppMeshRouteTarget (http2)', calls: appMesh, setUp: setUpAppMeshRoute('http2Route') },
  { name: 'AppMeshRouteTarget (grpc)', calls: appMesh, setUp: setUpAppMeshRoute('grpcRoute') },
  { name: 'AppMeshRouteTarget (tcp)', calls: appMesh, setUp: setUpAppMeshRoute('tcpRoute') },
  { name: 'LambdaAliasTarget', calls: lambda, setUp: setUpLambdaAlias },
  { name: 'ApiGatewayCanaryTarget', calls: apiGateway, setUp: setUpApiGateway },
  {
    name: 'CompositeTarget (two load balancers)',
    calls: together(rules(2), rules(1)),
    setUp: setUpComposite(setUpListenerRules(2, 'public'), setUpListenerRules(1, 'internal')),
  },
  {
    name: 'CompositeTarget (rule and alias)',
    calls: together(rules(1), lambda),
    setUp: setUpComposite(setUpListenerRules(1), setUpLambdaAlias),
  },
  {
    name: 'CompositeTarget (alias and rule)',
    calls: together(lambda, rules(1)),
    setUp: setUpComposite(setUpLambdaAlias, setUpListenerRules(1)),
  },
  { name: 'Route53WeightedRecordTarget (values)', calls: records, setUp: setUpWeightedRecord('values') },
  { name: 'Route53WeightedRecordTarget (alias)', calls: records, setUp: setUpWeightedRecord('alias') },
  { name: 'GlobalAcceleratorTarget', calls: endpointGroup, setUp: setUpEndpointGroup },
  { name: 'StepFunctionsAliasTarget', calls: stateMachineAlias, setUp: setUpStateMachineAlias },
];
