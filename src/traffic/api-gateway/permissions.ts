import type { MethodPermissions } from '../../core/permissions.js';

const getStage = { action: 'apigateway:GET', resources: ['apiStage'] } as const;

/** Permissions of the target. A write without a recent reading reads first. */
export const apiGatewayPermissions = {
  'ApiGatewayCanaryTarget.readSetup': [getStage],
  'ApiGatewayCanaryTarget.readWeights': [getStage],
  'ApiGatewayCanaryTarget.writeWeights': [getStage, { action: 'apigateway:PATCH', resources: ['apiStage'] }],
} as const satisfies MethodPermissions;
