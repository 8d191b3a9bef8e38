import { setUpAppMeshRoute } from './app-mesh-route.js';
import { setUpLambdaAlias } from './lambda-alias.js';
import { setUpListener, setUpListenerRules } from './load-balancers.js';
import { describeTrafficTarget } from './traffic-target.js';
import { setUpVpcLattice } from './vpc-lattice-rule.js';

const appMesh = { read: ['appmesh:DescribeRoute'], write: ['appmesh:UpdateRoute'] };
const lambda = { read: ['lambda:GetAlias'], write: ['lambda:UpdateAlias'] };
const rule = {
  read: ['elasticloadbalancing:DescribeRules'],
  write: ['elasticloadbalancing:ModifyRule'],
};
const twoRules = { read: rule.read, write: [...rule.write, ...rule.write] };
const listener = {
  read: ['elasticloadbalancing:DescribeListeners'],
  write: ['elasticloadbalancing:ModifyListener'],
};
const latticeRule = { read: ['vpc-lattice:GetRule'], write: ['vpc-lattice:UpdateRule'] };
const latticeListener = { read: ['vpc-lattice:GetListener'], write: ['vpc-lattice:UpdateListener'] };

describeTrafficTarget('AlbListenerRuleTarget', rule, setUpListenerRules(1));
describeTrafficTarget('AlbListenerRuleTarget (two rules)', twoRules, setUpListenerRules(2));
describeTrafficTarget('AlbListenerTarget (ALB)', listener, setUpListener('application'));
describeTrafficTarget('AlbListenerTarget (NLB)', listener, setUpListener('network'));
describeTrafficTarget('VpcLatticeRuleTarget (rule)', latticeRule, setUpVpcLattice('rule'));
describeTrafficTarget(
  'VpcLatticeRuleTarget (default action)',
  latticeListener,
  setUpVpcLattice('defaultAction'),
);
describeTrafficTarget('AppMeshRouteTarget (http)', appMesh, setUpAppMeshRoute('httpRoute'));
describeTrafficTarget('AppMeshRouteTarget (http2)', appMesh, setUpAppMeshRoute('http2Route'));
describeTrafficTarget('AppMeshRouteTarget (grpc)', appMesh, setUpAppMeshRoute('grpcRoute'));
describeTrafficTarget('AppMeshRouteTarget (tcp)', appMesh, setUpAppMeshRoute('tcpRoute'));
describeTrafficTarget('LambdaAliasTarget', lambda, setUpLambdaAlias);
