import type { StackReference } from '../../src/core/stack-reference.js';
import type { SwapStep } from '../../src/swap/plan/step.js';
import { check } from '../../src/swap/steps/check.js';
import { createBlueGreen } from '../../src/swap/steps/create-blue-green.js';
import { createDatabase } from '../../src/swap/steps/create-database.js';
import { deleteDatabase } from '../../src/swap/steps/delete-database.js';
import { deleteTable } from '../../src/swap/steps/delete-table.js';
import { deregisterConsumer } from '../../src/swap/steps/deregister-consumer.js';
import { disableAlarms } from '../../src/swap/steps/disable-alarms.js';
import { disableEventMapping } from '../../src/swap/steps/disable-event-mapping.js';
import { disableRule } from '../../src/swap/steps/disable-rule.js';
import { disableSchedules } from '../../src/swap/steps/disable-schedules.js';
import { disableService } from '../../src/swap/steps/disable-service.js';
import { disableSubscription } from '../../src/swap/steps/disable-subscription.js';
import { enableAlarms } from '../../src/swap/steps/enable-alarms.js';
import { enableEventMapping } from '../../src/swap/steps/enable-event-mapping.js';
import { enableRule } from '../../src/swap/steps/enable-rule.js';
import { enableSchedules } from '../../src/swap/steps/enable-schedules.js';
import { enableService } from '../../src/swap/steps/enable-service.js';
import { enableSubscription } from '../../src/swap/steps/enable-subscription.js';
import { invokeFunction } from '../../src/swap/steps/invoke-function.js';
import { muteAlarms } from '../../src/swap/steps/mute-alarms.js';
import { purgeQueues } from '../../src/swap/steps/purge-queues.js';
import { registerConsumer } from '../../src/swap/steps/register-consumer.js';
import { scaleInReaders } from '../../src/swap/steps/scale-in-readers.js';
import { scaleOutReaders } from '../../src/swap/steps/scale-out-readers.js';
import { startDatabase } from '../../src/swap/steps/start-database.js';
import { startOrCreateDatabase } from '../../src/swap/steps/start-or-create-database.js';
import { stopDatabase } from '../../src/swap/steps/stop-database.js';
import { switchOverBlueGreen } from '../../src/swap/steps/switch-over-blue-green.js';
import type { StackTools, StackWorld } from './stack-world.js';

/** Ready-made step with the stack that it changes: green, which is off, or blue, which is on. */
export interface StepUnderTest {
  readonly name: string;
  readonly stack: StackReference;
  /** Steps that have to be done before, such as the start of the cluster whose readers are scaled. */
  readonly after?: (tools: StackTools) => SwapStep;
  readonly create: (tools: StackTools) => SwapStep;
  /** Changes the world before everything else. */
  readonly arrange?: (world: StackWorld) => void;
  /** Permissions that only a rare situation needs. */
  readonly rare?: readonly string[];
}

const ofMappings = ['lambda:GetEventSourceMapping'];
const ofSettings = ['rds:ModifyDBCluster', 'rds:EnableHttpEndpoint'];
const ofInstances = ['rds:ModifyDBInstance'];
const ofPower = ['rds:StartDBCluster', 'rds:StopDBCluster'];
const withoutGreenDatabase = ({ cloud }: StackWorld) => cloud.rds.removeCluster('orders-green');
const ofAliases = ['lambda:GetAlias'];

const schemaStep = ({ clients }: StackTools) =>
  invokeFunction({
    name: 'schema',
    functionName: 'create-schema',
    deletes: false,
    undo: { functionName: 'drop-schema' },
    clients: { lambda: clients.lambda },
  });

/** All ready-made steps. A new one adds a line here for the contract suite. */
export const allSteps: readonly StepUnderTest[] = [
  { name: 'startDatabase', stack: 'green', create: (it) => startDatabase(it.database) },
  { name: 'stopDatabase', stack: 'blue', create: (it) => stopDatabase(it.database) },
  {
    name: 'createDatabase',
    stack: 'green',
    arrange: withoutGreenDatabase,
    create: (it) => createDatabase(it.database, { from: 'clone' }),
    rare: ofSettings,
  },
  {
    name: 'createBlueGreen',
    stack: 'green',
    create: (it) => createBlueGreen(it.ledger, { green: { engineVersion: '8.0.mysql_aurora.3.08.0' } }),
    rare: ofInstances,
  },
  {
    name: 'switchOverBlueGreen',
    stack: 'green',
    after: (it) => createBlueGreen(it.ledger),
    create: (it) => switchOverBlueGreen(it.ledger),
  },
  {
    name: 'startOrCreateDatabase',
    stack: 'green',
    arrange: withoutGreenDatabase,
    create: (it) => startOrCreateDatabase(it.database, { from: 'clone' }),
    rare: [...ofSettings, ...ofPower],
  },
  {
    name: 'scaleOutReaders',
    stack: 'green',
    after: (it) => startDatabase(it.database),
    create: (it) => scaleOutReaders(it.database),
  },
  { name: 'scaleInReaders', stack: 'blue', create: (it) => scaleInReaders(it.database) },
  { name: 'deleteDatabase', stack: 'blue', create: (it) => deleteDatabase(it.database) },
  { name: 'purgeQueues', stack: 'green', create: (it) => purgeQueues(it.queues) },
  { name: 'enableSubscription', stack: 'green', create: (it) => enableSubscription(it.subscriptions) },
  { name: 'disableSubscription', stack: 'blue', create: (it) => disableSubscription(it.subscriptions) },
  {
    name: 'enableEventMapping',
    stack: 'green',
    create: (it) => enableEventMapping(it.reader),
    rare: ofMappings,
  },
  {
    name: 'disableEventMapping',
    stack: 'blue',
    create: (it) => disableEventMapping(it.reader),
    rare: ofMappings,
  },
  { name: 'enableRule', stack: 'green', create: (it) => enableRule(it.reader), rare: ofAliases },
  { name: 'disableRule', stack: 'blue', create: (it) => disableRule(it.reader), rare: ofAliases },
  { name: 'registerConsumer', stack: 'green', create: (it) => registerConsumer(it.consumers) },
  { name: 'deregisterConsumer', stack: 'blue', create: (it) => deregisterConsumer(it.consumers) },
  { name: 'enableAlarms', stack: 'green', create: (it) => enableAlarms(it.alarms) },
  { name: 'disableAlarms', stack: 'blue', create: (it) => disableAlarms(it.alarms) },
  { name: 'enableSchedules', stack: 'green', create: (it) => enableSchedules(it.schedules) },
  { name: 'disableSchedules', stack: 'blue', create: (it) => disableSchedules(it.schedules) },
  { name: 'muteAlarms', stack: 'green', create: (it) => muteAlarms(it.alarms) },
  { name: 'enableService', stack: 'green', create: (it) => enableService(it.services) },
  { name: 'disableService', stack: 'blue', create: (it) => disableService(it.services) },
  { name: 'deleteTable', stack: 'blue', create: (it) => deleteTable(it.tables) },
  { name: 'invokeFunction', stack: 'green', create: schemaStep },
  { name: 'check', stack: 'green', create: (it) => check(it.healthy) },
];
