import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { AccessDeniedError } from '../../../../src/core/index.js';
import { Leftovers } from '../../../../src/ecs-rollout/leftovers.js';
import type { RolloutContext } from '../../../../src/ecs-rollout/rollout-context.js';
import { sendChange } from '../../../../src/ecs-rollout/service/send-change.js';
import { type FaultKind, SimulatedCloud } from '../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.ecs.addService({ cluster: 'shop', name: 'web', desiredCount: 1 });
});

/** Sets the desired count of the service, with these faults of the attempts in order. */
function setCount(...faults: readonly (FaultKind | Error | undefined)[]) {
  for (const [index, kind] of faults.entries())
    if (kind !== undefined) cloud.injectFault({ kind, action: 'ecs:UpdateService', atCall: index + 1 });
  const { clients, clock } = cloud;
  const context = { clock, resource: 'shop/web', leftovers: new Leftovers() } as unknown as RolloutContext;
  const command = new UpdateServiceCommand({ cluster: 'shop', service: 'web', desiredCount: 3 });
  const call = { action: 'ecs:UpdateService', resource: 'shop/web' };
  return sendChange(context, call, (http) => clients.ecs.send(command, http));
}

const named = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

describe('sendChange', () => {
  test('returns the response of an accepted change', async () => {
    await expect(setCount()).resolves.toMatchObject({ response: { service: { desiredCount: 3 } } });
  });

  test.each([
    'InvalidParameterException',
    'ServiceNotActiveException',
    'PlatformUnknownException',
    'NewException',
  ])('returns a refusal for %s, even for an unknown error name', async (name) => {
    const refusal = named(name);

    await expect(setCount(refusal)).resolves.toEqual({ refusal });
    expect(cloud.ecs.service('shop', 'web').desiredCount).toBe(1);
  });

  test('returns a refusal for a missing permission', async () => {
    await expect(setCount('accessDenied')).resolves.toEqual({ refusal: expect.any(AccessDeniedError) });
  });

  test('throws when an attempt before the refusal may have taken effect', async () => {
    await expect(setCount('lostResponse', 'accessDenied')).rejects.toThrowError(AccessDeniedError);
    expect(cloud.ecs.service('shop', 'web').desiredCount).toBe(3);
  });

  test.each(['lostResponse', 'serverError', 'timeout'] as const)(
    'throws when every attempt ends in %s',
    async (kind) => {
      await expect(setCount(kind, kind, kind)).rejects.toThrowError();
    },
  );

  test('repeats a change that AWS refuses for now', async () => {
    const conflict = named('UpdateInProgressException');

    await expect(setCount(conflict, conflict)).resolves.toHaveProperty('response');
  });
});
