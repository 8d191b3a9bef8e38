import { describe, expect, test } from 'vitest';
import { ResourceNotFoundError, UnexpectedResponseError } from '../../../src/core/index.js';
import { nameOf, requireActive, scalableResource, summarize } from '../../../src/ecs/ecs-service.js';

describe('Function: nameOf', () => {
  test.each([
    ['shop', 'web'],
    ['arn:aws-cn:ecs:cn-north-1:123456789012:cluster/shop', 'web'],
    ['shop', 'arn:aws-cn:ecs:cn-north-1:123456789012:service/shop/web'],
    ['shop', 'arn:aws-cn:ecs:cn-north-1:123456789012:service/web'],
  ])('is the same for names and ARNs (%s, %s)', (cluster, service) => {
    expect(nameOf({ cluster, service, desiredCount: 1 })).toBe('shop/web');
  });
});

describe('Function: requireActive', () => {
  test('takes an empty answer for a missing service', () => {
    expect(() => requireActive({}, 'shop/web')).toThrowError(ResourceNotFoundError);
  });
});

describe('Function: scalableResource', () => {
  test('names the service as Application Auto Scaling does, also when it has an ARN without a cluster', () => {
    const service = {
      clusterArn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop',
      serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/web',
      serviceName: 'web',
    };

    expect(scalableResource(service)).toBe('service/shop/web');
  });

  test.each([{ clusterArn: 'cluster/shop' }, { serviceName: 'web' }])('does not guess from %o', (service) => {
    expect(() => scalableResource(service)).toThrowError(UnexpectedResponseError);
  });
});

describe('Function: summarize', () => {
  test.each([{}, { serviceArn: 'arn' }, { serviceArn: 'arn', deployments: [{ status: 'PRIMARY' }] }])(
    'does not guess from %o',
    (service) => {
      expect(() => summarize(service)).toThrowError(UnexpectedResponseError);
    },
  );
});
