import {
  DescribeTasksCommand,
  ListTasksCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../src/testing/index.js';

const fargate: RegisterTaskDefinitionCommandInput = {
  family: 'web',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'app', image: 'shop/web:1', portMappings: [{ containerPort: 8080 }] }],
};

const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
  cloud.ecs.addCluster('shop');
  cloud.ecs.addTaskDefinition(fargate);
});

function run(input: Partial<RunTaskCommandInput> = {}) {
  return cloud.clients.ecs.send(
    new RunTaskCommand({
      cluster: 'shop',
      taskDefinition: 'web:1',
      launchType: 'FARGATE',
      networkConfiguration,
      ...input,
    }),
  );
}

async function runOne(input: Partial<RunTaskCommandInput> = {}): Promise<string> {
  const { tasks = [] } = await run(input);
  return tasks[0]?.taskArn ?? 'none';
}

async function describeTask(taskArn: string) {
  const { tasks } = await cloud.clients.ecs.send(
    new DescribeTasksCommand({ cluster: 'shop', tasks: [taskArn] }),
  );
  return tasks?.[0];
}

async function statuses(taskArn: string, looks: number): Promise<string[]> {
  const seen: string[] = [];
  for (let look = 0; look < looks; look += 1) {
    seen.push((await describeTask(taskArn))?.lastStatus ?? 'MISSING');
    await cloud.clock.sleep(1_000);
  }
  return seen.filter((status, index) => status !== seen[index - 1]);
}

describe('Class: SimulatedEcs', () => {
  describe('Operation: RunTask', () => {
    test('starts a task that gets an address, runs, and stops when it is told to', async () => {
      const taskArn = await runOne();

      const up = await statuses(taskArn, 8);
      const running = await describeTask(taskArn);
      await cloud.clients.ecs.send(new StopTaskCommand({ cluster: 'shop', task: taskArn, reason: 'enough' }));
      const down = await statuses(taskArn, 15);

      expect(up).toEqual(['PROVISIONING', 'PENDING', 'RUNNING']);
      expect(running).toMatchObject({
        desiredStatus: 'RUNNING',
        attachments: [
          {
            type: 'ElasticNetworkInterface',
            status: 'ATTACHED',
            details: expect.arrayContaining([{ name: 'privateIPv4Address', value: '10.0.0.1' }]),
          },
        ],
        containers: [{ name: 'app', networkInterfaces: [{ privateIpv4Address: '10.0.0.1' }] }],
      });
      expect(down).toEqual(['RUNNING', 'STOPPING', 'DEPROVISIONING', 'STOPPED']);
      expect(await describeTask(taskArn)).toMatchObject({
        stopCode: 'UserInitiated',
        stoppedReason: 'enough',
        containers: [{ exitCode: 143 }],
      });
    });
  });

  describe('Operation: ListTasks', () => {
    test('lists those that are to run, and those that are to stop, by who started them', async () => {
      const taskArn = await runOne({ startedBy: 'canary' });
      await runOne();
      const list = async (desiredStatus?: 'RUNNING' | 'STOPPED') => {
        const { taskArns } = await cloud.clients.ecs.send(
          new ListTasksCommand({ cluster: 'shop', startedBy: 'canary', desiredStatus }),
        );
        return taskArns;
      };

      const before = await list();
      await cloud.clients.ecs.send(new StopTaskCommand({ cluster: 'shop', task: taskArn }));

      expect(before).toEqual([taskArn]);
      expect(await list()).toEqual([]);
      expect(await list('STOPPED')).toEqual([taskArn]);
    });
  });
});
