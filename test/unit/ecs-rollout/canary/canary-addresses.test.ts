import { describe, expect, test } from 'vitest';
import { serviceTargetGroup, targetOf } from '../../../../src/ecs-rollout/canary/canary-addresses.js';
import { requireTargets } from '../../../../src/ecs-rollout/canary/require-targets.js';

const group = {
  targetGroupArn: 'group',
  containerName: 'app',
  containerPort: 8080,
  targetType: 'ip',
  isIpv6: false,
};
const details = [
  { name: 'networkInterfaceId', value: 'eni-1' },
  { name: 'privateIPv4Address', value: '10.0.0.9' },
  { name: 'ipv6Address', value: 'fd00::9' },
];
const attachments = [
  { type: 'Service Connect', details: [{ name: 'privateIPv4Address', value: '169.254.0.1' }] },
  { type: 'ElasticNetworkInterface', details },
];
const host = { instanceId: 'i-1', isNetworkShared: false };

describe('serviceTargetGroup', () => {
  const entry = { targetGroupArn: 'group', containerName: 'app', containerPort: 8080 };

  test.each([
    [{ TargetGroupArn: 'group', TargetType: 'ip' } as const, { targetType: 'ip', isIpv6: false }],
    [{ TargetGroupArn: 'group' }, { targetType: 'instance', isIpv6: false }],
    [
      { TargetGroupArn: 'group', TargetType: 'ip', IpAddressType: 'ipv6' } as const,
      { targetType: 'ip', isIpv6: true },
    ],
  ])('%j', (described, expected) => {
    expect(serviceTargetGroup(entry, described)).toMatchObject(expected);
  });

  test('returns undefined without the container or its port', () => {
    expect(serviceTargetGroup({ containerName: 'app' }, { TargetGroupArn: 'group' })).toBeUndefined();
  });
});

describe('targetOf', () => {
  test('returns the address and the port of the container (ip)', () => {
    const containers = [
      { name: 'side', networkInterfaces: [{ privateIpv4Address: '10.0.0.1' }] },
      { name: 'app', networkInterfaces: [{ privateIpv4Address: '10.0.0.2', ipv6Address: 'fd00::2' }] },
    ];

    expect(targetOf(group, { containers, attachments }, undefined)).toEqual({
      targetGroupArn: 'group',
      id: '10.0.0.2',
      port: 8080,
    });
    expect(targetOf({ ...group, isIpv6: true }, { containers }, undefined)).toMatchObject({ id: 'fd00::2' });
  });

  test("returns the network interface's address when the containers have none (ip)", () => {
    expect(targetOf(group, { attachments }, undefined)).toMatchObject({ id: '10.0.0.9' });
    expect(targetOf({ ...group, isIpv6: true }, { attachments }, undefined)).toMatchObject({ id: 'fd00::9' });
  });

  test('returns the instance and the host port of the container (instance)', () => {
    const containers = [
      { name: 'side', networkBindings: [{ containerPort: 8080, hostPort: 1 }] },
      {
        name: 'app',
        networkBindings: [
          { containerPort: 9090, hostPort: 2 },
          { containerPort: 8080, hostPort: 32_768 },
        ],
      },
    ];

    expect(targetOf({ ...group, targetType: 'instance' }, { containers }, host)).toEqual({
      targetGroupArn: 'group',
      id: 'i-1',
      port: 32_768,
    });
  });

  test("returns the container's own port in the network of the host (instance)", () => {
    const task = { containers: [{ name: 'app', networkBindings: [] }] };
    const shared = { instanceId: 'i-1', isNetworkShared: true };

    expect(targetOf({ ...group, targetType: 'instance' }, task, shared)).toMatchObject({
      id: 'i-1',
      port: 8080,
    });
    expect(targetOf({ ...group, targetType: 'instance' }, task, host)).toBeUndefined();
  });

  test.each([
    ['ip', {}, host],
    ['instance', { attachments }, host],
    [
      'instance',
      { containers: [{ name: 'app', networkBindings: [{ containerPort: 8080, hostPort: 1 }] }] },
      undefined,
    ],
  ])('returns undefined while the task has no address (%s)', (targetType, task, its) => {
    expect(targetOf({ ...group, targetType }, task, its)).toBeUndefined();
  });
});

describe('requireTargets', () => {
  test('throws for a group without a target, with its container and port', () => {
    expect(() => requireTargets('shop/web', [group], [])).toThrowError(/type ip for app:8080/);
    expect(() =>
      requireTargets('shop/web', [group], [{ targetGroupArn: 'group', id: 'i', port: 1 }]),
    ).not.toThrow();
  });

  test('throws when one of two ports of the same group is missing', () => {
    const groups = [group, { ...group, containerPort: 9090 }];
    const targets = [{ targetGroupArn: 'group', id: 'i', port: 1 }];

    expect(() => requireTargets('shop/web', groups, targets)).toThrowError(/has no address/);
  });
});
