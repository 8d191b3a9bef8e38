import { describe, expect, test } from 'vitest';
import { makeShifter } from '../../examples/canary/shifter.js';
import { makeWorld } from '../../examples/canary/world.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { canary } from '../../src/traffic/index.js';
import { managedRule } from '../support/managed-rule.js';
import type { MethodScenario } from '../support/method-scenario.js';
import { createRecorder, problemsOf, type RecordedLine, recorderOf } from '../support/recorded-lines.js';
import { methodScenarios } from './scenarios/all.js';

/** Operations that change nothing, or only record how to revert a change. */
const reading = /:(?:Describe|Get|List)|^application-autoscaling:(?:Tag|Untag)Resource$/;

/** Counts repeated StopTask calls for a canary as one change. */
function withoutRepetitions(changes: readonly string[]): string[] {
  return changes.filter((action, index) => action !== 'ecs:StopTask' || changes[index - 1] !== action);
}

/** Runs a scenario twice, and returns the lines and the accepted changes of each run. */
async function runTwice(scenario: MethodScenario) {
  const cloud = new SimulatedCloud();
  const { act } = scenario.arrange(cloud);
  recorderOf(cloud).take();
  const runs: { lines: RecordedLine[]; changes: string[] }[] = [];
  while (runs.length < 2) {
    const before = cloud.calls.length;
    await act();
    const accepted = cloud.calls.slice(before).filter(({ outcome }) => outcome === 'ok');
    const changes = accepted.map(({ action }) => action).filter((action) => !reading.test(action));
    runs.push({ lines: recorderOf(cloud).take(), changes: withoutRepetitions(changes) });
  }
  return runs;
}

/** Compares lines and changes. Each invocation of a hook responds, and logs its response. */
function expectLines(story: { scenario: MethodScenario; changes: string[]; lines: string[] }): void {
  const { scenario, changes, lines } = story;
  if (scenario.name.startsWith('codeDeployHook')) expect(lines).toEqual(['Sent response to CodeDeploy']);
  // This scenario updates the service itself, past the tool, which only waits.
  else if (scenario.name.endsWith('(new task definition)')) expect(lines).toEqual([]);
  else expect(lines, changes.join()).toHaveLength(changes.length);
}

describe.each(methodScenarios.map((scenario) => [scenario.name, scenario] as const))(
  '%s',
  (_name, scenario) => {
    test('logs one line for each change, and none without a change', async () => {
      for (const { lines, changes } of await runTwice(scenario)) {
        const made = lines.filter(({ level }) => level === 'info');
        const story = { scenario, changes, lines: made.map(({ message }) => message) };

        expect(lines.flatMap(problemsOf)).toEqual([]);
        expectLines(story);
        for (const { message, data } of made) expect(data, message).toHaveProperty('durationMs');
      }
    });
  },
);

describe('TrafficShifter.shiftTo', () => {
  test.each([
    { greenIsBad: false, writes: ['blue 90 %, green 10 %', 'blue 0 %, green 100 %'] },
    { greenIsBad: true, writes: ['blue 90 %, green 10 %', 'blue 100 %, green 0 %'] },
  ])(
    'logs each write with the previous weights and the duration (bad green: $greenIsBad)',
    async (release) => {
      const { cloud, settings } = makeWorld(release);
      const { clients, clock } = cloud;
      const logger = recorderOf(cloud);

      await makeShifter(settings, { clients, clock, logger }).shiftTo(
        'green',
        canary({ percent: 10, holdSeconds: 300 }),
      );

      const lines = logger.take();
      const linesOf = (wanted: string) => lines.filter(({ message }) => message === wanted);
      expect(lines.flatMap(problemsOf)).toEqual([]);
      // One line of the target, and one of the shift.
      for (const message of ['Changed traffic weights', 'Wrote weights of shift'])
        expect(linesOf(message).map(({ data }) => [data['from'], data['to'], data['durationMs']])).toEqual([
          ['blue 100 %, green 0 %', release.writes[0], 50],
          [release.writes[0], release.writes[1], 50],
        ]);
      expect(lines.at(-1)?.data['durationMs']).toBeGreaterThan(60_000);
    },
  );
});

describe('managedListenerRuleHandler', () => {
  test('logs one line with the duration for each change', async () => {
    const logger = createRecorder();
    const { cloud, stack, template } = managedRule({ handler: { logger } });
    const messages: string[][] = [];
    const take = async () => {
      // CloudFormation continues before the function has received the confirmation of its response.
      await cloud.clock.sleep(1000);
      const lines = logger.take();
      // The lines of the shift have their own test above.
      const made = lines.filter(({ level, message }) => level === 'info' && !/traffic|shift$/i.test(message));
      expect(lines.flatMap(problemsOf)).toEqual([]);
      for (const { message, data } of made) expect(data, message).toHaveProperty('durationMs');
      messages.push(made.map(({ message }) => message));
    };

    await stack.create(template({ blue: 100, green: 0 }));
    await take();
    await stack.update(template({ blue: 0, green: 100 }, { Hosts: ['example.org'], Priority: 12 }));
    await take();
    await stack.delete();
    await take();

    expect(messages).toEqual([
      ['Created listener rule', 'Sent response to CloudFormation'],
      [
        'Changed conditions of listener rule',
        'Changed priority of listener rule',
        'Sent response to CloudFormation',
      ],
      ['Deleted listener rule', 'Sent response to CloudFormation'],
    ]);
  });

  test('logs unchanged resources at debug, with the reason', async () => {
    const logger = createRecorder();
    const { cloud, stack, template, lambda } = managedRule({ handler: { logger } });

    await stack.create(template({ blue: 100, green: 0 }, { RetainOnDelete: true }));
    await lambda(stack.requests[0]?.event, { getRemainingTimeInMillis: () => 900_000 });
    await stack.delete();
    await cloud.clock.sleep(1000);

    const lines = logger.take();
    expect(lines.flatMap(problemsOf)).toEqual([]);
    expect(lines.filter(({ message }) => message !== 'Sent response to CloudFormation')).toMatchObject([
      { level: 'info', message: 'Created listener rule' },
      { level: 'debug', message: 'Repeated response to request', data: { status: 'SUCCESS' } },
      { level: 'debug', message: 'Kept listener rule', data: { reason: 'RetainOnDelete' } },
    ]);
  });
});
