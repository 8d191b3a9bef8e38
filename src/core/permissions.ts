/** Name of a kind of resource that a permission can be limited to, such as `queue`. */
export type IamResourceType = keyof typeof iamResourceTypes;

/** Name of a condition under which a permission is needed, such as `backup`. */
export type IamCondition = keyof typeof iamConditions;

/** One permission that a method needs. */
export interface Permission {
  /** IAM action, such as `sqs:PurgeQueue`. */
  readonly action: string;
  /** Kinds of resource that the action can be limited to; `'*'` where AWS supports no narrower one, or returns less with it. */
  readonly resources: readonly IamResourceType[] | '*';
  /** Reason for `'*'` where AWS supports narrower resources. */
  readonly because?: Reason;
  /** Condition under which the permission is needed; left out: always. */
  readonly when?: IamCondition;
  /** IAM condition keys that narrow the permission. */
  readonly only?: PermissionLimit;
  /** Reason why the permission is needed although no call uses the action. */
  readonly notCalled?: Reason;
}

/** A reason, with the page that documents it. */
export interface Reason {
  /** The reason. */
  readonly why: string;
  /** Page of AWS that documents it. */
  readonly source: string;
}

/** IAM condition: the key must match an ARN of a kind of resource, or equal one of the values. */
export type PermissionLimit =
  | {
      /** IAM condition operator. */
      readonly operator: 'ArnLike';
      /** IAM condition key. */
      readonly key: string;
      /** Kind of resource whose ARN the key matches. */
      readonly resources: IamResourceType;
    }
  | {
      /** IAM condition operator. */
      readonly operator: 'Bool' | 'StringEquals';
      /** IAM condition key. */
      readonly key: string;
      /** Values that the key equals. */
      readonly values: readonly string[];
    };

/** Permissions of methods by class and name, such as `SqsTools.purgeQueues`, and of functions by name. */
export type MethodPermissions = Readonly<Record<string, readonly Permission[]>>;

/**
 * Limits of the permissions that Application Auto Scaling validates with the caller's credentials before it registers a
 * scalable target. It names no resource, or a made-up one, so the permission must cover all resources. The condition key
 * limits it to calls of AWS services on the caller's behalf.
 */
export const validatedByAutoScaling = {
  resources: '*',
  because: {
    why: 'Application Auto Scaling validates it without a resource name, or with a made-up one',
    source:
      'https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html',
  },
  only: { operator: 'Bool', key: 'aws:ViaAWSService', values: ['true'] },
  notCalled: {
    why: "Application Auto Scaling validates it with the caller's credentials within `RegisterScalableTarget`",
    source:
      'https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html',
  },
} as const satisfies Omit<Permission, 'action'>;

