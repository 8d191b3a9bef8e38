import { PutLifecycleEventHookExecutionStatusCommand } from '@aws-sdk/client-codedeploy';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type CodeDeployHookEvent, SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

async function respond(event: Partial<CodeDeployHookEvent>, status: 'Succeeded' | 'Failed' | 'Skipped') {
  await cloud.clients.codeDeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status,
    }),
  );
}

const succeeds = (event: CodeDeployHookEvent) => respond(event, 'Succeeded');
const fails = (event: CodeDeployHookEvent) => respond(event, 'Failed');
const staysSilent = () => {};

function addService(desiredCount = 2) {
  return cloud.ecs.addService({
    cluster: 'main',
    name: 'web',
    desiredCount,
    taskDefinition: 'web:1',
    deploymentController: 'CODE_DEPLOY',
  });
}

const service = { cluster: 'main', service: 'web' };

/** The task sets of the service, in short. */
function taskSets() {
  return cloud.ecs
    .service('main', 'web')
    .taskSets.map((it) => `${it.taskDefinition.split('/')[1]} ${it.status} ${it.runningCount}`);
}

describe('SimulatedCodeDeploy', () => {
  describe('PutLifecycleEventHookExecutionStatus', () => {
    test.each(['Succeeded', 'Failed'] as const)('accepts the status %s', async (status) => {
      const event = cloud.codeDeploy.openHookExecution();
      await cloud.clock.sleep(1_000);

      await respond(event, status);

      expect(cloud.codeDeploy.responses).toEqual([
        {
          deploymentId: event.DeploymentId,
          lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
          status,
          at: cloud.clock.now(),
        },
      ]);
    });

    test('accepts only one response', async () => {
      const event = cloud.codeDeploy.openHookExecution();
      await succeeds(event);

      await expect(fails(event)).rejects.toMatchObject({ name: 'LifecycleEventAlreadyCompletedException' });
      expect(cloud.codeDeploy.responses).toHaveLength(1);
    });

    test.each([
      [{}, 'DeploymentIdRequiredException'],
      [{ DeploymentId: 'd-UNKNOWN00' }, 'DeploymentDoesNotExistException'],
    ])('refuses %j', async (event, name) => {
      await expect(respond(event, 'Succeeded')).rejects.toMatchObject({ name });
    });

    test('refuses the hook execution of another deployment', async () => {
      const { DeploymentId } = cloud.codeDeploy.openHookExecution();
      const { LifecycleEventHookExecutionId } = cloud.codeDeploy.openHookExecution();

      await expect(succeeds({ DeploymentId, LifecycleEventHookExecutionId })).rejects.toMatchObject({
        name: 'InvalidLifecycleEventHookExecutionIdException',
      });
    });

    test('refuses any other status', async () => {
      await expect(respond(cloud.codeDeploy.openHookExecution(), 'Skipped')).rejects.toMatchObject({
        name: 'InvalidLifecycleEventHookExecutionStatusException',
      });
    });
  });

  describe('runDeployment', () => {
    test('runs the lifecycle events in order', async () => {
      const log: string[] = [];
      const hook = (name: string) => async (event: CodeDeployHookEvent) => {
        const { production, test: testTraffic } = cloud.codeDeploy.traffic;
        log.push(`${name} ${production} ${testTraffic}`);
        await succeeds(event);
      };

      const result = await cloud.codeDeploy.runDeployment({
        hooks: {
          BeforeInstall: hook('BeforeInstall'),
          AfterInstall: hook('AfterInstall'),
          AfterAllowTestTraffic: hook('AfterAllowTestTraffic'),
          BeforeAllowTraffic: hook('BeforeAllowTraffic'),
          AfterAllowTraffic: hook('AfterAllowTraffic'),
        },
        onLifecycleEvent: (name, progress) => log.push(`${name} ${progress}`),
      });

      expect(log.filter((line) => !/started|succeeded/.test(line))).toEqual([
        'BeforeInstall original original',
        'AfterInstall original original',
        'AfterAllowTestTraffic original replacement',
        'BeforeAllowTraffic original replacement',
        'AfterAllowTraffic replacement replacement',
      ]);
      expect(log.slice(0, 4)).toEqual([
        'BeforeInstall started',
        'BeforeInstall original original',
        'BeforeInstall succeeded',
        'Install started',
      ]);
      expect(result).toMatchObject({
        deploymentId: expect.stringMatching(/^d-[A-Z0-9]{9}$/),
        status: 'Succeeded',
        traffic: { production: 'replacement', test: 'replacement' },
      });
      expect(result.lifecycleEvents.map(({ name }) => name)).toEqual([
        'BeforeInstall',
        'Install',
        'AfterInstall',
        'AllowTestTraffic',
        'AfterAllowTestTraffic',
        'BeforeAllowTraffic',
        'AllowTraffic',
        'AfterAllowTraffic',
        'TerminateOriginal',
      ]);
    });

    test('replaces the task set of a service, and terminates the original after the wait', async () => {
      addService();
      const seen: Record<string, string[]> = {};
      const look = (name: string) => async (event: CodeDeployHookEvent) => {
        seen[name] = taskSets();
        await succeeds(event);
      };

      const result = await cloud.codeDeploy.runDeployment({
        service,
        taskDefinition: 'web:2',
        hooks: { AfterInstall: look('AfterInstall'), AfterAllowTraffic: look('AfterAllowTraffic') },
        terminationWaitSeconds: 300,
      });

      expect(seen).toEqual({
        AfterInstall: ['web:1 PRIMARY 2', 'web:2 ACTIVE 2'],
        AfterAllowTraffic: ['web:1 ACTIVE 2', 'web:2 PRIMARY 2'],
      });
      expect(taskSets()).toEqual(['web:2 PRIMARY 2']);
      const [active] = cloud.ecs.service('main', 'web').taskSets;
      expect(active).toMatchObject({ id: result.activeTaskSet, externalId: result.deploymentId });
      const { startedAt = 0, endedAt = 0 } = result.lifecycleEvents.at(-1) ?? {};
      expect(endedAt - startedAt).toBeGreaterThan(300_000);
    });

    test('deploys the same task definition again when none is given', async () => {
      addService();

      await cloud.codeDeploy.runDeployment({ service });

      expect(taskSets()).toEqual(['web:1 PRIMARY 2']);
    });

    test.each(['AfterInstall', 'AfterAllowTestTraffic', 'BeforeAllowTraffic', 'AfterAllowTraffic'])(
      'rolls back when %s fails',
      async (name) => {
        addService();

        const result = await cloud.codeDeploy.runDeployment({
          service,
          taskDefinition: 'web:2',
          hooks: { [name]: fails },
        });

        expect(result).toMatchObject({
          status: 'Failed',
          traffic: { production: 'original', test: 'original' },
          activeTaskSet: cloud.ecs.service('main', 'web').taskSets[0]?.id,
        });
        expect(result.lifecycleEvents.slice(-2)).toMatchObject([
          { name, status: 'Failed' },
          { name: 'RollBack', status: 'Succeeded' },
        ]);
        expect(taskSets()).toEqual(['web:1 PRIMARY 2']);
      },
    );

    test('runs no rollback step for traffic when BeforeInstall fails', async () => {
      addService();

      const result = await cloud.codeDeploy.runDeployment({ service, hooks: { BeforeInstall: fails } });

      expect(result.lifecycleEvents.map(({ name }) => name)).toEqual(['BeforeInstall', 'RollBack']);
      expect(taskSets()).toEqual(['web:1 PRIMARY 2']);
    });

    test('fails when the tasks of the replacement do not start within an hour', async () => {
      addService();
      cloud.ecs.breakTaskDefinition('web:2');
      const progress = vi.fn();

      const result = await cloud.codeDeploy.runDeployment({
        service,
        taskDefinition: 'web:2',
        onLifecycleEvent: progress,
      });

      expect(result.status).toBe('Failed');
      expect(progress).toHaveBeenCalledWith('Install', 'failed', expect.any(Number));
      expect(taskSets()).toEqual(['web:1 PRIMARY 2']);
    });

    test('runs a second deployment after the first', async () => {
      await cloud.codeDeploy.runDeployment({});

      const seen: unknown[] = [];
      const look = async (event: CodeDeployHookEvent) => {
        seen.push(cloud.codeDeploy.traffic);
        await succeeds(event);
      };
      await cloud.codeDeploy.runDeployment({ hooks: { AfterInstall: look } });

      expect(seen).toEqual([{ production: 'original', test: 'original' }]);
    });

    test('throws TypeError while another deployment runs', async () => {
      const first = cloud.codeDeploy.runDeployment({});

      await expect(cloud.codeDeploy.runDeployment({})).rejects.toThrowError(/one CodeDeploy deployment/);
      await first;
    });

    test('throws for a service with the ECS deployment controller', async () => {
      cloud.ecs.addService({ cluster: 'main', name: 'web', desiredCount: 1 });

      await expect(cloud.codeDeploy.runDeployment({ service })).rejects.toThrowError(/CODE_DEPLOY/);
    });

    test('starts with all traffic on the original', () => {
      expect(cloud.codeDeploy.traffic).toEqual({ production: 'original', test: 'original' });
    });
  });

  describe('Hooks', () => {
    async function runHook(hook: Parameters<typeof cloud.codeDeploy.runDeployment>[0]['hooks']) {
      const result = await cloud.codeDeploy.runDeployment({ hooks: { ...hook } });
      const event = result.lifecycleEvents.find(({ name }) => name === 'BeforeInstall');
      if (event === undefined) throw new Error('the hook did not run');
      const since = (at = Number.NaN) => (at - event.startedAt) / 1000;
      return {
        status: event.status,
        seconds: since(event.endedAt),
        invocations: event.invocations.map((it) => [it.outcome, since(it.startedAt), since(it.endedAt)]),
      };
    }

    test('fail an hour after an invocation without a response', async () => {
      expect(await runHook({ BeforeInstall: staysSilent })).toEqual({
        status: 'Failed',
        seconds: 3_600,
        invocations: [['returned', 0, 0]],
      });
    });

    test('have a late response refused', async () => {
      let late: Promise<void> | undefined;
      await runHook({
        BeforeInstall: (event) => {
          late = cloud.clock.sleep(3_700_000).then(() => respond(event, 'Succeeded'));
        },
      });

      await expect(late).rejects.toMatchObject({ name: 'LifecycleEventAlreadyCompletedException' });
    });

    test('are retried one and two minutes after an error, and no more', async () => {
      const requests = new Set<string>();

      const outcome = await runHook({
        BeforeInstall: (_event, { awsRequestId }) => {
          requests.add(awsRequestId);
          throw new Error('the function is broken');
        },
      });

      expect(outcome).toEqual({
        status: 'Failed',
        seconds: 3_600,
        invocations: [
          ['threw', 0, 0],
          ['threw', 60, 60],
          ['threw', 180, 180],
        ],
      });
      expect(requests.size).toBe(1);
    });

    test('may respond in a retry', async () => {
      let attempt = 0;

      const outcome = await runHook({
        BeforeInstall: async (event) => {
          attempt += 1;
          if (attempt === 1) throw new Error('not yet');
          await respond(event, 'Succeeded');
        },
      });

      expect(outcome).toMatchObject({ status: 'Succeeded', seconds: 60 });
    });

    test('end at their time-out, and are retried', async () => {
      const left: number[] = [];

      const outcome = await runHook({
        BeforeInstall: {
          timeoutSeconds: 100,
          handler: async (_event, context) => {
            left.push(context.getRemainingTimeInMillis());
            await cloud.clock.sleep(40_000);
            left.push(context.getRemainingTimeInMillis());
            await cloud.clock.sleep(200_000);
            left.push(context.getRemainingTimeInMillis());
            throw new Error('ignored after the time-out');
          },
        },
      });

      expect(outcome.invocations).toEqual([
        ['timedOut', 0, 100],
        ['timedOut', 160, 260],
        ['timedOut', 380, 480],
      ]);
      expect(left.slice(0, 2)).toEqual([100_000, 60_000]);
      expect(left).toContain(0);
    });

    test('have a time-out of 15 minutes by default', async () => {
      const outcome = await runHook({ BeforeInstall: () => new Promise(() => {}) });

      expect(outcome.invocations[0]).toEqual(['timedOut', 0, 900]);
    });

    test('let the deployment continue as soon as they have responded', async () => {
      const outcome = await runHook({
        BeforeInstall: async (event) => {
          await respond(event, 'Succeeded');
          await cloud.clock.sleep(30_000);
        },
      });

      expect(outcome).toMatchObject({ status: 'Succeeded', seconds: 0, invocations: [['returned', 0, 30]] });
    });
  });
});
