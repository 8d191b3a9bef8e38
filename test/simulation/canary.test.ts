import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportOf } from '../../examples/canary/report.js';
import {
  type CanaryDocument,
  type CanaryScenario,
  canaryScenarios,
  type Frame,
  runCanary,
} from '../../examples/canary/run.js';
import { describeFrame } from '../../examples/canary/views.js';
import { renderReport } from '../../src/report/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = new Map<CanaryScenario, Promise<CanaryDocument>>();

/** Runs each scenario once, because every run is the same. */
function run(scenario: CanaryScenario): Promise<CanaryDocument> {
  const document = documents.get(scenario) ?? runCanary({ scenario });
  documents.set(scenario, document);
  return document;
}

async function demo(...args: string[]): Promise<string> {
  const command = ['--import', 'tsx', 'examples/demo.ts', ...args];
  return (await promisify(execFile)(process.execPath, command, { cwd: root })).stdout;
}

function typesOf({ events }: CanaryDocument): string[] {
  return events.map(({ type }) => type);
}

describe('canary with good metrics', () => {
  test('ends at 100 %, step by step', async () => {
    const document = await run('canary');

    expect(document.outcome).toBe('succeeded');
    expect(document.reason).toBeUndefined();
    expect(document.weights.map(({ blue, green }) => [blue, green])).toEqual([
      [100, 0],
      [95, 5],
      [90, 10],
      [75, 25],
      [50, 50],
      [0, 100],
    ]);
    expect(typesOf(document).at(-1)).toBe('succeeded');
  });

  test('holds each step for its time, and evaluates the metric twice there', async () => {
    const { weights, metric } = await run('canary');

    const times = weights.slice(1).map(({ at }) => Date.parse(at));
    for (const [index, at] of times.slice(1).entries()) {
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(180_000);
    }
    expect(metric).toHaveLength(2 * 5);
    expect(metric.every(({ value, bound }) => value <= bound)).toBe(true);
  });

  test('fails no more requests than steady traffic does', async () => {
    const { requests } = await run('canary');

    expect(requests.blue.served).toBeGreaterThan(20_000);
    expect(requests.green.served).toBeGreaterThan(20_000);
    expect(requests.failedTotal).toBe(requests.blue.failed + requests.green.failed);
    expect(Math.abs(requests.failedTotal - requests.wouldHaveFailedAllAtOnce)).toBeLessThanOrEqual(1);
  });
});

