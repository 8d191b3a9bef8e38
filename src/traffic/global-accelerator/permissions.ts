import type { MethodPermissions } from '../../core/permissions.js';

const describeGroup = {
  action: 'globalaccelerator:DescribeEndpointGroup',
  resources: ['endpointGroup'],
} as const;

/** Permissions of `GlobalAcceleratorTarget`. A write without a recent reading reads first. */
export const globalAcceleratorPermissions = {
  'GlobalAcceleratorTarget.readHealth': [describeGroup],
  'GlobalAcceleratorTarget.readWeights': [describeGroup],
  'GlobalAcceleratorTarget.writeWeights': [
    describeGroup,
    { action: 'globalaccelerator:UpdateEndpointGroup', resources: ['endpointGroup'] },
    { action: 'globalaccelerator:DescribeAccelerator', resources: ['accelerator'] },
  ],
} as const satisfies MethodPermissions;
