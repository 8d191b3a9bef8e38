import { type MethodPermissions, triedOutByScaling } from '../core/permissions.js';

const describeService = { action: 'ecs:DescribeServices', resources: ['service'] } as const;
const updateService = { action: 'ecs:UpdateService', resources: ['service'] } as const;

const describeScaling = {
  action: 'application-autoscaling:DescribeScalableTargets',
  resources: '*',
} as const;
const readScalingTags = {
  action: 'application-autoscaling:ListTagsForResource',
  resources: ['scalableTarget'],
  when: 'scaledService',
} as const;
const registerScaling = {
  action: 'application-autoscaling:RegisterScalableTarget',
  resources: ['scalableTarget'],
  when: 'scaledService',
  // The ARN of a target does not tell what it scales.
  only: {
    operator: 'StringEquals',
    key: 'application-autoscaling:scalable-dimension',
    values: ['ecs:service:DesiredCount'],
  },
} as const;
/** Besides what is called anyway. */
const triedOut = [
  { action: 'cloudwatch:DeleteAlarms', ...triedOutByScaling, when: 'scaledService' },
  { action: 'cloudwatch:DescribeAlarms', ...triedOutByScaling, when: 'scaledService' },
  { action: 'cloudwatch:PutMetricAlarm', ...triedOutByScaling, when: 'scaledService' },
] as const;

const findDefinition = { action: 'ecs:DescribeTaskDefinition', resources: '*' } as const;
const registerDefinition = { action: 'ecs:RegisterTaskDefinition', resources: ['taskDefinition'] } as const;
const listTasks = {
  action: 'ecs:ListTasks',
  resources: '*',
  because: {
    why: 'the only resource that it knows is a container instance, which tasks on Fargate have none of',
    source:
      'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_id-based-policy-examples.html',
  },
  only: { operator: 'ArnLike', key: 'ecs:cluster', resources: 'ecsCluster' },
} as const;
const describeTasks = { action: 'ecs:DescribeTasks', resources: ['task'] } as const;
const passRoles = {
  action: 'iam:PassRole',
  resources: ['taskRole'],
  when: 'taskRoles',
  only: { operator: 'StringEquals', key: 'iam:PassedToService', values: ['ecs-tasks.amazonaws.com'] },
  notCalled: {
    why: 'ECS asks for it when a task definition with roles is registered or run',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html',
  },
} as const;
const tagging = {
  why: 'ECS asks for it when what is made has tags',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html',
} as const;
const forTargetGroups = { when: 'targetGroups' } as const;

/** What `EcsTools` is allowed to do. */
export const ecsPermissions = {
  'EcsTools.disableService': [
    describeService,
    updateService,
    describeScaling,
    readScalingTags,
    {
      action: 'application-autoscaling:TagResource',
      resources: ['scalableTarget'],
      when: 'scaledService',
    },
    registerScaling,
    ...triedOut,
  ],
  'EcsTools.enableService': [
    describeService,
    updateService,
    describeScaling,
    readScalingTags,
    registerScaling,
    {
      action: 'application-autoscaling:UntagResource',
      resources: ['scalableTarget'],
      when: 'scaledService',
    },
    ...triedOut,
  ],
  'EcsTools.rollOut': [
    describeService,
    findDefinition,
    registerDefinition,
    listTasks,
    describeTasks,
    { action: 'ecs:RunTask', resources: ['taskDefinition'], when: 'noContainerInstance' },
    { action: 'ecs:StartTask', resources: ['taskDefinition'], when: 'containerInstance' },
    {
      action: 'ecs:TagResource',
      resources: ['task', 'taskDefinition'],
      only: {
        operator: 'StringEquals',
        key: 'ecs:CreateAction',
        values: ['RegisterTaskDefinition', 'RunTask', 'StartTask'],
      },
      notCalled: tagging,
    },
    { action: 'ecs:StopTask', resources: ['task'] },
    updateService,
    passRoles,
    { action: 'ecs:ListContainerInstances', resources: ['ecsCluster'], when: 'containerInstance' },
    { action: 'elasticloadbalancing:DescribeTargetGroups', resources: '*', ...forTargetGroups },
    { action: 'elasticloadbalancing:RegisterTargets', resources: ['targetGroup'], ...forTargetGroups },
    { action: 'elasticloadbalancing:DescribeTargetHealth', resources: '*', ...forTargetGroups },
    { action: 'elasticloadbalancing:DeregisterTargets', resources: ['targetGroup'], ...forTargetGroups },
    {
      action: 'ecs:DescribeContainerInstances',
      resources: ['containerInstance'],
      when: 'instanceTargets',
    },
  ],
  'EcsTools.up': [
    describeService,
    findDefinition,
    registerDefinition,
    { action: 'ecs:CreateService', resources: ['service'] },
    {
      action: 'ecs:TagResource',
      resources: ['service', 'taskDefinition'],
      when: 'tags',
      only: {
        operator: 'StringEquals',
        key: 'ecs:CreateAction',
        values: ['CreateService', 'RegisterTaskDefinition'],
      },
      notCalled: tagging,
    },
    passRoles,
    { ...listTasks, when: 'taskFailure' },
    { ...describeTasks, when: 'taskFailure' },
  ],
  'EcsTools.waitForServiceStable': [describeService],
} as const satisfies MethodPermissions;
