import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import type { SwapStep } from '../../../../src/swap/plan/step.js';
import { check } from '../../../../src/swap/steps/check.js';
import { createDatabase } from '../../../../src/swap/steps/create-database.js';
import { deleteDatabase } from '../../../../src/swap/steps/delete-database.js';
import { deleteTable } from '../../../../src/swap/steps/delete-table.js';
import { deregisterConsumer } from '../../../../src/swap/steps/deregister-consumer.js';
import { disableAlarms } from '../../../../src/swap/steps/disable-alarms.js';
import { disableEventMapping } from '../../../../src/swap/steps/disable-event-mapping.js';
import { disableRule } from '../../../../src/swap/steps/disable-rule.js';
import { disableService } from '../../../../src/swap/steps/disable-service.js';
import { disableSubscription } from '../../../../src/swap/steps/disable-subscription.js';
import { enableAlarms } from '../../../../src/swap/steps/enable-alarms.js';
import { enableEventMapping } from '../../../../src/swap/steps/enable-event-mapping.js';
import { enableRule } from '../../../../src/swap/steps/enable-rule.js';
import { enableService } from '../../../../src/swap/steps/enable-service.js';
import { enableSubscription } from '../../../../src/swap/steps/enable-subscription.js';
import { purgeQueues } from '../../../../src/swap/steps/purge-queues.js';
import { registerConsumer } from '../../../../src/swap/steps/register-consumer.js';
import { scaleInReaders } from '../../../../src/swap/steps/scale-in-readers.js';
import { scaleOutReaders } from '../../../../src/swap/steps/scale-out-readers.js';
import { startDatabase } from '../../../../src/swap/steps/start-database.js';
import { startOrCreateDatabase } from '../../../../src/swap/steps/start-or-create-database.js';
import { stopDatabase } from '../../../../src/swap/steps/stop-database.js';
import { hostileNumbers, hostileValues } from '../../../support/hostile-values.js';
import { invalidOptions } from '../../../support/method-options.js';
import { stepContext } from '../../../support/step-context.js';

type Create = (tool: never, options: never) => SwapStep;

/** Every step of a tool, with its default name and the methods that it calls. */
const steps: readonly (readonly [name: string, create: Create, methods: string])[] = [
  ['start database', startDatabase, 'getClusterState startDatabase stopDatabase'],
  ['stop database', stopDatabase, 'getClusterState startDatabase stopDatabase'],
  ['scale out readers', scaleOutReaders, 'getReaderBounds getReaderCount scaleOut setReaderBounds'],
  ['scale in readers', scaleInReaders, 'getReaderBounds scaleIn setReaderBounds'],
  ['create database', createDatabase, 'getDatabaseCreation createDatabase deleteCreatedDatabase'],
  [
    'start or create database',
    startOrCreateDatabase,
    'getDatabaseCreation createDatabase deleteCreatedDatabase getClusterState startDatabase stopDatabase',
  ],
  ['delete database', deleteDatabase, 'deleteDatabase waitForClusterState'],
  ['purge queues', purgeQueues, 'purgeQueues'],
  ['enable subscription', enableSubscription, 'describeSubscriptions enableSubscription disableSubscription'],
  [
    'disable subscription',
    disableSubscription,
    'describeSubscriptions enableSubscription disableSubscription',
  ],
  [
    'enable event mapping',
    enableEventMapping,
    'listEventSourceMappings waitForEventMappingState enableEventMapping disableEventMapping',
  ],
  [
    'disable event mapping',
    disableEventMapping,
    'listEventSourceMappings waitForEventMappingState enableEventMapping disableEventMapping',
  ],
  ['enable rule', enableRule, 'listRules enableRule disableRule'],
  ['disable rule', disableRule, 'listRules enableRule disableRule'],
  ['register consumer', registerConsumer, 'describeConsumer registerConsumer deregisterConsumer'],
  ['deregister consumer', deregisterConsumer, 'describeConsumer registerConsumer deregisterConsumer'],
  ['enable alarms', enableAlarms, 'listAlarms enableAlarmsActions disableAlarmsActions'],
  ['disable alarms', disableAlarms, 'listAlarms enableAlarmsActions disableAlarmsActions'],
  ['enable service', enableService, 'getServiceCounts enableService disableService'],
  ['disable service', disableService, 'getServiceCounts enableService disableService'],
  ['delete table', deleteTable, 'deleteTable waitForTableDeleted'],
  ['healthy', check, 'evaluate'],
];

