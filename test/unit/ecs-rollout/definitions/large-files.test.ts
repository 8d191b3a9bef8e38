import { execFileSync } from 'node:child_process';
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/index.js';
import { loadDefinitions } from '../../../../src/ecs-rollout/index.js';
import { definitionFiles } from '../../../support/definition-files.js';

const files = definitionFiles();

const service = { desiredCount: 2 };
const taskDefinition = { family: 'web', containerDefinitions: [{ name: 'app', image: 'shop/web:1' }] };
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const fields = (count: number, value: unknown = 1, prefix = 'field') =>
  Object.fromEntries(many(count, (index) => [`${prefix}${index}`, value]));

async function refusalOf(given: { service?: unknown; taskDefinition?: unknown }): Promise<InvalidInputError> {
  const folder = await files.put({ service, taskDefinition, ...given });
  const error: unknown = await loadDefinitions(folder, { env: {} }).catch((thrown: unknown) => thrown);
  if (error instanceof InvalidInputError) return error;
  throw error;
}

/** Milliseconds of CPU that the work takes, the least of three runs: other programs on the machine do not count. */
async function durationOf(work: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    durations.push((user + system) / 1000);
  }
  return Math.min(...durations);
}

describe('loadDefinitions', () => {
  test('throws InvalidInputError for a file of 300 MB without reading it', async () => {
    const folder = await files.put({ service, taskDefinition: ' ' });
    await truncate(join(folder, 'task-definition.json'), 300_000_000);
    const before = process.memoryUsage().arrayBuffers;

    const loading = loadDefinitions(folder, { env: {} });

    await expect(loading).rejects.toThrowError(
      'task-definition.json: expected at most 1 MiB, got 300000000 bytes',
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  test('refuses a value whose many places are more text than a file may have', async () => {
    const command = many(1000, () => `\${TAG}`.repeat(100));
    const folder = await files.put({
      service,
      taskDefinition: { ...taskDefinition, containerDefinitions: [{ name: 'app', image: 'a', command }] },
    });

    const loading = loadDefinitions(folder, { env: { TAG: 'x'.repeat(100_000) } });

    await expect(loading).rejects.toThrowError(InvalidInputError);
    await expect(loading).rejects.toThrowError(
      'command[0]: expected at most 1 MiB with the values of all placeholders, got more',
    );
  });

  test.skipIf(process.platform === 'win32')(
    'refuses a pipe without waiting for its writer (skipped on Windows, which has none)',
    async () => {
      const folder = await files.put({ service, taskDefinition });
      const file = join(folder, 'task-definition.json');
      await rm(file);
      execFileSync('mkfifo', [file]);

      const loading = loadDefinitions(folder, { env: {} });

      await expect(loading).rejects.toThrowError(
        'task-definition.json: expected a file, got a pipe or a device',
      );
      // The next test writes into the same folder.
      await rm(file);
    },
  );

  test.each<[string, number, (count: number) => { service?: unknown; taskDefinition?: unknown }]>([
    ['unknown fields', 10_000, (count) => ({ service: { ...service, ...fields(count) } })],
    [
      'unknown fields with names like known ones',
      10_000,
      (count) => ({ service: fields(count, 1, 'desiredCoun') }),
    ],
    [
      'wrong values',
      24_000,
      (count) => ({ taskDefinition: { ...taskDefinition, requiresCompatibilities: many(count, () => 1) } }),
    ],
    [
      'names without a value',
      10_000,
      (count) => ({
        taskDefinition: {
          ...taskDefinition,
          containerDefinitions: [{ command: many(count, (index) => `\${N${index}}`) }],
        },
      }),
    ],
    [
      'places of one name without a value',
      24_000,
      (count) => ({
        taskDefinition: {
          ...taskDefinition,
          containerDefinitions: [{ command: many(count, () => `\${TAG}`) }],
        },
      }),
    ],
    [
      'malformed placeholders',
      10_000,
      (count) => ({
        taskDefinition: { ...taskDefinition, containerDefinitions: [{ command: many(count, () => `\${}`) }] },
      }),
    ],
    [
      'members with the name __proto__',
      10_000,
      (count) => ({
        taskDefinition: { ...taskDefinition, tags: many(count, () => JSON.parse('{"__proto__": 1}')) },
      }),
    ],
  ])(
    'takes time in proportion to the number of %s, and names the first ones only',
    async (_, count, make) => {
      const { message } = await refusalOf(make(count));
      const tenth = await durationOf(() => refusalOf(make(count / 10)));
      const whole = await durationOf(() => refusalOf(make(count)));

      expect(message.length).toBeLessThan(3_000);
      // Quadratic time would be a hundred times as long.
      expect(whole).toBeLessThan(Math.max(tenth, 5) * 40);
    },
  );

  test('counts the problems that its message omits', async () => {
    const { message, problems } = await refusalOf({ service: { ...service, ...fields(1_000) } });

    expect(problems).toHaveLength(1_000);
    expect(message).toMatch(/; and 990 more$/);
  });

  test('counts the places of a name that its message omits', async () => {
    const command = many(8, () => `\${TAG}`);
    const containerDefinitions = [{ name: 'app', image: 'web', command }];

    const { message } = await refusalOf({ taskDefinition: { ...taskDefinition, containerDefinitions } });

    expect(message).toContain('containerDefinitions[0].command[4], and 3 more places, got none');
    expect(message).not.toContain('command[5]');
  });

  test('cuts the names of fields', async () => {
    const long = 'x'.repeat(100_000);

    const { message } = await refusalOf({ service: { [long]: 1 } });

    expect(message.length).toBeLessThan(500);
  });

  test('cuts the place of a fault', async () => {
    const { message } = await refusalOf({ service: `{"a": ${'['.repeat(200_000)}` });

    expect(message).toContain('service.json:1:200007: expected a value, or the end of the array');
    expect(message.length).toBeLessThan(500);
  });
});
