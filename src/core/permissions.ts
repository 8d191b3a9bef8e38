/** A kind of resource that a permission can be limited to: its name here, such as `queue`. */
export type IamResourceType = keyof typeof iamResourceTypes;

/** When a permission is needed at all: its name here, such as `backup`. */
export type IamCondition = keyof typeof iamConditions;

/** One permission that a method needs. */
export interface Permission {
  /** The IAM action, such as `sqs:PurgeQueue`. */
  readonly action: string;
  /** What the action can be limited to; `'*'` where AWS knows no narrower resource, or answers with less. */
  readonly resources: readonly IamResourceType[] | '*';
  /** Why it is `'*'`, where AWS does support something narrower. */
  readonly because?: Reason;
  /** When it is needed; left out: always. */
  readonly when?: IamCondition;
  /** What limits the permission further than its resources. */
  readonly only?: PermissionLimit;
  /** Why no call of this action is made, although the permission is needed. */
  readonly notCalled?: Reason;
}

/** A reason, and the page that says so. */
export interface Reason {
  readonly why: string;
  readonly source: string;
}

/** A condition of IAM: a key that has to be one of the ARNs of a kind of resource, or one of some values. */
export type PermissionLimit =
  | { readonly operator: 'ArnLike'; readonly key: string; readonly resources: IamResourceType }
  | { readonly operator: 'Bool' | 'StringEquals'; readonly key: string; readonly values: readonly string[] };

/** The permissions of the methods of a tool, by `SqsTools.purgeQueues`; of a function by its name. */
export type MethodPermissions = Readonly<Record<string, readonly Permission[]>>;

/**
 * What Application Auto Scaling tries out in the name of whoever registers a scalable target, and refuses the target without. It
 * names no resource of the caller's in it, or a made-up one, so that the permission has to hold for all of them: but only
 * for services that act in the caller's name.
 */
export const triedOutByScaling = {
  resources: '*',
  because: {
    why: 'Application Auto Scaling tries it out without a name, or with a made-up one',
    source:
      'https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html',
  },
  only: { operator: 'Bool', key: 'aws:ViaAWSService', values: ['true'] },
  notCalled: {
    why: "Application Auto Scaling tries it out in the caller's name within `RegisterScalableTarget`",
    source:
      'https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html',
  },
} as const satisfies Omit<Permission, 'action'>;

