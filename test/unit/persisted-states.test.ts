import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseBlueGreenState } from '../../src/aurora/blue-green/state.js';
import { parseDelegated } from '../../src/custom-resource/engines/delegate.js';
import { recordsIn, tagOfRecord } from '../../src/custom-resource/ledger/run-record.js';
import { ownerIn, ownerTags } from '../../src/custom-resource/rule/rule-settings.js';
import { parseDurableOptions, parseDurableRequest } from '../../src/durable/settings.js';
import { parsePauseState } from '../../src/ecs-deployments/pause-state.js';
import { parseEcsHookEvent } from '../../src/hooks/ecs-event.js';
import { configuredDetails, readProgress, writeProgress } from '../../src/hooks/ecs-hook-details.js';
import { ecsLifecycleHook } from '../../src/hooks/index.js';
import { SafeResumable } from '../../src/resumable/safe-resumable.js';
import { parseTask, parseTaskRequest } from '../../src/step-functions/parse-task.js';
import { fromAttributes, toAttributes } from '../../src/swap/dynamo/attributes.js';
import { parseSwapRecordItem } from '../../src/swap/record/parse-record-item.js';
import { VirtualClock } from '../../src/testing/index.js';
import { parseShiftState } from '../../src/traffic/shift/parse-state.js';
import { parseShiftRequest } from '../../src/traffic/shift/shift-request.js';
import { type ShiftState, shiftStateVersion } from '../../src/traffic/shift/shift-state.js';
import { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import { makeContext, makeLogger } from '../support/ecs-hook.js';
import { FakeTarget } from '../support/fake-target.js';
import { filesIn } from '../support/files-in.js';
import { root } from '../support/guide-programs.js';

const folder = join(root, 'test/fixtures/states');

// biome-ignore lint/suspicious/noExplicitAny: fixtures are JSON of many forms, and their readers parse them
type Fixture = any;

const shifter = new SafeResumable(
  new TrafficShifter({ target: new FakeTarget({ clock: new VirtualClock() }) }),
);

/**
 * Reads a fixture as the package does. Expects every field in the result, so that no field of a released form can be
 * renamed or dropped.
 */
const readers: Readonly<Record<string, (fixture: Fixture) => void | Promise<void>>> = {
  'shift-state': (state) => expect(parseShiftState(state)).toEqual(state),

  'step-functions': (state) => {
    for (const [action, more] of [
      ['advance', {}],
      ['decide', { heldAt: { key: '50', detail: 'go past 50 %' }, answer: { approved: true } }],
      ['rollBack', { failure: { Error: 'Lambda.Unknown' } }],
    ] as const) {
      const { state: kept, approved, calls, input } = state;
      const task = parseTask({ action, state: { ...state, ...more } }, {});

      expect(task).toMatchObject({ action, state: kept, approved, calls, input });
      expect(shifter.parseState(task.state)).toEqual(kept);
      expect(parseTaskRequest(task, shifter, { isApproved: () => true })).toMatchObject({
        incoming: 'green',
      });
    }
  },

  durable: (request) => {
    const settings = parseDurableOptions({ requestApproval: () => undefined });
    const { request: kept, ...continued } = request.continued;

    expect(parseDurableRequest(request, shifter, settings)).toEqual({ request: kept, continued });
  },

  'custom-resource/execution-input': (input) => {
    const { event, run, ruleArns, plan } = input.customResource;

    expect(parseDelegated(input)).toEqual({ event, run, ruleArns, plan });
    expect(parseShiftRequest(input.request)).toMatchObject(input.request);
  },

  'custom-resource/rule-tags': (tags: { Key: string; Value: string }[]) => {
    const owner = ownerIn(tags);
    const records = tags.flatMap(recordsIn);

    expect([...(owner === undefined ? [] : ownerTags(owner)), ...records.map(tagOfRecord)]).toEqual(tags);
  },

  'blue-green': (state) => expect(parseBlueGreenState(state)).toEqual(state),

  'ecs-pause': (state) => expect(parsePauseState(state)).toEqual(state),

  'swap-record': (item) => expect(parseSwapRecordItem(item, item.application)).toEqual(item),

  'swap-record/dynamo-item': (attributes) => {
    const stored = fromAttributes(attributes, attributes.application.S);
    const item = parseSwapRecordItem(stored, attributes.application.S);
    if (item === undefined) return expect.unreachable('no item');

    expect(toAttributes({ item, text: attributes.record.S })).toEqual(attributes);
    expect(item).toEqual(JSON.parse(attributes.record.S));
  },

  'ecs-hook/event-during-a-poll': (event) => {
    expectProgress(event);
  },

  'ecs-hook/event-during-a-shift': async (event) => {
    const { state } = expectProgress(event).run as { state: ShiftState };
    const advanced: ShiftState[] = [];
    const clock = new VirtualClock(new Date(state.readAt));
    const shifter = {
      begin: () => expect.unreachable('begins a second shift'),
      advance: async (given: ShiftState) => {
        advanced.push(given);
        return { state: given, waitSeconds: 30, events: [] };
      },
      rollBack: () => expect.unreachable('rolls back'),
    };
    const hook = ecsLifecycleHook(
      { [event.lifecycleStage]: [{ name: 'shift', shifter, request: () => expect.unreachable() }] },
      { clock, logger: makeLogger() },
    );

    expect((await hook(event, makeContext(clock))).hookStatus).toBe('IN_PROGRESS');
    expect(advanced[0]).toEqual(state);
  },
};

/** Expects that the progress in the hook details reads and writes every field, and returns it. */
function expectProgress(event: Fixture) {
  const execution = parseEcsHookEvent(event);
  const progress = readProgress(execution);
  if (progress === undefined) return expect.unreachable('no progress of this execution');
  const written = writeProgress({ ...execution, hookDetails: configuredDetails(execution) }, progress);
  const parsed = ({ 'aws-blue-green-toolkit': own, ...details }: Fixture) => ({
    ...details,
    own: JSON.parse(own),
  });

  expect(parsed(written)).toEqual(parsed(event.hookDetails));
  return progress;
}

const fixtures = filesIn(folder)
  .map((file) => relative(folder, file))
  .toSorted();

/** The reader of a file such as `shift-state/v1-begun.json` or `custom-resource/v1-rule-tags.json`. */
function readerOf(file: string) {
  const form = basename(file, '.json').replace(/^v\d+-/, '');
  return readers[`${dirname(file)}/${form}`] ?? readers[dirname(file)];
}

describe('Persisted states of every release', () => {
  test.each(fixtures)('reads %s', async (file) => {
    const fixture: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));

    await readerOf(file)?.(fixture);

    expect(readerOf(file)).toBeDefined();
  });

  test.each(Object.keys(readers))('has a fixture of %s', (kind) => {
    expect(fixtures.some((file) => readerOf(file) === readers[kind])).toBe(true);
  });

  test('has a shift in each phase, in the present form', () => {
    const states = readdirSync(join(folder, 'shift-state'))
      .map((file): ShiftState => JSON.parse(readFileSync(join(folder, 'shift-state', file), 'utf8')))
      .filter(({ version }) => version === shiftStateVersion);

    expect([...new Set(states.map(({ phase }) => phase))].toSorted()).toEqual([
      'halted',
      'rolledBack',
      'rollingBack',
      'shifting',
      'succeeded',
    ]);
  });
});
