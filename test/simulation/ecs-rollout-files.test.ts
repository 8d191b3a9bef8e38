import { beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../../examples/ecs-rollout/rollout.js';
import { describeEvent, eventInWords, liveView, plainView } from '../../examples/ecs-rollout/views.js';
import { definitionFolder, imageOf, makeWorld, type World } from '../../examples/ecs-rollout/world.js';
import { InvalidInputError } from '../../src/core/index.js';
import { RolloutError, type RolloutEvent } from '../../src/ecs-rollout/index.js';

let world: World;
let lines: string[];

beforeEach(() => {
  world = makeWorld();
  lines = [];
});

/** Runs the script against the simulated AWS, as a shell would with this version in its environment. */
function run(version: string, args: readonly string[], options: { signal?: AbortSignal } = {}) {
  const { clients, clock } = world.cloud;
  const view = plainView((line) => lines.push(line));
  return runCommand(args, { clients, clock, view, env: world.environment(version), ...options });
}

function service() {
  return world.cloud.ecs.service('shop', 'web');
}

describe('examples/ecs-rollout › rollout.ts', () => {
  test('creates the service of service.json', async () => {
    const result = await run('1', ['up', definitionFolder]);

    expect(result).toMatchObject({ created: true, runningCount: 2 });
    expect(service()).toMatchObject({ desiredCount: 2, circuitBreaker: { rollback: true } });
    expect(service().settings.loadBalancers).toHaveLength(2);
    const [definition] = world.cloud.ecs.taskDefinitions('web');
    expect(definition?.containerDefinitions?.[0]).toMatchObject({
      image: imageOf('1'),
      environment: [
        { name: 'LOG_LEVEL', value: 'info' },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what the escape in the file stands for
        { name: 'GREETING', value: 'Hello, ${name}' },
      ],
    });
    expect(lines.at(-1)).toContain('✔ succeeded');
  });

  test('rolls the next version out', async () => {
    await run('1', ['up', definitionFolder]);

    const result = await run('2', ['rollout', definitionFolder]);

    expect(result).toMatchObject({ service: 'updated', serviceIntact: true });
    expect(service().deployments).toHaveLength(1);
    expect(service().deployments[0]?.taskDefinition).toMatch(/web:2$/);
  });

  test('rolls a registered task definition out without files', async () => {
    await run('1', ['up', definitionFolder]);
    await run('2', ['rollout', definitionFolder]);

    await run('2', ['rollout', '--cluster', 'shop', '--service', 'web', '--taskDefinitionArn', 'web:1']);

    expect(service().deployments[0]?.taskDefinition).toMatch(/web:1$/);
  });

  test('updates the other settings only with --updateService', async () => {
    await run('1', ['up', definitionFolder]);
    service().settings.healthCheckGracePeriodSeconds = 300;

    await run('2', ['rollout', definitionFolder]);
    const kept = service().settings.healthCheckGracePeriodSeconds;
    await run('3', ['rollout', definitionFolder, '--updateService']);

    expect(kept).toBe(300);
    expect(service().settings.healthCheckGracePeriodSeconds).toBe(30);
  });

  test('leaves the service unchanged when the canary does not start', async () => {
    await run('1', ['up', definitionFolder]);
    world.cloud.ecs.failTasks({ image: imageOf('2') }, { kind: 'imageNotFound' });

    const rollout = run('2', ['rollout', definitionFolder]);

    await expect(rollout).rejects.toThrowError(RolloutError);
    expect(service().deployments[0]?.taskDefinition).toMatch(/web:1$/);
    expect(lines.at(-1)).toContain('the service is intact');
  });

  test('rolls back and cleans up on Ctrl-C', async () => {
    await run('1', ['up', definitionFolder]);
    const abort = new AbortController();
    world.cloud.clock.schedule(20, () => abort.abort(new Error('the process got SIGINT')));

    const rollout = run('2', ['rollout', definitionFolder], { signal: abort.signal });

    await expect(rollout).rejects.toThrowError(RolloutError);
    expect(service().deployments[0]?.taskDefinition).toMatch(/web:1$/);
    const standalone = world.cloud.ecs.tasks('shop').filter(({ group }) => group !== 'service:web');
    expect(standalone.map(({ lastStatus }) => lastStatus)).toEqual(['STOPPED']);
  });

  test('calls nothing when a file is malformed', async () => {
    const { IMAGE: _, ...env } = world.environment('1');
    const { clients, clock } = world.cloud;

    const command = runCommand(['up', definitionFolder], { clients, clock, env });

    await expect(command).rejects.toThrowError(InvalidInputError);
    expect(world.cloud.calls).toEqual([]);
  });

  test.each([
    ['a wrong argument', ['up', 'one', 'two']],
    ['a missing folder', ['up', 'no-such-folder']],
  ])('closes its output after %s', async (_, args) => {
    const closed: string[] = [];
    const view = { ...plainView(), close: async () => void closed.push('closed') };

    await expect(runCommand(args, { view })).rejects.toThrowError();

    expect(closed).toEqual(['closed']);
  });

  test.each([
    [[], 'First argument: expected up or rollout, got none'],
    [['up'], '--cluster is missing'],
    [['up', '--cluster', 'shop', '--service', 'web'], 'FOLDER is missing'],
    [['rollout', '--cluster', 'shop'], '--service is missing'],
    [['rollout', '--cluster', 'shop', '--service', 'web'], 'FOLDER or --taskDefinitionArn is missing'],
    [['up', 'one', 'two'], 'Unknown argument: two'],
  ])('prints its usage for %j', async (args, message) => {
    await expect(run('1', args)).rejects.toThrowError(message);
    expect(world.cloud.calls).toEqual([]);
  });
});

describe('examples/ecs-rollout › views.ts', () => {
  test.each<[RolloutEvent, string]>([
    [
      { type: 'leftoverFound', at: 0, taskArn: 'arn:task/shop/1' },
      '  found the canary 1 of an earlier run: cleaning it up',
    ],
    [{ type: 'rollingBack', at: 0, to: 'a/web:1', reason: 'late' }, '✖ rolling back to web:1: late'],
    [{ type: 'rolledBack', at: 0, taskDefinition: 'a/web:1' }, '✔ rolled back: web:1'],
    [
      {
        type: 'checkEvaluated',
        at: 0,
        check: '5xx rate',
        dryRun: false,
        result: { outcome: 'pass', detail: '0 %' },
      },
      '  5xx rate: pass, 0 %',
    ],
  ])('describes the event %o', (event, words) => {
    expect(eventInWords(event)).toBe(words);
    expect(describeEvent(event, 0)).toBe(`00:00:00  ${words}`);
  });

  test('ends after skipped and failed phases', async () => {
    const view = liveView('rollout', { silent: true });

    view.event({ type: 'phaseStarted', at: 0, phase: 'prepare' });
    view.event({ type: 'phaseStarted', at: 1, phase: 'startCanary' });
    view.event({ type: 'phaseStarted', at: 2, phase: 'cleanUp' });
    view.event({ type: 'failed', at: 3, phase: 'startCanary', reason: 'none', serviceIntact: true });

    await expect(view.close()).resolves.toBeUndefined();
  });
});
