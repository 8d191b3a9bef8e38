import { AccessType, GatewayConnectorHealthCheckProtocol } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { list, members, oneOf, text, whole } from './fields.js';

const advancedConfiguration = members({
  alternateTargetGroupArn: v.optional(text),
  productionListenerRule: v.optional(text),
  testListenerRule: v.optional(text),
  roleArn: v.optional(text),
});

/** AWS's `LoadBalancer`. */
export const loadBalancer = members({
  targetGroupArn: v.optional(text),
  loadBalancerName: v.optional(text),
  containerName: v.optional(text),
  containerPort: v.optional(whole),
  advancedConfiguration: v.optional(advancedConfiguration),
});

/** AWS's `ServiceRegistry`. */
export const serviceRegistry = members({
  registryArn: v.optional(text),
  port: v.optional(whole),
  containerName: v.optional(text),
  containerPort: v.optional(whole),
});

const vpcLatticeAdvancedConfiguration = members({
  alternateTargetGroupArn: v.optional(text),
  productionListenerRule: v.optional(text),
  testListenerRule: v.optional(text),
});

/** AWS's `VpcLatticeConfiguration`. */
export const vpcLatticeConfiguration = members({
  roleArn: text,
  targetGroupArn: text,
  portName: text,
  advancedConfiguration: v.optional(vpcLatticeAdvancedConfiguration),
});

const gatewayConnectorHealthCheck = members({
  healthCheckProtocol: v.optional(oneOf(GatewayConnectorHealthCheckProtocol)),
  healthCheckPort: v.optional(whole),
  healthCheckPath: v.optional(text),
  healthCheckTimeoutSeconds: v.optional(whole),
  healthCheckIntervalSeconds: v.optional(whole),
  healthyThresholdCount: v.optional(whole),
  unhealthyThresholdCount: v.optional(whole),
  matcher: v.optional(members({ httpCode: v.optional(text), grpcCode: v.optional(text) })),
});

/** AWS's `GatewayConnector`. */
export const gatewayConnector = members({
  portName: text,
  healthCheck: v.optional(gatewayConnectorHealthCheck),
  filters: v.optional(members({ accessTypes: v.optional(list(oneOf(AccessType))) })),
});