/** The kinds of resource, each with its service, its type in the Service Authorization Reference, and its ARN's form. */
export const iamResourceTypes = {
  alarm: { service: 'cloudwatch', type: 'alarm', arn: 'arn:PARTITION:cloudwatch:REGION:ACCOUNT:alarm:NAME' },
  approvalQueue: { service: 'sqs', type: 'queue', arn: 'arn:PARTITION:sqs:REGION:ACCOUNT:QUEUE' },
  approvalTopic: { service: 'sns', type: 'topic', arn: 'arn:PARTITION:sns:REGION:ACCOUNT:TOPIC' },
  backup: {
    service: 'dynamodb',
    type: 'backup',
    arn: 'arn:PARTITION:dynamodb:REGION:ACCOUNT:table/TABLE/backup/*',
  },
  consumer: {
    service: 'kinesis',
    type: 'consumer',
    arn: 'arn:PARTITION:kinesis:REGION:ACCOUNT:stream/STREAM/consumer/NAME*',
  },
  containerInstance: {
    service: 'ecs',
    type: 'container-instance',
    arn: 'arn:PARTITION:ecs:REGION:ACCOUNT:container-instance/CLUSTER/*',
  },
  dbCluster: { service: 'rds', type: 'cluster', arn: 'arn:PARTITION:rds:REGION:ACCOUNT:cluster:CLUSTER' },
  dbClusterSnapshot: {
    service: 'rds',
    type: 'cluster-snapshot',
    arn: 'arn:PARTITION:rds:REGION:ACCOUNT:cluster-snapshot:CLUSTER-*',
  },
  dbInstance: { service: 'rds', type: 'db', arn: 'arn:PARTITION:rds:REGION:ACCOUNT:db:*' },
  deploymentGroup: {
    service: 'codedeploy',
    type: 'deploymentgroup',
    arn: 'arn:PARTITION:codedeploy:REGION:ACCOUNT:deploymentgroup:APPLICATION/GROUP',
  },
  durableFunction: {
    service: 'lambda',
    type: 'durable execution',
    arn: 'arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME:*',
  },
  ecsCluster: { service: 'ecs', type: 'cluster', arn: 'arn:PARTITION:ecs:REGION:ACCOUNT:cluster/CLUSTER' },
  eventSourceMapping: {
    service: 'lambda',
    type: 'eventSourceMapping',
    arn: 'arn:PARTITION:lambda:REGION:ACCOUNT:event-source-mapping:*',
  },
  execution: {
    service: 'states',
    type: 'execution',
    arn: 'arn:PARTITION:states:REGION:ACCOUNT:execution:MACHINE:*',
  },
  function: {
    service: 'lambda',
    type: 'function',
    arn: 'arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME',
  },
  functionAlias: {
    service: 'lambda',
    type: 'function alias',
    arn: 'arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME:ALIAS',
  },
  latticeListener: {
    service: 'vpc-lattice',
    type: 'Listener',
    arn: 'arn:PARTITION:vpc-lattice:REGION:ACCOUNT:service/SERVICE/listener/LISTENER',
  },
  latticeRule: {
    service: 'vpc-lattice',
    type: 'Rule',
    arn: 'arn:PARTITION:vpc-lattice:REGION:ACCOUNT:service/SERVICE/listener/LISTENER/rule/RULE',
  },
  latticeTargetGroup: {
    service: 'vpc-lattice',
    type: 'TargetGroup',
    arn: 'arn:PARTITION:vpc-lattice:REGION:ACCOUNT:targetgroup/GROUP',
  },
  listener: {
    service: 'elasticloadbalancing',
    type: 'listener/app, listener/net',
    arn: 'arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:listener/app/NAME/ID/ID',
  },
  listenerRule: {
    service: 'elasticloadbalancing',
    type: 'listener-rule/app',
    arn: 'arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:listener-rule/app/NAME/ID/ID/ID',
  },
  meshRoute: {
    service: 'appmesh',
    type: 'route',
    arn: 'arn:PARTITION:appmesh:REGION:ACCOUNT:mesh/MESH/virtualRouter/ROUTER/route/ROUTE',
  },
  queue: { service: 'sqs', type: 'queue', arn: 'arn:PARTITION:sqs:REGION:ACCOUNT:QUEUE' },
  rule: { service: 'events', type: 'rule', arn: 'arn:PARTITION:events:REGION:ACCOUNT:rule/NAME' },
  scalableTarget: {
    service: 'application-autoscaling',
    type: 'ScalableTarget',
    arn: 'arn:PARTITION:application-autoscaling:REGION:ACCOUNT:scalable-target/*',
  },
  service: {
    service: 'ecs',
    type: 'service',
    arn: 'arn:PARTITION:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE',
  },
  stateMachine: {
    service: 'states',
    type: 'statemachine',
    arn: 'arn:PARTITION:states:REGION:ACCOUNT:stateMachine:MACHINE',
  },
  stepFunctionsRule: {
    service: 'events',
    type: 'rule',
    arn: 'arn:PARTITION:events:REGION:ACCOUNT:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule',
  },
  stream: { service: 'kinesis', type: 'stream', arn: 'arn:PARTITION:kinesis:REGION:ACCOUNT:stream/STREAM' },
  table: { service: 'dynamodb', type: 'table', arn: 'arn:PARTITION:dynamodb:REGION:ACCOUNT:table/TABLE' },
  targetGroup: {
    service: 'elasticloadbalancing',
    type: 'targetgroup',
    arn: 'arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID',
  },
  task: { service: 'ecs', type: 'task', arn: 'arn:PARTITION:ecs:REGION:ACCOUNT:task/CLUSTER/*' },
  taskDefinition: {
    service: 'ecs',
    type: 'task-definition',
    arn: 'arn:PARTITION:ecs:REGION:ACCOUNT:task-definition/FAMILY:*',
  },
  taskRole: { service: 'iam', type: 'role', arn: 'arn:PARTITION:iam::ACCOUNT:role/NAME' },
  virtualNode: {
    service: 'appmesh',
    type: 'virtualNode',
    arn: 'arn:PARTITION:appmesh:REGION:ACCOUNT:mesh/MESH/virtualNode/NODE',
  },
} as const;

/** The circumstances under which some permissions are needed, each as the end of «needed …». */
export const iamConditions = {
  alias: 'when a stack is an `alias`',
  approvalQueue: 'when approvals are asked for by a queue',
  approvalTopic: 'when approvals are asked for by a topic',
  backup: 'with the option `backup`',
  cloudWatchMetric: 'when a template has a `CloudWatchMetric`',
  containerInstance: 'with the option `containerInstance`',
  continuation: 'when a shift outlasts one execution and goes on in a new one',
  finalSnapshot: "unless the option `finalSnapshot` is `'skip'`",
  delegate: 'with the option `delegate`',
  instanceTargets: 'for a service with target groups of the type `instance`',
  latticeDefaultAction: 'for a default action: without the option `ruleIdentifier`',
  latticeRule: 'with the option `ruleIdentifier`',
  noAlias: 'when a stack is no `alias`',
  noContainerInstance: 'without the option `containerInstance`',
  provisionedConcurrency: 'while Lambda allocates the provisioned concurrency of the alias',
  scaledService: 'for a service that Application Auto Scaling scales',
  tags: 'for a service or a definition with tags',
  targetGroups: 'for a service with target groups',
  taskFailure: 'to explain why tasks fail',
  taskRoles: 'for a task definition with roles',
  unusedTargets: 'for unused targets, and for a target group that an action does not name yet',
} as const;
