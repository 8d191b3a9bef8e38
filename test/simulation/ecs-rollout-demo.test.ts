import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type RolloutDocument, type RolloutScenario, runRollout } from '../../examples/ecs-rollout/run.js';
import type { RolloutEvent, RolloutPhase } from '../../src/ecs-rollout/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = new Map<RolloutScenario, Promise<RolloutDocument>>();

/** Each scenario is the same in every run, so it is run once. */
function run(scenario: RolloutScenario): Promise<RolloutDocument> {
  const document = documents.get(scenario) ?? runRollout({ scenario });
  documents.set(scenario, document);
  return document;
}

async function demo(...args: string[]): Promise<string> {
  const command = ['--import', 'tsx', 'examples/demo.ts', ...args];
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout;
}

function phasesOf({ commands }: RolloutDocument, index: number): RolloutPhase[] {
  const { events = [] } = commands[index] ?? {};
  return events.flatMap((event) => (event.type === 'phaseStarted' ? [event.phase] : []));
}

function typesOf({ commands }: RolloutDocument, index: number): RolloutEvent['type'][] {
  return (commands[index]?.events ?? []).map(({ type }) => type);
}

describe('the demo ecs-rollout', () => {
  test('creates the service, and then rolls the next version out', async () => {
    const document = await run('ecs-rollout');

    expect(document.outcome).toBe('succeeded');
    expect(document.reason).toBeUndefined();
    expect(document.commands.map(({ command }) => command)).toEqual(['up', 'rollout']);
    expect(document.service.intact).toBe(true);
    expect(document.service.taskDefinitionBefore).toMatch(/task-definition\/web:1$/);
    expect(document.service.taskDefinitionAfter).toMatch(/task-definition\/web:2$/);
  });

  test('updates the service only when the canary is healthy in both target groups', async () => {
    const document = await run('ecs-rollout');

    expect(phasesOf(document, 1)).toEqual([
      'prepare',
      'registerTaskDefinition',
      'startCanary',
      'containerHealth',
      'targetHealth',
      'observe',
      'updateService',
      'serviceStable',
      'cleanUp',
    ]);
    const events = document.commands[1]?.events ?? [];
    const healthy = events.filter(
      (event) => event.type === 'targetHealthChanged' && event.state === 'healthy',
    );
    expect(healthy).toHaveLength(2);
    const updated = events.find(({ type }) => type === 'serviceUpdated');
    for (const { at } of healthy) expect(Date.parse(at)).toBeLessThanOrEqual(Date.parse(updated?.at ?? ''));
  });

  test('never has fewer tasks than desired, and has no leftovers', async () => {
    const { service, failedTasks, leftovers } = await run('ecs-rollout');

    expect(service.desiredCount).toBe(2);
    expect(service.fewestTasksRunning).toBe(2);
    expect(failedTasks).toEqual({ canaries: 0, ofService: 0, ofServiceWithoutCanary: 0 });
    expect(leftovers).toEqual({ tasks: 0, targets: 0, problems: 0 });
  });
});

describe('the demo ecs-rollout-broken', () => {
  test('fails at the canary, with the reason', async () => {
    const document = await run('ecs-rollout-broken');

    expect(document.outcome).toBe('failed');
    expect(document.reason).toMatch(
      /failed in the phase startCanary: .*app exited with 1.*The service is intact/,
    );
    expect(phasesOf(document, 1).at(-2)).toBe('startCanary');
    expect(typesOf(document, 1)).not.toContain('serviceUpdated');
    expect(document.awsCallsByAction['ecs:UpdateService']).toBeUndefined();
  });

  test('leaves the service unchanged, without leftovers', async () => {
    const { service, leftovers } = await run('ecs-rollout-broken');

    expect(service.intact).toBe(true);
    expect(service.taskDefinitionAfter).toBe(service.taskDefinitionBefore);
    expect(service.fewestTasksRunning).toBe(2);
    expect(leftovers).toEqual({ tasks: 0, targets: 0, problems: 0 });
  });

  test('stops one task only', async () => {
    const { failedTasks } = await run('ecs-rollout-broken');

    expect(failedTasks.canaries).toBe(1);
    expect(failedTasks.ofService).toBe(0);
    expect(failedTasks.ofServiceWithoutCanary).toBeGreaterThan(2);
  });
});

describe('npm run demo', () => {
  test('prints one JSON document, the same every time', async () => {
    const printed = JSON.parse(await demo('--scenario', 'ecs-rollout-broken', '--json'));

    expect(printed).toEqual(JSON.parse(JSON.stringify(await run('ecs-rollout-broken'))));
  });

  test('prints a line for each event, and the result', async () => {
    const printed = await demo('--scenario', 'ecs-rollout');

    expect(printed).toContain('$ rollout.ts up deploy');
    expect(printed).toContain('registered: 10.0.0.3:8080 with shop-public');
    expect(printed).toContain('The service ran web:1, and runs web:2; it is intact');
    expect(printed).toContain('Leftovers: 0 tasks, 0 targets, 0 problems');
  });
});
