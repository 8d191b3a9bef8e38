import {
  ApplicationProtocol,
  ContainerCondition,
  EnvironmentFileType,
  FirelensConfigurationType,
  ResourceType,
  TransportProtocol,
  VersionConsistency,
} from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { logConfiguration, secret } from './common-schema.js';
import { decimal, flag, list, members, oneOf, text, textMap, whole } from './fields.js';
import { linuxParameters, systemControl, ulimit } from './linux-schema.js';

const portMapping = members({
  containerPort: v.optional(whole),
  hostPort: v.optional(whole),
  protocol: v.optional(oneOf(TransportProtocol)),
  name: v.optional(text),
  appProtocol: v.optional(oneOf(ApplicationProtocol)),
  containerPortRange: v.optional(text),
});

const containerRestartPolicy = members({
  enabled: flag,
  ignoredExitCodes: v.optional(list(whole)),
  restartAttemptPeriod: v.optional(whole),
});

/** AWS's `KeyValuePair`. */
export const keyValuePair = members({
  name: v.optional(text),
  value: v.optional(text),
});

const mountPoint = members({
  sourceVolume: v.optional(text),
  containerPath: v.optional(text),
  readOnly: v.optional(flag),
});

const healthCheck = members({
  command: list(text),
  interval: v.optional(whole),
  timeout: v.optional(whole),
  retries: v.optional(whole),
  startPeriod: v.optional(whole),
});

const sharingStrategy = members({
  nvidiaMps: members({ memory: whole, maxComputePercent: v.optional(decimal) }),
});

const resourceRequirement = members({
  value: v.optional(text),
  type: oneOf(ResourceType),
  sharingStrategy: v.optional(sharingStrategy),
});

const firelensConfiguration = members({
  type: oneOf(FirelensConfigurationType),
  options: v.optional(textMap),
});

/** AWS's `ContainerDefinition`. */
export const containerDefinition = members({
  name: v.optional(text),
  image: v.optional(text),
  repositoryCredentials: v.optional(members({ credentialsParameter: text })),
  cpu: v.optional(whole),
  memory: v.optional(whole),
  memoryReservation: v.optional(whole),
  links: v.optional(list(text)),
  portMappings: v.optional(list(portMapping)),
  essential: v.optional(flag),
  restartPolicy: v.optional(containerRestartPolicy),
  entryPoint: v.optional(list(text)),
  command: v.optional(list(text)),
  environment: v.optional(list(keyValuePair)),
  environmentFiles: v.optional(list(members({ value: text, type: oneOf(EnvironmentFileType) }))),
  mountPoints: v.optional(list(mountPoint)),
  volumesFrom: v.optional(list(members({ sourceContainer: v.optional(text), readOnly: v.optional(flag) }))),
  linuxParameters: v.optional(linuxParameters),
  secrets: v.optional(list(secret)),
  dependsOn: v.optional(list(members({ containerName: text, condition: oneOf(ContainerCondition) }))),
  startTimeout: v.optional(whole),
  stopTimeout: v.optional(whole),
  versionConsistency: v.optional(oneOf(VersionConsistency)),
  hostname: v.optional(text),
  user: v.optional(text),
  workingDirectory: v.optional(text),
  disableNetworking: v.optional(flag),
  privileged: v.optional(flag),
  readonlyRootFilesystem: v.optional(flag),
  dnsServers: v.optional(list(text)),
  dnsSearchDomains: v.optional(list(text)),
  extraHosts: v.optional(list(members({ hostname: text, ipAddress: text }))),
  dockerSecurityOptions: v.optional(list(text)),
  interactive: v.optional(flag),
  pseudoTerminal: v.optional(flag),
  dockerLabels: v.optional(textMap),
  ulimits: v.optional(list(ulimit)),
  logConfiguration: v.optional(logConfiguration),
  healthCheck: v.optional(healthCheck),
  systemControls: v.optional(list(systemControl)),
  resourceRequirements: v.optional(list(resourceRequirement)),
  firelensConfiguration: v.optional(firelensConfiguration),
  credentialSpecs: v.optional(list(text)),
});
