import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../examples/canary/run.js';
import { describeFrame } from '../../examples/canary/views.js';
import { runStateMachine, type StateMachineDocument } from '../../examples/step-functions/run.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function demo(...args: string[]): Promise<string> {
  const command = ['--import', 'tsx', 'examples/demo.ts', '--scenario', 'step-functions', ...args];
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout;
}

describe('canary of six hours in a state machine', () => {
  const frames: Frame[] = [];
  let document: Promise<StateMachineDocument> | undefined;
  /** Run once, because every run is the same. */
  const run = () => {
    const listener = { event: () => {}, frame: (frame: Frame) => void frames.push(frame) };
    document ??= runStateMachine({ listener });
    return document;
  };

  test('holds 10 % for six hours, then shifts all the traffic', async () => {
    const { outcome, reason, hours, weights, events } = await run();

    expect({ outcome, reason }).toEqual({ outcome: 'succeeded', reason: undefined });
    expect(hours).toBeGreaterThan(6);
    expect(weights.map(({ green }) => green)).toEqual([0, 10, 100]);
    const [, tenth, all] = weights.map(({ at }) => Date.parse(at));
    expect((all ?? 0) - (tenth ?? 0)).toBeGreaterThanOrEqual(6 * 3_600_000);
    expect(events[0]).toMatchObject({ type: 'started', strategy: 'canary 10 % for 21600 s' });
    expect(events.at(-1)).toMatchObject({ type: 'succeeded' });
  });

  test('evaluates the metric each minute, and invokes its function for nothing else', async () => {
    const { events, stateMachine } = await run();

    const checks = events.filter(({ type }) => type === 'checkEvaluated');
    expect(checks.length).toBeGreaterThanOrEqual(6 * 60);
    expect(stateMachine.invocations).toBeLessThan(checks.length + 12);
    const { Advance: advances = 0, Wait: waits = 0, Begin: begins } = stateMachine.entered;
    expect(begins).toBe(1);
    expect(stateMachine.invocations).toBe(1 + advances);
    expect(advances - waits).toBeLessThan(5);
  });

  test('counts every call, and the requests of the whole time', async () => {
    const { awsCalls, awsCallsByAction, requests } = await run();

    expect(Object.values(awsCallsByAction).reduce((sum, count) => sum + count, 0)).toBe(awsCalls);
    expect(awsCallsByAction['elasticloadbalancing:ModifyRule']).toBe(2);
    expect(requests.blue.served + requests.green.served).toBeGreaterThan(6 * 3600 * 50);
    expect(requests.failedTotal).toBe(requests.blue.failed + requests.green.failed);
  });

  test('shows the current state of the machine', async () => {
    await run();
    expect(frames.length).toBeGreaterThan(70);
    const waiting = frames.find(({ state, weights }) => state === 'Wait' && weights.green === 10);
    expect(waiting && describeFrame(waiting).at(-1)).toContain('state machine: Wait');
  });
});

// Each test starts a process that compiles and loads everything first.
describe('demo program', { timeout: 60_000 }, () => {
  test('prints the document', async () => {
    expect(JSON.parse(await demo('--json'))).toEqual(JSON.parse(JSON.stringify(await runStateMachine())));
  });

  test('prints plain lines when piped, without the checks that pass', async () => {
    const printed = await demo();

    expect(printed).not.toContain('\u001b');
    expect(printed).toContain('✔ verified: blue 90 %, green 10 %');
    expect(printed).toMatch(/Outcome: succeeded after 6\.\d+ hours/);
    expect(printed.split('\n').length).toBeLessThan(30);
  });

  test('writes its report', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'report-'));
    const file = join(folder, 'report.html');
    try {
      await demo('--report', file);

      expect(await readFile(file, 'utf8')).toMatch(/^<!doctype html>.*blue 90 %, green 10 %/is);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
