import { setUpAppMeshRoute } from './app-mesh-route.js';
import { setUpLambdaAlias } from './lambda-alias.js';
import { describeTrafficTarget } from './traffic-target.js';

const appMesh = { read: ['appmesh:DescribeRoute'], write: ['appmesh:UpdateRoute'] };
const lambda = { read: ['lambda:GetAlias'], write: ['lambda:UpdateAlias'] };

describeTrafficTarget('AppMeshRouteTarget (http)', appMesh, setUpAppMeshRoute('httpRoute'));
describeTrafficTarget('AppMeshRouteTarget (http2)', appMesh, setUpAppMeshRoute('http2Route'));
describeTrafficTarget('AppMeshRouteTarget (grpc)', appMesh, setUpAppMeshRoute('grpcRoute'));
describeTrafficTarget('AppMeshRouteTarget (tcp)', appMesh, setUpAppMeshRoute('tcpRoute'));
describeTrafficTarget('LambdaAliasTarget', lambda, setUpLambdaAlias);
