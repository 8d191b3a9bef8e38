import { beforeEach, describe, expect, test } from 'vitest';
import { type CodeDeployHookEvent, SimulatedCloud } from '../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const handler = () => {};
const group = { application: 'shop', name: 'web' };

const hooks: [string, object, RegExp][] = [
  [
    'a misspelt event',
    { AfterAllowTestTrafic: handler },
    /hooks\.AfterAllowTestTrafic: unknown option; did you mean AfterAllowTestTraffic\?/,
  ],
  ['an event without hooks', { Install: handler }, /hooks\.Install: unknown option/],
  ['a hook of a wrong type', { AfterInstall: 7 }, /hooks\.AfterInstall: expected an object/],
  ['an empty name', { AfterInstall: '' }, /hooks\.AfterInstall: expected a string that is not empty/],
  ['no handler', { AfterInstall: { timeoutSeconds: 60 } }, /hooks\.AfterInstall\.handler/],
  [
    'a time-out that Lambda does not have',
    { AfterInstall: { handler, timeoutSeconds: 1000 } },
    /hooks\.AfterInstall\.timeoutSeconds: expected a number of seconds from 1 to 900, got 1000/,
  ],
  [
    'no time',
    { AfterInstall: { handler, timeoutSeconds: 0 } },
    /timeoutSeconds: expected .* 1 to 900, got 0/,
  ],
];

describe('SimulatedCodeDeploy', () => {
  test.each(hooks)('throws InvalidInputError for hooks with %s', async (_what, given, message) => {
    const invalid = { name: 'InvalidInputError', message: expect.stringMatching(message) };
    cloud.codeDeploy.addDeploymentGroup(group);

    await expect(cloud.codeDeploy.runDeployment({ hooks: given })).rejects.toMatchObject(invalid);
    expect(() => cloud.codeDeploy.addDeploymentGroup({ ...group, hooks: given })).toThrowError(
      expect.objectContaining(invalid),
    );
    expect(() =>
      cloud.codeDeploy.startDeployment({ application: 'shop', group: 'web', hooks: given }),
    ).toThrowError(expect.objectContaining(invalid));
  });

  test('throws InvalidInputError for an unknown option of a deployment', async () => {
    // @ts-expect-error the option is called hooks
    const running = cloud.codeDeploy.runDeployment({ hook: { AfterInstall: handler } });

    await expect(running).rejects.toThrowError(/hook: unknown option; did you mean hooks\?/);
  });

  test('fails with a reason when the function of a hook does not exist', async () => {
    const { status, lifecycleEvents } = await cloud.codeDeploy.runDeployment({
      hooks: { AfterInstall: 'smoke' },
    });

    expect(status).toBe('Failed');
    expect(lifecycleEvents).toContainEqual(
      expect.objectContaining({
        name: 'AfterInstall',
        status: 'Failed',
        reason: 'The Lambda function smoke of a hook could not be found',
      }),
    );
  });

  test('has no reason on an event that succeeded, and one on a hook that reported Failed', async () => {
    const { codeDeploy } = cloud.clients;
    const { PutLifecycleEventHookExecutionStatusCommand } = await import('@aws-sdk/client-codedeploy');
    const fails = ({ DeploymentId, LifecycleEventHookExecutionId }: CodeDeployHookEvent) =>
      codeDeploy.send(
        new PutLifecycleEventHookExecutionStatusCommand({
          deploymentId: DeploymentId,
          lifecycleEventHookExecutionId: LifecycleEventHookExecutionId,
          status: 'Failed',
        }),
      );

    const { lifecycleEvents } = await cloud.codeDeploy.runDeployment({ hooks: { AfterInstall: fails } });

    expect(lifecycleEvents.map(({ name, reason }) => [name, reason])).toEqual([
      ['Install', undefined],
      ['AfterInstall', 'The hook reported Failed'],
      ['RollBack', undefined],
    ]);
  });
});

describe('other simulated functions', () => {
  test('throw InvalidInputError for a stage that ECS does not have', () => {
    const stages = ['POST_SCALE_UPP'];

    // @ts-expect-error the stage is misspelt
    expect(() => cloud.ecsDeployments.start({ hooks: [{ stages, handler }] })).toThrowError(
      /hooks\[0\]\.stages\[0\]: expected a lifecycle stage; did you mean POST_SCALE_UP\?/,
    );
  });

  test.each([0, 901])('throw InvalidInputError for a time-out of %i s', (timeoutSeconds) => {
    const message = /timeoutSeconds: expected a number of seconds from 1 to 900/;
    const hook = { stages: ['PRE_SCALE_UP'] as const, handler, timeoutSeconds };

    expect(() => cloud.ecsDeployments.start({ hooks: [hook] })).toThrowError(message);
    expect(() => cloud.lambda.addFunction({ name: 'smoke', timeoutSeconds })).toThrowError(message);
    expect(() =>
      cloud.cloudFormation.addStack({ name: 'shop', lambda: { handler, timeoutSeconds } }),
    ).toThrowError(message);
  });
});
