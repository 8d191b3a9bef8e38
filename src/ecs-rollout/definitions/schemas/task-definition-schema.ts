import {
  Compatibility,
  CPUArchitecture,
  IpcMode,
  NetworkMode,
  OSFamily,
  PidMode,
  ProxyConfigurationType,
  TaskDefinitionPlacementConstraintType,
} from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { tag } from './common-schema.js';
import { containerDefinition, keyValuePair } from './container-schema.js';
import { flag, list, members, oneOf, text, whole } from './fields.js';
import { volume } from './task-volume-schema.js';

const taskDefinitionPlacementConstraint = members({
  type: v.optional(oneOf(TaskDefinitionPlacementConstraintType)),
  expression: v.optional(text),
});

const proxyConfiguration = members({
  type: v.optional(oneOf(ProxyConfigurationType)),
  containerName: text,
  properties: v.optional(list(keyValuePair)),
});

const runtimePlatform = members({
  cpuArchitecture: v.optional(oneOf(CPUArchitecture)),
  operatingSystemFamily: v.optional(oneOf(OSFamily)),
});

/** Input of `ecs:RegisterTaskDefinition`. */
export const taskDefinitionSchema = members({
  family: text,
  taskRoleArn: v.optional(text),
  executionRoleArn: v.optional(text),
  networkMode: v.optional(oneOf(NetworkMode)),
  containerDefinitions: list(containerDefinition),
  volumes: v.optional(list(volume)),
  placementConstraints: v.optional(list(taskDefinitionPlacementConstraint)),
  requiresCompatibilities: v.optional(list(oneOf(Compatibility))),
  cpu: v.optional(text),
  memory: v.optional(text),
  tags: v.optional(list(tag)),
  pidMode: v.optional(oneOf(PidMode)),
  ipcMode: v.optional(oneOf(IpcMode)),
  proxyConfiguration: v.optional(proxyConfiguration),
  inferenceAccelerators: v.optional(list(members({ deviceName: text, deviceType: text }))),
  ephemeralStorage: v.optional(members({ sizeInGiB: whole })),
  runtimePlatform: v.optional(runtimePlatform),
  enableFaultInjection: v.optional(flag),
});