describe('canary with 5xx at 10 %', () => {
  test('rolls back from 10 % at once', async () => {
    const document = await run('bad-canary');

    expect(document.outcome).toBe('rolledBack');
    expect(document.reason).toMatch(/^The check 5xx rate failed once: /);
    expect(document.weights.map(({ green }) => green)).toEqual([0, 5, 10, 0]);
    expect(typesOf(document).slice(-4)).toEqual([
      'rollingBack',
      'weightsWritten',
      'weightsVerified',
      'rolledBack',
    ]);
    expect(document.metric.map(({ value, bound }) => value > bound)).toEqual([false, false, true]);
  });

  test('rolls back at most one check interval and its calls after the first failing data point', async () => {
    const { rollback, events } = await run('bad-canary');

    expect(rollback).toBeDefined();
    const { firstFailingDataPointAt = '', verifiedAt = '', seconds = 0 } = rollback ?? {};
    expect(Date.parse(verifiedAt) - Date.parse(firstFailingDataPointAt)).toBe(seconds * 1000);
    expect(verifiedAt).toBe(events.at(-1)?.at);
    // Each of the few calls takes 50 ms.
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60 + 1);
  });

  test('rolls back as fast in whichever second the failures begin', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1100 }), async (failsAfterSeconds) => {
        const document = await runCanary({ scenario: 'bad-canary', failsAfterSeconds });
        const { outcome, rollback, events, startedAt } = document;

        if (outcome === 'succeeded') {
          // The last data point before the end is of the minute that had passed.
          expect(failsAfterSeconds * 1000).toBeGreaterThan(
            Date.parse(events.at(-1)?.at ?? '') - Date.parse(startedAt) - 80_000,
          );
          return;
        }
        expect(outcome).toBe('rolledBack');
        expect(rollback?.seconds).toBeGreaterThan(0);
        expect(rollback?.seconds).toBeLessThanOrEqual(60 + 1);
      }),
      { numRuns: 40, examples: [[0], [140], [179], [320], [500], [501], [680], [1014]] },
    );
  });

  test('is rolled back in the minute in which the step began, when it fails at once', async () => {
    const { events, weights } = await runCanary({ scenario: 'bad-canary', failsAfterSeconds: 0 });

    expect(weights.map(({ green }) => green)).toEqual([0, 5, 0]);
    // CloudWatch shows the minute only after the first evaluation.
    const ofLimit = events.filter((it) => it.type === 'checkEvaluated' && it.check === '5xx rate');
    expect(ofLimit).toMatchObject([
      { result: { outcome: 'inconclusive' } },
      { result: { outcome: 'fail', detail: expect.stringContaining('in which the weights changed') } },
    ]);
  });

  test('has the evidence of both stacks in its events, growing until the rollback', async () => {
    const { events } = await run('bad-canary');

    const evidence = events.flatMap((it) =>
      it.type === 'checkEvaluated' && 'evidence' in it.result && it.result.evidence
        ? [it.result.evidence]
        : [],
    );
    const values = evidence.map(({ value }) => value);
    expect(values.length).toBeGreaterThan(2);
    expect(values).toEqual(values.toSorted((one, other) => one - other));
    expect(values[0]).toBeGreaterThanOrEqual(1);
    expect(evidence.every(({ required }) => required === 100)).toBe(true);
    expect(evidence.at(-1)).toMatchObject({
      incoming: { requests: expect.any(Number), failures: expect.any(Number) },
      outgoing: { requests: expect.any(Number), failures: expect.any(Number) },
    });
  });

  test('fails far fewer requests than all at once', async () => {
    const { requests } = await run('bad-canary');

    expect(requests.green.failed).toBeGreaterThan(20);
    expect(requests.failedTotal * 5).toBeLessThan(requests.wouldHaveFailedAllAtOnce);
  });
});

describe('canary with drift', () => {
  test('halts and leaves the rule unchanged', async () => {
    const document = await run('drift');

    expect(document.outcome).toBe('halted');
    expect(document.reason).toContain('blue 50 %, green 50 %');
    expect(document.weights.map(({ green }) => green)).toEqual([0, 5, 10, 50]);
    const changedAt = document.weights.at(-1)?.at ?? '';
    const writes = document.events.filter(({ type, at }) => type === 'weightsWritten' && at > changedAt);
    expect(writes).toEqual([]);
    expect(typesOf(document).at(-1)).toBe('halted');
    expect(document.awsCallsByAction['elasticloadbalancing:ModifyRule']).toBe(2);
  });
});

describe('document of a canary', () => {
  test.each(canaryScenarios)('of %s counts every call', async (scenario) => {
    const { awsCalls, awsCallsByAction } = await run(scenario);

    expect(Object.values(awsCallsByAction).reduce((sum, count) => sum + count, 0)).toBe(awsCalls);
    expect(Object.keys(awsCallsByAction).sort()).toEqual([
      'cloudwatch:GetMetricData',
      'elasticloadbalancing:DescribeRules',
      'elasticloadbalancing:DescribeTargetHealth',
      'elasticloadbalancing:ModifyRule',
    ]);
  });

  test('is the same in every run', async () => {
    expect(await runCanary({ scenario: 'bad-canary' })).toEqual(await run('bad-canary'));
  });
});

