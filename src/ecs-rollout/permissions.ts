import type { MethodPermissions } from '../core/permissions.js';

const describeService = { action: 'ecs:DescribeServices', resources: ['service'] } as const;
const updateService = { action: 'ecs:UpdateService', resources: ['service'] } as const;
const findDefinition = { action: 'ecs:DescribeTaskDefinition', resources: '*' } as const;
const registerDefinition = { action: 'ecs:RegisterTaskDefinition', resources: ['taskDefinition'] } as const;
const listTasks = {
  action: 'ecs:ListTasks',
  resources: '*',
  because: {
    why: 'its only resource is a container instance, which tasks on Fargate do not have',
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
    why: 'ECS checks it when a task definition with roles is registered or run',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html',
  },
} as const;
const tagging = {
  why: 'ECS checks it when the new resource has tags',
  source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html',
} as const;
const forTargetGroups = { when: 'targetGroups' } as const;

/** IAM permissions of the methods of `EcsRollout`. */
export const ecsRolloutPermissions = {
  'EcsRollout.rollOut': [
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
  'EcsRollout.up': [
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
} as const satisfies MethodPermissions;
