import { type MethodPermissions, validatedByAutoScaling } from '../core/permissions.js';

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
  // The ARN of a target does not name the scaled resource.
  only: {
    operator: 'StringEquals',
    key: 'application-autoscaling:scalable-dimension',
    values: ['ecs:service:DesiredCount'],
  },
} as const;
/** Permissions that only Application Auto Scaling uses. */
const triedOut = [
  { action: 'cloudwatch:DeleteAlarms', ...validatedByAutoScaling, when: 'scaledService' },
  { action: 'cloudwatch:DescribeAlarms', ...validatedByAutoScaling, when: 'scaledService' },
  { action: 'cloudwatch:PutMetricAlarm', ...validatedByAutoScaling, when: 'scaledService' },
] as const;

/** IAM permissions of the methods of `EcsTools`. */
export const ecsPermissions = {
  'EcsTools.disableService': [
    describeService,
    updateService,
    describeScaling,
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
  'EcsTools.getServiceCounts': [describeService, describeScaling, readScalingTags],
  'EcsTools.waitForServiceStable': [describeService],
} as const satisfies MethodPermissions;