describe('live view', () => {
  test('shows the split and the metric against its bound', async () => {
    const frames: Frame[] = [];
    await runCanary({
      scenario: 'bad-canary',
      listener: { event: () => {}, frame: (frame) => void frames.push(frame) },
    });

    const good = plain(frames.find(({ metric, weights }) => metric !== undefined && weights.green === 10));
    expect(good[0]).toMatch(/blue █{36}█{4} green {2}10 %/);
    expect(good[1]).toMatch(/ ·{20}│·{20} {2}0 %, at most 2 %/);
    const bad = plain(frames.find(({ metric }) => metric !== undefined && metric.value > metric.bound));
    expect(bad[1]).toMatch(/ █{20}│█{20} {2}8.67 %, at most 2 %/);
    expect(bad[2]).toMatch(/\d+ requests failed/);
  });

  test('shows that there is no data point yet', async () => {
    const frame: Frame = {
      at: 5000,
      startedAt: 0,
      weights: { blue: 100, green: 0 },
      metric: undefined,
      requests: { blue: { served: 0, failed: 0 }, green: { served: 0, failed: 0 } },
    };

    expect(describeFrame(frame)[1]).toContain('no data point yet');
  });

  function plain(frame: Frame | undefined): string[] {
    const lines = frame === undefined ? [] : describeFrame(frame);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour of the terminal begins with the control character that is removed here
    return lines.map((line) => line.replace(/\u001b\[\d+m/g, ''));
  }
});

describe('report', () => {
  test.each(canaryScenarios)('of %s has the figures of the demo and every event', async (scenario) => {
    const document = await run(scenario);
    const html = renderReport(reportOf(document, scenario));

    expect(html).toContain(`<dt>Failed</dt><dd>${document.requests.failedTotal}</dd>`);
    const noted = document.events.filter(
      (it) => it.type !== 'checkEvaluated' || it.result.outcome !== 'pass',
    );
    const events = html.slice(html.indexOf('<caption>Events'));
    expect(events.match(/<th scope="row">/g)).toHaveLength(noted.length);
  });

  test('of bad-canary shows the failed check at the top, and the evidence of the comparison', async () => {
    const html = renderReport(reportOf(await run('bad-canary'), 'bad-canary'));
    const top = html.slice(0, html.indexOf('</header>'));

    expect(top).toContain('<p class="first">Check “5xx rate” failed</p>');
    expect(html).toContain('Measured value');
    expect(html).toContain('Evidence that green fails more often');
    expect(html).toContain('fails at 1/α = 100');
  });

  test('of drift shows the halt at the top', async () => {
    const html = renderReport(reportOf(await run('drift'), 'drift'));

    expect(html.slice(0, html.indexOf('</header>'))).toMatch(
      /<p class="first">Halted at \d\d:\d\d:\d\d, nothing more is written<\/p>/,
    );
  });
});

// Each test starts a process that compiles and loads everything first.
describe('demo program', { timeout: 60_000 }, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canary-report-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('prints the document of a scenario, and writes its report', async () => {
    const file = join(folder, 'report.html');
    const printed = JSON.parse(await demo('--scenario', 'bad-canary', '--json', '--report', file));

    expect(printed).toEqual(await run('bad-canary'));
    expect(await readFile(file, 'utf8')).toBe(renderReport(reportOf(printed, 'bad-canary')));
  });

  test('prints plain lines when piped', async () => {
    const { requests } = await run('bad-canary');
    const printed = await demo('--scenario', 'bad-canary');

    expect(printed).not.toContain('\u001b');
    expect(printed).toContain('✔ rolled back: blue 100 %, green 0 %');
    expect(printed).toContain(
      `Failed: ${requests.failedTotal}; all at once it would have been ${requests.wouldHaveFailedAllAtOnce}`,
    );
  });

  test('reports that the report cannot be written', async () => {
    await expect(demo('--scenario', 'drift', '--json', '--report', folder)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Could not write the report to .*: EISDIR.*$/m),
      stdout: expect.stringContaining('"outcome": "halted"'),
    });
  });

  test.each([
    ['failed-tests', 'Step “smoke-test”'],
    ['ecs-rollout-broken', 'Failed in the phase “Start the canary”'],
  ])('writes a report of %s', async (scenario, failure) => {
    const file = join(folder, `${scenario}.html`);
    await demo('--scenario', scenario, '--json', '--report', file);

    expect(await readFile(file, 'utf8')).toContain(`<p class="first">${failure}`);
  });

  test('refuses a report of a preview', async () => {
    await expect(demo('--scenario', 'preview', '--report', join(folder, 'swap.html'))).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--report does not support preview'),
    });
  });
});
