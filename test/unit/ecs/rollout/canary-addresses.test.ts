import { describe, expect, test } from 'vitest';
import { serviceTargetGroup, targetOf } from '../../../../src/ecs/rollout/canary-addresses.js';
import { requireTargets } from '../../../../src/ecs/rollout/require-targets.js';

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

  test('needs the container and its port', () => {
    expect(serviceTargetGroup({ containerName: 'app' }, { TargetGroupArn: 'group' })).toBeUndefined();
  });
});

describe('targetOf', () => {
  test('ip: the address of the container that the group sends to, and its port', () => {
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

  test("ip: the network interface's address when the containers do not tell theirs", () => {
    expect(targetOf(group, { attachments }, undefined)).toMatchObject({ id: '10.0.0.9' });
    expect(targetOf({ ...group, isIpv6: true }, { attachments }, undefined)).toMatchObject({ id: 'fd00::9' });
  });

  test('instance: the instance, and the port there that leads to the container', () => {
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

  test("instance: the container's own port in the network of the host, where ECS binds none", () => {
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
  ])('%s: nothing while the task has no address', (targetType, task, its) => {
    expect(targetOf({ ...group, targetType }, task, its)).toBeUndefined();
  });
});

describe('requireTargets', () => {
  test('names the group that has no target, and what it would want', () => {
    expect(() => requireTargets('shop/web', [group], [])).toThrowError(/type ip for app:8080/);
    expect(() =>
      requireTargets('shop/web', [group], [{ targetGroupArn: 'group', id: 'i', port: 1 }]),
    ).not.toThrow();
  });

  test('misses one of two ports that go to the same group', () => {
    const groups = [group, { ...group, containerPort: 9090 }];
    const targets = [{ targetGroupArn: 'group', id: 'i', port: 1 }];

    expect(() => requireTargets('shop/web', groups, targets)).toThrowError(/has no address/);
  });
});
