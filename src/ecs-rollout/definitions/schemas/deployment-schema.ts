import {
  DeploymentControllerType,
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookStage,
  DeploymentLifecycleHookTargetType,
  DeploymentStrategy,
  ServiceRevisionCleanup,
  ThresholdType,
} from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { decimal, document, flag, list, members, oneOf, text, whole } from './fields.js';

const deploymentCircuitBreaker = members({
  enable: flag,
  rollback: flag,
  resetOnHealthyTask: v.optional(flag),
  thresholdConfiguration: v.optional(members({ type: oneOf(ThresholdType), value: whole })),
});

const deploymentAlarms = members({
  alarmNames: list(text),
  rollback: flag,
  enable: flag,
});

const deploymentLifecycleHookTimeoutConfiguration = members({
  timeoutInMinutes: v.optional(whole),
  action: v.optional(oneOf(DeploymentLifecycleHookAction)),
});

const deploymentLifecycleHook = members({
  targetType: v.optional(oneOf(DeploymentLifecycleHookTargetType)),
  hookTargetArn: v.optional(text),
  roleArn: v.optional(text),
  lifecycleStages: v.optional(list(oneOf(DeploymentLifecycleHookStage))),
  hookDetails: v.optional(document),
  timeoutConfiguration: v.optional(deploymentLifecycleHookTimeoutConfiguration),
});

const linearConfiguration = members({
  stepPercent: v.optional(decimal),
  stepBakeTimeInMinutes: v.optional(whole),
});

const canaryConfiguration = members({
  canaryPercent: v.optional(decimal),
  canaryBakeTimeInMinutes: v.optional(whole),
});

const deploymentEarlySuccessCriteria = members({
  enable: flag,
  healthyPercent: v.optional(whole),
  sourceServiceRevisionCleanup: v.optional(oneOf(ServiceRevisionCleanup)),
});

/** AWS's `DeploymentConfiguration`. */
export const deploymentConfiguration = members({
  deploymentCircuitBreaker: v.optional(deploymentCircuitBreaker),
  maximumPercent: v.optional(whole),
  minimumHealthyPercent: v.optional(whole),
  alarms: v.optional(deploymentAlarms),
  strategy: v.optional(oneOf(DeploymentStrategy)),
  bakeTimeInMinutes: v.optional(whole),
  lifecycleHooks: v.optional(list(deploymentLifecycleHook)),
  linearConfiguration: v.optional(linearConfiguration),
  canaryConfiguration: v.optional(canaryConfiguration),
  earlySuccessCriteria: v.optional(deploymentEarlySuccessCriteria),
});

/** AWS's `DeploymentController`. */
export const deploymentController = members({
  type: oneOf(DeploymentControllerType),
});
