export type { APIGatewayClient, CanarySettings } from '@aws-sdk/client-api-gateway';
export type { AppMeshClient, RouteSpec } from '@aws-sdk/client-app-mesh';
export type {
  ApplicationAutoScalingClient,
  ScalableDimension,
  ServiceNamespace,
  SuspendedState,
} from '@aws-sdk/client-application-auto-scaling';
export type { ApplicationSignalsClient, EvaluationType } from '@aws-sdk/client-application-signals';
export type {
  AlarmType,
  CloudWatchClient,
  ComparisonOperator,
  MetricDataQuery,
  StateValue,
  StatusCode,
} from '@aws-sdk/client-cloudwatch';
export type { AutoRollbackEvent, CodeDeployClient, DeploymentStatus } from '@aws-sdk/client-codedeploy';
export type { AttributeValue, BackupStatus, DynamoDBClient, TableStatus } from '@aws-sdk/client-dynamodb';
export type {
  CreateServiceCommandInput,
  DeploymentRolloutState,
  ECSClient,
  RegisterTaskDefinitionCommandInput,
  ServiceDeploymentStatus,
  ServiceEvent,
  Tag as EcsTag,
  Task as EcsTask,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
export type {
  Action as ElbAction,
  ElasticLoadBalancingV2Client,
  ProtocolEnum,
  RuleCondition,
  TargetHealth as ElbTargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2';
export type { EventBridgeClient, PutEventsRequestEntry, RuleState } from '@aws-sdk/client-eventbridge';
export type {
  EndpointGroup,
  GlobalAcceleratorClient,
  HealthState as AcceleratorHealthState,
} from '@aws-sdk/client-global-accelerator';
export type { ConsumerStatus, KinesisClient } from '@aws-sdk/client-kinesis';
export type { EventSourceMappingConfiguration, LambdaClient } from '@aws-sdk/client-lambda';
export type { DBCluster, DBInstance, RDSClient } from '@aws-sdk/client-rds';
export type { RDSDataClient } from '@aws-sdk/client-rds-data';
export type { HealthCheckConfig, ResourceRecordSet, Route53Client, RRType } from '@aws-sdk/client-route-53';
export type {
  GetScheduleOutput,
  SchedulerClient,
  UpdateScheduleCommandInput,
} from '@aws-sdk/client-scheduler';
export type { RoutingConfigurationListItem, SFNClient, StateMachineStatus } from '@aws-sdk/client-sfn';
export type { SNSClient } from '@aws-sdk/client-sns';
export type { MessageAttributeValue, SQSClient } from '@aws-sdk/client-sqs';
export type { SSMClient } from '@aws-sdk/client-ssm';
export type { RuleAction, RuleMatch, TargetStatus, VPCLatticeClient } from '@aws-sdk/client-vpc-lattice';
export type { StackPair, StackReference } from '../core/stack-reference.js';
export type { CallRate } from './cloud/call-rates.js';
export type { MetFault, RecordedCall } from './cloud/call-responder.js';
export { type DeliveryTimes, type RandomDeliveryOptions, randomDeliveries } from './cloud/deliveries.js';
export { type Fault, type FaultKind, SimulatedCrash, type SimulatedStall } from './cloud/faults.js';
export type { SimulatedClients } from './cloud/simulated-clients.js';
export {
  type SdkClient,
  SimulatedCloud,
  type SimulatedCloudOptions,
} from './cloud/simulated-cloud.js';
export type {
  SimulatedIteratorAgeOptions,
  SimulatedLag,
  SimulatedLagOptions,
  SimulatedReplicaLagOptions,
} from './cloud/simulated-lag.js';
export type {
  RequestCount,
  SimulatedStackBehavior,
  SimulatedTrafficOptions,
  TrafficMinute,
  TrafficModel,
  TrafficSituation,
} from './cloud/traffic-model.js';
export { VirtualClock } from './cloud/virtual-clock.js';
export type {
  SimulatedServiceRules,
  SimulatedWebService,
  SimulatedWebServiceOptions,
} from './cloud/web-service.js';
export {
  SimulatedApiGateway,
  type SimulatedStage,
  type SimulatedStageName,
} from './services/api-gateway/simulated-api-gateway.js';
export type {
  SimulatedAppMesh,
  SimulatedRoute,
  SimulatedRouteName,
} from './services/app-mesh/simulated-app-mesh.js';
export type {
  SimulatedApplicationAutoScaling,
  SimulatedScalableTarget,
} from './services/application-auto-scaling/simulated-application-auto-scaling.js';
export type {
  SimulatedApplicationSignals,
  SimulatedObjective,
  SimulatedObjectiveOptions,
} from './services/application-signals/simulated-application-signals.js';
export type { SimulatedCloudFormation } from './services/cloudformation/simulated-cloudformation.js';
export type {
  CustomResourceEvent,
  SimulatedResourceRequest,
  SimulatedResourceResponse,
  SimulatedStackOptions,
  SimulatedStackStatus,
  SimulatedUpdateOptions,
} from './services/cloudformation/simulated-cloudformation-types.js';
export type { SimulatedResponseFault } from './services/cloudformation/simulated-response-server.js';
export type { SimulatedProperties, SimulatedStack } from './services/cloudformation/simulated-stack.js';
export type {
  SimulatedMetricData,
  SimulatedMetricDataResponse,
  SimulatedMetricSeries,
} from './services/cloudwatch/metric-series.js';
export type {
  SimulatedAlarm,
  SimulatedAlarmCondition,
  SimulatedAlarmOptions,
} from './services/cloudwatch/simulated-alarms.js';
export type { SimulatedCloudWatch } from './services/cloudwatch/simulated-cloudwatch.js';
export type {
  PredefinedConfiguration,
  SimulatedDeploymentConfiguration,
} from './services/code-deploy/deployment-configurations.js';
export type {
  SimulatedDeploymentGroupOptions,
  SimulatedDeploymentRequest,
  SimulatedGroupDeployment,
} from './services/code-deploy/deployment-group-types.js';
export type { SimulatedCodeDeploy } from './services/code-deploy/simulated-code-deploy.js';
export type {
  CodeDeployHookEvent,
  CodeDeployHookName,
  CodeDeployStepName,
  SimulatedDeploymentOptions,
  SimulatedDeploymentResult,
  SimulatedHook,
  SimulatedHookResponse,
  SimulatedLifecycleEvent,
  SimulatedTraffic,
} from './services/code-deploy/simulated-code-deploy-types.js';
export type { SimulatedTrafficRoute } from './services/code-deploy/target-group-pair.js';
export type {
  SimulatedBackup,
  SimulatedTable,
  SimulatedTableOptions,
} from './services/dynamo-db/dynamo-db-types.js';
export type { SimulatedDynamoDb } from './services/dynamo-db/simulated-dynamo-db.js';
export type { SimulatedKeyAttribute } from './services/dynamo-db/simulated-items.js';
export type { SimulatedContainerInstance } from './services/ecs/simulated-container-instances.js';
export type { SimulatedEcs } from './services/ecs/simulated-ecs.js';
export type {
  EcsDeploymentStageName,
  EcsHookLambdaEvent,
  EcsHookStageName,
  SimulatedEcsDeploymentOptions,
  SimulatedEcsDeploymentResult,
  SimulatedEcsHook,
  SimulatedEcsHookExecution,
  SimulatedEcsPauseHook,
  SimulatedEcsStage,
  SimulatedEcsStrategy,
  SimulatedServiceDeployment,
  SimulatedTargetPercent,
} from './services/ecs/simulated-ecs-deployment-types.js';
export type { SimulatedEcsDeployments } from './services/ecs/simulated-ecs-deployments.js';
export type {
  SimulatedEcsDeployment,
  SimulatedEcsService,
  SimulatedServiceSettings,
  SimulatedTaskSet,
} from './services/ecs/simulated-ecs-service.js';
export type { SimulatedTaskFailure, SimulatedTaskSelection } from './services/ecs/simulated-task-failures.js';
export type { SimulatedElasticLoadBalancing } from './services/elastic-load-balancing/simulated-elastic-load-balancing.js';
export type {
  SimulatedListener,
  SimulatedListenerRule,
  SimulatedLoadBalancer,
  SimulatedTarget,
  SimulatedTargetGroup,
} from './services/elastic-load-balancing/simulated-load-balancer-types.js';
export type {
  SimulatedDelivery,
  SimulatedEventDelivery,
  SimulatedEventPattern,
  SimulatedRule,
  SimulatedRuleEvent,
  SimulatedServiceEvent,
} from './services/event-bridge/event-deliveries.js';
export type { SimulatedEventBridge } from './services/event-bridge/simulated-event-bridge.js';
export type {
  SimulatedAcceleratorEndpoint,
  SimulatedEndpointGroup,
  SimulatedGlobalAccelerator,
} from './services/global-accelerator/simulated-global-accelerator.js';
export type {
  SimulatedConsumer,
  SimulatedKinesis,
  SimulatedStream,
} from './services/kinesis/simulated-kinesis.js';
export type {
  SimulatedLambdaDelivery,
  SimulatedLambdaDeliveryPlan,
} from './services/lambda/lambda-delivery.js';
export type { SimulatedLambda } from './services/lambda/simulated-lambda.js';
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
export type {
  SimulatedBlueGreenDeployment,
  SimulatedBlueGreenMember,
  SimulatedBlueGreenTask,
  SimulatedDatabase,
} from './services/rds/simulated-blue-green-deployment.js';
export type { SimulatedRds } from './services/rds/simulated-rds.js';
export type {
  SimulatedDbCluster,
  SimulatedDbClusterSettings,
  SimulatedDbClusterSnapshot,
  SimulatedDbInstance,
  SimulatedDbInstanceSettings,
} from './services/rds/simulated-rds-cluster.js';
export type {
  SimulatedDataApiDatabase,
  SimulatedRdsData,
  SimulatedSqlExecutor,
  SimulatedSqlValue,
} from './services/rds-data/simulated-rds-data.js';
export type {
  SimulatedHealthCheck,
  SimulatedHostedZone,
  SimulatedRoute53,
} from './services/route-53/simulated-route-53.js';
export type { SimulatedSchedule, SimulatedScheduler } from './services/scheduler/simulated-scheduler.js';
export type { SimulatedSns, SimulatedSubscription, SimulatedTopic } from './services/sns/simulated-sns.js';
export type { SimulatedMessageAttributes } from './services/sns/sns-delivery.js';
export type { FilterPolicyScope } from './services/sns/sns-filter-policy.js';
export type { SimulatedMessage, SimulatedQueue, SimulatedSqs } from './services/sqs/simulated-sqs.js';
export type {
  SimulatedCalendarEvent,
  SimulatedChangeCalendar,
  SimulatedSsm,
} from './services/ssm/simulated-ssm.js';
export type {
  SimulatedStateMachine,
  SimulatedStateMachineAlias,
  SimulatedStepFunctions,
} from './services/step-functions/simulated-step-functions.js';
export type { SimulatedVpcLattice } from './services/vpc-lattice/simulated-vpc-lattice.js';
export type {
  SimulatedLatticeListener,
  SimulatedLatticeRule,
  SimulatedLatticeTarget,
  SimulatedLatticeTargetGroup,
} from './services/vpc-lattice/simulated-vpc-lattice-types.js';
