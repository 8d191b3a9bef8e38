export type { CallRate } from './cloud/call-rates.js';
export { type Fault, type FaultKind, SimulatedCrash } from './cloud/faults.js';
export type { SimulatedClients } from './cloud/simulated-clients.js';
export { type RecordedCall, SimulatedCloud, type SimulatedCloudOptions } from './cloud/simulated-cloud.js';
export {
  type RequestCount,
  type SimulatedStackBehavior,
  type SimulatedTrafficOptions,
  type TrafficMinute,
  TrafficModel,
  type TrafficSituation,
} from './cloud/traffic-model.js';
export { VirtualClock } from './cloud/virtual-clock.js';
export {
  SimulatedAppMesh,
  type SimulatedRoute,
  type SimulatedRouteName,
} from './services/app-mesh/simulated-app-mesh.js';
export {
  SimulatedApplicationAutoScaling,
  type SimulatedScalableTarget,
} from './services/application-auto-scaling/simulated-application-auto-scaling.js';
export { SimulatedCloudFormation } from './services/cloudformation/simulated-cloudformation.js';
export type {
  CustomResourceEvent,
  SimulatedResourceAnswer,
  SimulatedResourceRequest,
  SimulatedStackOptions,
  SimulatedStackStatus,
} from './services/cloudformation/simulated-cloudformation-types.js';
export type { SimulatedAnswerFault } from './services/cloudformation/simulated-response-server.js';
export { type SimulatedProperties, SimulatedStack } from './services/cloudformation/simulated-stack.js';
export type {
  SimulatedAlarm,
  SimulatedAlarmCondition,
  SimulatedAlarmOptions,
} from './services/cloudwatch/simulated-alarms.js';
export { SimulatedCloudWatch } from './services/cloudwatch/simulated-cloudwatch.js';
export { SimulatedCodeDeploy } from './services/code-deploy/simulated-code-deploy.js';
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
} from './services/code-deploy/simulated-code-deploy-types.js';
export {
  type SimulatedBackup,
  SimulatedDynamoDb,
  type SimulatedTable,
} from './services/dynamo-db/simulated-dynamo-db.js';
export type { SimulatedContainerInstance } from './services/ecs/simulated-container-instances.js';
export { SimulatedEcs } from './services/ecs/simulated-ecs.js';
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
} from './services/ecs/simulated-ecs-deployment-types.js';
export { SimulatedEcsDeployments } from './services/ecs/simulated-ecs-deployments.js';
export type {
  SimulatedEcsDeployment,
  SimulatedEcsService,
  SimulatedServiceSettings,
  SimulatedTaskSet,
} from './services/ecs/simulated-ecs-service.js';
export type { SimulatedTaskFailure, SimulatedTaskSelection } from './services/ecs/simulated-task-failures.js';
export { SimulatedElasticLoadBalancing } from './services/elastic-load-balancing/simulated-elastic-load-balancing.js';
export type {
  SimulatedListener,
  SimulatedListenerRule,
  SimulatedLoadBalancer,
  SimulatedTarget,
  SimulatedTargetGroup,
} from './services/elastic-load-balancing/simulated-load-balancer-types.js';
export { SimulatedEventBridge, type SimulatedRule } from './services/event-bridge/simulated-event-bridge.js';
export {
  type SimulatedConsumer,
  SimulatedKinesis,
  type SimulatedStream,
} from './services/kinesis/simulated-kinesis.js';
export { SimulatedLambda } from './services/lambda/simulated-lambda.js';
export type {
  SimulatedAlias,
  SimulatedProvisionedConcurrency,
} from './services/lambda/simulated-lambda-aliases.js';
export type {
  SimulatedFunctionContext,
  SimulatedLambdaFunction,
} from './services/lambda/simulated-lambda-functions.js';
export type {
  SimulatedHookLambda,
  SimulatedInvocation,
  SimulatedLambdaContext,
} from './services/lambda/simulated-lambda-invocation.js';
export type {
  SimulatedEventSourceMapping,
  SimulatedMappingState,
} from './services/lambda/simulated-lambda-mappings.js';
export { SimulatedRds } from './services/rds/simulated-rds.js';
export type {
  SimulatedDbCluster,
  SimulatedDbClusterSnapshot,
  SimulatedDbInstance,
} from './services/rds/simulated-rds-cluster.js';
export {
  SimulatedSns,
  type SimulatedSubscription,
  type SimulatedTopic,
} from './services/sns/simulated-sns.js';
export type { SimulatedMessageAttributes } from './services/sns/sns-delivery.js';
export type { FilterPolicyScope } from './services/sns/sns-filter-policy.js';
export { type SimulatedMessage, type SimulatedQueue, SimulatedSqs } from './services/sqs/simulated-sqs.js';
export { SimulatedVpcLattice } from './services/vpc-lattice/simulated-vpc-lattice.js';
export type {
  SimulatedLatticeListener,
  SimulatedLatticeRule,
  SimulatedLatticeTarget,
  SimulatedLatticeTargetGroup,
} from './services/vpc-lattice/simulated-vpc-lattice-types.js';
