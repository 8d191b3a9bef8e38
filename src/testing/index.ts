export type { CallRate } from './call-rates.js';
export { type Fault, type FaultKind, SimulatedCrash } from './faults.js';
export type {
  SimulatedAlarm,
  SimulatedAlarmCondition,
  SimulatedAlarmOptions,
} from './simulated-alarms.js';
export type { SimulatedAnswerFault } from './simulated-answer-server.js';
export {
  SimulatedAppMesh,
  type SimulatedRoute,
  type SimulatedRouteName,
} from './simulated-app-mesh.js';
export {
  SimulatedApplicationAutoScaling,
  type SimulatedScalableTarget,
} from './simulated-application-auto-scaling.js';
export type { SimulatedClients } from './simulated-clients.js';
export { type RecordedCall, SimulatedCloud, type SimulatedCloudOptions } from './simulated-cloud.js';
export { SimulatedCloudFormation } from './simulated-cloudformation.js';
export type {
  CustomResourceEvent,
  SimulatedResourceAnswer,
  SimulatedResourceRequest,
  SimulatedStackOptions,
  SimulatedStackStatus,
} from './simulated-cloudformation-types.js';
export { SimulatedCloudWatch } from './simulated-cloudwatch.js';
export { SimulatedCodeDeploy } from './simulated-code-deploy.js';
export type {
  CodeDeployHookEvent,
  CodeDeployHookName,
  CodeDeployStepName,
  SimulatedDeploymentOptions,
  SimulatedDeploymentResult,
  SimulatedHook,
  SimulatedHookAnswer,
  SimulatedLifecycleEvent,
  SimulatedTraffic,
} from './simulated-code-deploy-types.js';
export type { SimulatedContainerInstance } from './simulated-container-instances.js';
export { type SimulatedBackup, SimulatedDynamoDb, type SimulatedTable } from './simulated-dynamo-db.js';
export { SimulatedEcs } from './simulated-ecs.js';
export type {
  EcsDeploymentStageName,
  EcsHookLambdaEvent,
  EcsHookStageName,
  SimulatedEcsDeploymentOptions,
  SimulatedEcsDeploymentResult,
  SimulatedEcsHook,
  SimulatedEcsHookExecution,
  SimulatedEcsStage,
  SimulatedEcsStrategy,
  SimulatedTargetPercent,
} from './simulated-ecs-deployment-types.js';
export { SimulatedEcsDeployments } from './simulated-ecs-deployments.js';
export type {
  SimulatedEcsDeployment,
  SimulatedEcsService,
  SimulatedServiceSettings,
  SimulatedTaskSet,
} from './simulated-ecs-service.js';
export { SimulatedElasticLoadBalancing } from './simulated-elastic-load-balancing.js';
export { SimulatedEventBridge, type SimulatedRule } from './simulated-event-bridge.js';
export { type SimulatedConsumer, SimulatedKinesis, type SimulatedStream } from './simulated-kinesis.js';
export { SimulatedLambda } from './simulated-lambda.js';
export type { SimulatedAlias } from './simulated-lambda-aliases.js';
export type {
  SimulatedFunctionContext,
  SimulatedLambdaFunction,
} from './simulated-lambda-functions.js';
export type {
  SimulatedHookLambda,
  SimulatedInvocation,
  SimulatedLambdaContext,
} from './simulated-lambda-invocation.js';
export type {
  SimulatedEventSourceMapping,
  SimulatedMappingState,
} from './simulated-lambda-mappings.js';
export type {
  SimulatedListener,
  SimulatedListenerRule,
  SimulatedLoadBalancer,
  SimulatedTarget,
  SimulatedTargetGroup,
} from './simulated-load-balancer-types.js';
export { SimulatedRds } from './simulated-rds.js';
export type {
  SimulatedDbCluster,
  SimulatedDbClusterSnapshot,
  SimulatedDbInstance,
} from './simulated-rds-cluster.js';
export { SimulatedSns, type SimulatedSubscription, type SimulatedTopic } from './simulated-sns.js';
export { type SimulatedMessage, type SimulatedQueue, SimulatedSqs } from './simulated-sqs.js';
export { type SimulatedProperties, SimulatedStack } from './simulated-stack.js';
export type { SimulatedTaskFailure, SimulatedTaskSelection } from './simulated-task-failures.js';
export { SimulatedVpcLattice } from './simulated-vpc-lattice.js';
export type {
  SimulatedLatticeListener,
  SimulatedLatticeRule,
  SimulatedLatticeTarget,
  SimulatedLatticeTargetGroup,
} from './simulated-vpc-lattice-types.js';
export type { FilterPolicyScope } from './sns-filter-policy.js';
export {
  type RequestCount,
  type SimulatedStackBehavior,
  type SimulatedTrafficOptions,
  type TrafficMinute,
  TrafficModel,
  type TrafficSituation,
} from './traffic-model.js';
export { VirtualClock } from './virtual-clock.js';
