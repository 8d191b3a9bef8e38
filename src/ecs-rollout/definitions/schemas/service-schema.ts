import {
  AssignPublicIp,
  AvailabilityZoneRebalancing,
  EBSResourceType,
  LaunchType,
  PlacementConstraintType,
  PlacementStrategyType,
  PropagateTags,
  SchedulingStrategy,
  TaskFilesystemType,
} from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { tag } from './common-schema.js';
import { deploymentConfiguration, deploymentController } from './deployment-schema.js';
import { flag, list, members, oneOf, text, whole } from './fields.js';
import { serviceConnectConfiguration } from './service-connect-schema.js';
import {
  gatewayConnector,
  loadBalancer,
  serviceRegistry,
  vpcLatticeConfiguration,
} from './service-traffic-schema.js';

const capacityProviderStrategyItem = members({
  capacityProvider: text,
  weight: v.optional(whole),
  base: v.optional(whole),
});

const placementConstraint = members({
  type: v.optional(oneOf(PlacementConstraintType)),
  expression: v.optional(text),
});

const placementStrategy = members({
  type: v.optional(oneOf(PlacementStrategyType)),
  field: v.optional(text),
});

const awsVpcConfiguration = members({
  subnets: list(text),
  securityGroups: v.optional(list(text)),
  assignPublicIp: v.optional(oneOf(AssignPublicIp)),
});

const ebsTagSpecification = members({
  resourceType: oneOf(EBSResourceType),
  tags: v.optional(list(tag)),
  propagateTags: v.optional(oneOf(PropagateTags)),
});

const serviceManagedEBSVolumeConfiguration = members({
  encrypted: v.optional(flag),
  kmsKeyId: v.optional(text),
  volumeType: v.optional(text),
  sizeInGiB: v.optional(whole),
  snapshotId: v.optional(text),
  volumeInitializationRate: v.optional(whole),
  iops: v.optional(whole),
  throughput: v.optional(whole),
  tagSpecifications: v.optional(list(ebsTagSpecification)),
  roleArn: text,
  filesystemType: v.optional(oneOf(TaskFilesystemType)),
});

const serviceVolumeConfiguration = members({
  name: text,
  managedEBSVolume: v.optional(serviceManagedEBSVolumeConfiguration),
});

/** Input of `ecs:CreateService`. The name may be missing: the `EcsRollout` has it. */
export const serviceSchema = members({
  cluster: v.optional(text),
  serviceName: v.optional(text),
  taskDefinition: v.optional(text),
  availabilityZoneRebalancing: v.optional(oneOf(AvailabilityZoneRebalancing)),
  loadBalancers: v.optional(list(loadBalancer)),
  serviceRegistries: v.optional(list(serviceRegistry)),
  desiredCount: v.optional(whole),
  clientToken: v.optional(text),
  launchType: v.optional(oneOf(LaunchType)),
  capacityProviderStrategy: v.optional(list(capacityProviderStrategyItem)),
  platformVersion: v.optional(text),
  role: v.optional(text),
  deploymentConfiguration: v.optional(deploymentConfiguration),
  placementConstraints: v.optional(list(placementConstraint)),
  placementStrategy: v.optional(list(placementStrategy)),
  networkConfiguration: v.optional(members({ awsvpcConfiguration: v.optional(awsVpcConfiguration) })),
  healthCheckGracePeriodSeconds: v.optional(whole),
  schedulingStrategy: v.optional(oneOf(SchedulingStrategy)),
  deploymentController: v.optional(deploymentController),
  tags: v.optional(list(tag)),
  enableECSManagedTags: v.optional(flag),
  propagateTags: v.optional(oneOf(PropagateTags)),
  enableExecuteCommand: v.optional(flag),
  serviceConnectConfiguration: v.optional(serviceConnectConfiguration),
  volumeConfigurations: v.optional(list(serviceVolumeConfiguration)),
  vpcLatticeConfigurations: v.optional(list(vpcLatticeConfiguration)),
  gatewayConnectors: v.optional(list(gatewayConnector)),
  monitoring: v.optional(
    members({
      metricConfigurations: v.optional(list(members({ metricNames: list(text), resolutionSeconds: whole }))),
    }),
  ),
});
