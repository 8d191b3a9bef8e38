import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { documentedPrograms, root } from '../../support/guide-programs.js';

/** Folder in the repository, because the programs import the package by its own name. */
const folder = mkdtempSync(join(root, 'test/unit/docs/running-'));

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  // Programs set this variable for their hooks, and other tests run in the same process.
  vi.stubEnv('REPLACEMENT_STACK', '');
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation(() => {});
  }
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const programs = documentedPrograms();
for (const { path, code } of programs) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), code);
}

const complete = programs.filter(({ code }) => code.includes('new SimulatedCloud('));

test.each(complete)('runs $path without a failed assertion', async ({ path }) => {
  await expect(import(join(folder, path))).resolves.toBeDefined();
});
