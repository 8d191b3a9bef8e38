import { describe, expect, test } from 'vitest';
import { ResourceNotFoundError, UnexpectedResponseError } from '../../../src/core/index.js';
import { nameOf, requireService, scalableResource, summarize } from '../../../src/ecs/ecs-service.js';

describe('nameOf', () => {
  test.each([
    ['shop', 'web'],
    ['arn:aws-cn:ecs:cn-north-1:123456789012:cluster/shop', 'web'],
    ['shop', 'arn:aws-cn:ecs:cn-north-1:123456789012:service/shop/web'],
    ['shop', 'arn:aws-cn:ecs:cn-north-1:123456789012:service/web'],
  ])('returns the same for names and ARNs (%s, %s)', (cluster, service) => {
    expect(nameOf({ cluster, service })).toBe('shop/web');
  });
});

describe('requireService', () => {
  test('throws ResourceNotFoundError for an empty response', () => {
    expect(() => requireService({}, 'shop/web')).toThrowError(ResourceNotFoundError);
  });
});

describe('scalableResource', () => {
  test('returns the resource ID, also for an ARN without a cluster', () => {
    const service = {
      clusterArn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/shop',
      serviceArn: 'arn:aws:ecs:eu-west-1:123456789012:service/web',
      serviceName: 'web',
    };

    expect(scalableResource(service)).toBe('service/shop/web');
  });

  test.each([{ clusterArn: 'cluster/shop' }, { serviceName: 'web' }])(
    'throws UnexpectedResponseError for %o',
    (service) => {
      expect(() => scalableResource(service)).toThrowError(UnexpectedResponseError);
    },
  );
});

describe('summarize', () => {
  test.each([{}, { serviceArn: 'arn' }, { serviceArn: 'arn', deployments: [{ status: 'PRIMARY' }] }])(
    'throws UnexpectedResponseError for %o',
    (service) => {
      expect(() => summarize(service)).toThrowError(UnexpectedResponseError);
    },
  );
});