/** Kinds of resource, each with its service, its type in the Service Authorization Reference, and its ARN format. */
export const iamResourceTypes = {
  accelerator: {
    service: 'globalaccelerator',
    type: 'accelerator',
    arn: 'arn:PARTITION:globalaccelerator::ACCOUNT:accelerator/ID',
  },
  alarm: inRegion('cloudwatch', 'alarm', 'alarm:NAME'),
  apiStage: {
    service: 'apigateway',
    type: 'Stage',
    arn: 'arn:PARTITION:apigateway:REGION::/restapis/API/stages/STAGE',
  },
  alarmMuteRule: inRegion('cloudwatch', 'alarm-mute-rule', 'alarm-mute-rule:NAME'),
  blueGreenDeployment: inRegion('rds', 'deployment', 'deployment:*'),
  approvalQueue: inRegion('sqs', 'queue', 'QUEUE'),
  approvalTopic: inRegion('sns', 'topic', 'TOPIC'),
  backup: inRegion('dynamodb', 'backup', 'table/TABLE/backup/*'),
  changeCalendar: inRegion('ssm', 'document', 'document/CALENDAR'),
  codeDeployApplication: inRegion('codedeploy', 'application', 'application:APPLICATION'),
  consumer: inRegion('kinesis', 'consumer', 'stream/STREAM/consumer/NAME*'),
  containerInstance: inRegion('ecs', 'container-instance', 'container-instance/CLUSTER/*'),
  databaseSecret: inRegion('secretsmanager', 'Secret', 'secret:NAME-*'),
  dbCluster: inRegion('rds', 'cluster', 'cluster:CLUSTER'),
  dbClusterParameterGroup: inRegion('rds', 'cluster-pg', 'cluster-pg:GROUP'),
  dbClusterSnapshot: inRegion('rds', 'cluster-snapshot', 'cluster-snapshot:CLUSTER-*'),
  dbInstance: inRegion('rds', 'db', 'db:*'),
  dbKey: inRegion('kms', 'key', 'key/ID'),
  dbOptionGroup: inRegion('rds', 'og', 'og:*'),
  dbParameterGroup: inRegion('rds', 'pg', 'pg:GROUP'),
  dbRole: { service: 'iam', type: 'role', arn: 'arn:PARTITION:iam::ACCOUNT:role/NAME' },
  dbSecret: inRegion('secretsmanager', 'Secret', 'secret:rds!*'),
  dbSourceSnapshot: inRegion('rds', 'cluster-snapshot', 'cluster-snapshot:SNAPSHOT'),
  dbSubnetGroup: inRegion('rds', 'subgrp', 'subgrp:GROUP'),
  deploymentGroup: inRegion('codedeploy', 'deploymentgroup', 'deploymentgroup:APPLICATION/GROUP'),
  dnsChange: { service: 'route53', type: 'change', arn: 'arn:PARTITION:route53:::change/*' },
  durableFunction: inRegion('lambda', 'durable execution', 'function:NAME:*'),
  ecsCluster: inRegion('ecs', 'cluster', 'cluster/CLUSTER'),
  endpointGroup: {
    service: 'globalaccelerator',
    type: 'endpointgroup',
    arn: 'arn:PARTITION:globalaccelerator::ACCOUNT:accelerator/ID/listener/ID/endpoint-group/ID',
  },
  eventSourceMapping: inRegion('lambda', 'eventSourceMapping', 'event-source-mapping:*'),
  execution: inRegion('states', 'execution', 'execution:MACHINE:*'),
  function: inRegion('lambda', 'function', 'function:NAME'),
  functionAlias: inRegion('lambda', 'function alias', 'function:NAME:ALIAS'),
  healthCheck: { service: 'route53', type: 'healthcheck', arn: 'arn:PARTITION:route53:::healthcheck/ID' },
  hostedZone: { service: 'route53', type: 'hostedzone', arn: 'arn:PARTITION:route53:::hostedzone/ID' },
  latticeListener: inRegion('vpc-lattice', 'Listener', 'service/SERVICE/listener/LISTENER'),
  latticeRule: inRegion('vpc-lattice', 'Rule', 'service/SERVICE/listener/LISTENER/rule/RULE'),
  latticeTargetGroup: inRegion('vpc-lattice', 'TargetGroup', 'targetgroup/GROUP'),
  listener: inRegion('elasticloadbalancing', 'listener/app, listener/net', 'listener/app/NAME/ID/ID'),
  listenerRule: inRegion('elasticloadbalancing', 'listener-rule/app', 'listener-rule/app/NAME/ID/ID/ID'),
  meshRoute: inRegion('appmesh', 'route', 'mesh/MESH/virtualRouter/ROUTER/route/ROUTE'),
  prometheusWorkspace: inRegion('aps', 'workspace', 'workspace/WORKSPACE'),
  queue: inRegion('sqs', 'queue', 'QUEUE'),
  rule: inRegion('events', 'rule', 'rule/NAME'),
  scalableTarget: inRegion('application-autoscaling', 'ScalableTarget', 'scalable-target/*'),
  schedule: inRegion('scheduler', 'schedule', 'schedule/GROUP/NAME'),
  scheduleRole: { service: 'iam', type: 'role', arn: 'arn:PARTITION:iam::ACCOUNT:role/NAME' },
  service: inRegion('ecs', 'service', 'service/CLUSTER/SERVICE'),
  serviceDeployment: inRegion('ecs', 'service-deployment', 'service-deployment/CLUSTER/SERVICE/*'),
  serviceLevelObjective: inRegion('application-signals', 'slo', 'slo/NAME'),
  serviceRevision: inRegion('ecs', 'service-revision', 'service-revision/CLUSTER/SERVICE/*'),
  stateMachine: inRegion('states', 'statemachine', 'stateMachine:MACHINE'),
  stepFunctionsRule: inRegion('events', 'rule', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule'),
  stream: inRegion('kinesis', 'stream', 'stream/STREAM'),
  table: inRegion('dynamodb', 'table', 'table/TABLE'),
  targetGroup: inRegion('elasticloadbalancing', 'targetgroup', 'targetgroup/NAME/ID'),
  task: inRegion('ecs', 'task', 'task/CLUSTER/*'),
  taskDefinition: inRegion('ecs', 'task-definition', 'task-definition/FAMILY:*'),
  taskRole: { service: 'iam', type: 'role', arn: 'arn:PARTITION:iam::ACCOUNT:role/NAME' },
  virtualNode: inRegion('appmesh', 'virtualNode', 'mesh/MESH/virtualNode/NODE'),
};

/** Conditions under which some permissions are needed, each as the end of «needed …». */
export const iamConditions = {
  alias: 'when a stack is an `alias`',
  approvalQueue: 'when approvals are requested through a queue',
  approvalTopic: 'when approvals are requested through a topic',
  backup: 'with the option `backup`',
  blueGreenLag: 'unless the engine is Aurora PostgreSQL',
  blueGreenInstance: 'for a database instance that is no member of a cluster',
  blueGreenCluster: 'for an Aurora cluster',
  blueGreenProtected: 'for a green database with deletion protection',
  cloudWatchMetric: 'when a template has a `CloudWatchMetric`',
  containerInstance: 'with the option `containerInstance`',
  continuation: 'when a shift outlasts one execution and continues in a new one',
  databaseClone: "with the option `from: 'clone'`",
  databaseEmpty: "with the option `from: 'empty'`",
  databaseInsights: 'with the option `databaseInsightsMode`',
  databaseKey: 'for a database with a KMS key',
  databaseRoles: 'for a database with IAM roles, or with Enhanced Monitoring',
  databaseSecret: 'for a database whose master password RDS manages',
  databaseSettings:
    'for settings that RDS takes only after the creation, and to turn off deletion protection',
  databaseSnapshot: 'with the option `from: { snapshotIdentifier }`',
  ecsDeployments: 'for a service that ECS itself deploys, not CodeDeploy',
  finalSnapshot: "unless the option `finalSnapshot` is `'skip'`",
  deadLetters: 'when the dead-letter queue holds messages',
  delegate: 'with the option `delegate`',
  instanceTargets: 'for a service with target groups of the type `instance`',
  healthCheck: 'for a record with a health check',
  latticeDefaultAction: 'for a default action: without the option `ruleIdentifier`',
  latticeRule: 'with the option `ruleIdentifier`',
  noAlias: 'when a stack is not an `alias`',
  noContainerInstance: 'without the option `containerInstance`',
  provisionedConcurrency: 'while Lambda allocates the provisioned concurrency of the alias',
  qualifier: 'with the option `qualifier`',
  rollBackSignal: 'with the option `rollBackSignal`',
  scaledService: 'for a service that Application Auto Scaling scales',
  sigV4: 'with the option `sigV4`',
  tags: 'for a service or a definition with tags',
  targetGroups: 'for a service with target groups',
  taskFailure: 'to explain why tasks fail',
  taskRoles: 'for a task definition with roles',
  unusedTargets:
    'for unused targets, for a target group that no action names yet, and to switch group stickiness off',
} as const;

/** A kind of resource of an account in a Region: its service, its type, and its name within the ARN. */
/* @__NO_SIDE_EFFECTS__ */
function inRegion(service: string, type: string, name: string) {
  return { service, type, arn: `arn:PARTITION:${service}:REGION:ACCOUNT:${name}` };
}
