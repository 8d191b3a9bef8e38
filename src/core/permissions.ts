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
  readonly why: string;
  readonly source: string;
}

/** IAM condition: the key must match an ARN of a kind of resource, or equal one of the values. */
export type PermissionLimit =
  | { readonly operator: 'ArnLike'; readonly key: string; readonly resources: IamResourceType }
  | { readonly operator: 'Bool' | 'StringEquals'; readonly key: string; readonly values: readonly string[] };

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
  alarm: { service: 'cloudwatch', type: 'alarm', arn: 'arn:PARTITION:cloudwatch:REGION:ACCOUNT:alarm:NAME' },
  approvalQueue: { service: 'sqs', type: 'queue', arn: 'arn:PARTITION:sqs:REGION:ACCOUNT:QUEUE' },
  approvalTopic: { service: 'sns', type: 'topic', arn: 'arn:PARTITION:sns:REGION:ACCOUNT:TOPIC' },
  backup: {
    service: 'dynamodb',
    type: 'backup',
    arn: 'arn:PARTITION:dynamodb:REGION:ACCOUNT:table/TABLE/backup/*',
  },
  codeDeployApplication: {
    service: 'codedeploy',
    type: 'application',
    arn: 'arn:PARTITION:codedeploy:REGION:ACCOUNT:application:APPLICATION',
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
  serviceDeployment: {
    service: 'ecs',
    type: 'service-deployment',
    arn: 'arn:PARTITION:ecs:REGION:ACCOUNT:service-deployment/CLUSTER/SERVICE/*',
  },
  serviceRevision: {
    service: 'ecs',
    type: 'service-revision',
    arn: 'arn:PARTITION:ecs:REGION:ACCOUNT:service-revision/CLUSTER/SERVICE/*',
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

/** Conditions under which some permissions are needed, each as the end of «needed …». */
export const iamConditions = {
  alias: 'when a stack is an `alias`',
  approvalQueue: 'when approvals are requested through a queue',
  approvalTopic: 'when approvals are requested through a topic',
  backup: 'with the option `backup`',
  cloudWatchMetric: 'when a template has a `CloudWatchMetric`',
  containerInstance: 'with the option `containerInstance`',
  continuation: 'when a shift outlasts one execution and continues in a new one',
  ecsDeployments: 'for a service that ECS itself deploys, not CodeDeploy',
  finalSnapshot: "unless the option `finalSnapshot` is `'skip'`",
  delegate: 'with the option `delegate`',
  instanceTargets: 'for a service with target groups of the type `instance`',
  latticeDefaultAction: 'for a default action: without the option `ruleIdentifier`',
  latticeRule: 'with the option `ruleIdentifier`',
  noAlias: 'when a stack is not an `alias`',
  noContainerInstance: 'without the option `containerInstance`',
  provisionedConcurrency: 'while Lambda allocates the provisioned concurrency of the alias',
  scaledService: 'for a service that Application Auto Scaling scales',
  tags: 'for a service or a definition with tags',
  targetGroups: 'for a service with target groups',
  taskFailure: 'to explain why tasks fail',
  taskRoles: 'for a task definition with roles',
  unusedTargets: 'for unused targets, and for a target group that no action names yet',
} as const;