function toolOf(methods: string): Record<string, unknown> {
  return { name: 'healthy', ...Object.fromEntries(methods.split(' ').map((it) => [it, async () => true])) };
}

/** Adds the required options of a step to usable ones. */
function withRequired(name: string, options: unknown): unknown {
  const isInvalid = invalidOptions.some(([, it]) => it === options);
  return isInvalid || !/create database/.test(name) ? options : { from: 'clone', ...(options as object) };
}

const withOptions = [
  ['name', ['', 5, null]],
  ['stack', ['blue', 'both', null]],
  ['maxWaitSeconds', [...hostileNumbers, '60', null]],
  ['intervalSeconds', [...hostileNumbers, 0, '60', null]],
  ['undoMaxWaitSeconds', [...hostileNumbers, '60', null]],
] as const;

describe.each(steps)('%s', (name, create, methods) => {
  const make = (options?: unknown) => create(toolOf(methods) as never, withRequired(name, options) as never);

  test('has its default name, and takes the options of a step', () => {
    const options = { name: 'other', stack: 'incoming', maxWaitSeconds: 5, intervalSeconds: 2 };

    expect(make().name).toBe(name);
    expect(make({ ...options, undoMaxWaitSeconds: 7 })).toMatchObject({ ...options, undoMaxWaitSeconds: 7 });
  });

  test.each(invalidOptions)('throws InvalidInputError when the options are %s', (_, options) => {
    expect(() => make(options)).toThrow(InvalidInputError);
  });

  test.each(withOptions)('throws InvalidInputError for an invalid %s', (option, values) => {
    for (const value of values) expect(() => make({ [option]: value })).toThrow(InvalidInputError);
    for (const [, value] of hostileValues) expect(() => make({ [option]: value })).toThrow(InvalidInputError);
  });

  test('names the nearest known option for an unknown one', () => {
    expect(() => make({ maxWaitSecond: 5 })).toThrow('did you mean maxWaitSeconds?');
  });

  test('throws InvalidInputError when a method is missing', () => {
    for (const method of methods.split(' ')) {
      const { [method]: _, ...tool } = toolOf(methods);
      expect(() => create(tool as never, undefined as never)).toThrow(InvalidInputError);
      expect(() => create(tool as never, undefined as never)).toThrow(method);
    }
    for (const [, tool] of [...hostileValues, ['nothing', undefined] as const])
      expect(() => create(tool as never, undefined as never)).toThrow(InvalidInputError);
  });

  test('throws InvalidInputError from its undo when the recorded state is malformed', async () => {
    const { undo, isUndone, before } = make();
    if (undo === 'none' || before === undefined) return;

    for (const recorded of [undefined, null, 5, 'stopped', [], {}, { only: [5] }]) {
      await expect(async () => undo(stepContext(), recorded as never)).rejects.toThrow(InvalidInputError);
      await expect(async () => isUndone?.(stepContext(), recorded as never)).rejects.toThrow(
        InvalidInputError,
      );
    }
  });
});

describe.each([
  ['create database', createDatabase],
  ['start or create database', startOrCreateDatabase],
] as const)('%s', (name, create: Create) => {
  const methods = steps.find(([it]) => it === name)?.[2] ?? '';

  test.each([
    undefined,
    {},
    { from: 'copy' },
    { from: { snapshotIdentifier: '' } },
    { from: 'clone', settings: { password: 'x' } },
    { from: 'clone', settings: { engineVersion: '16.4' } },
    { from: 'empty', settings: { managedMasterPassword: false } },
  ])('throws InvalidInputError for %o', (options) => {
    expect(() => create(toolOf(methods) as never, options as never)).toThrow(InvalidInputError);
  });
});

describe.each([
  ['enable event mapping', enableEventMapping],
  ['disable event mapping', disableEventMapping],
  ['enable rule', enableRule],
  ['disable rule', disableRule],
  ['enable alarms', enableAlarms],
  ['disable alarms', disableAlarms],
  ['delete table', deleteTable],
] as const)('%s', (name, create: Create) => {
  test('throws InvalidInputError for an invalid option of its own', () => {
    const methods = steps.find(([it]) => it === name)?.[2] ?? '';
    const option = name === 'delete table' ? 'backup' : 'allowNone';

    for (const value of ['yes', 1, null])
      expect(() => create(toolOf(methods) as never, { [option]: value } as never)).toThrow(InvalidInputError);
  });
});
