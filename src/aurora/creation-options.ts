import * as v from 'valibot';
import { invalidInput } from '../core/errors.js';
import { callOptionsEntries, nonEmptyString, strictObject, waitOptionsEntries } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type {
  CreateDatabaseOptions,
  DatabaseCreationQuery,
  DatabaseSource,
  DeleteCreatedDatabaseOptions,
} from './creation-types.js';
import { advancedRetentionDays, type DatabaseSettings, settingsSchema } from './database-settings.js';
import { tagValue } from './identifiers.js';

/** An ID that a tag can hold. */
const creationId = v.pipe(nonEmptyString, tagValue);

/** Longest source, so that its tag has room for the kind of source. */
const maxSnapshotLength = 240;

const snapshotSource = strictObject({
  snapshotIdentifier: v.pipe(
    nonEmptyString,
    tagValue,
    v.check((value) => value.length <= maxSnapshotLength, `at most ${maxSnapshotLength} characters`),
  ),
});

const isSnapshot = (value: unknown) => typeof value === 'object' && value !== null;

/** Parsed by kind, so that a problem of a snapshot names its field. */
const source = v.lazy((value): v.GenericSchema<DatabaseSource> => {
  return isSnapshot(value) ? snapshotSource : v.picklist(['clone', 'empty'], sourceText);
});
const sourceText = "'clone', 'empty' or an object with snapshotIdentifier";

export const sourceEntries = {
  from: source,
  settings: v.optional(settingsSchema),
};

const createSchema = strictObject({
  ...waitOptionsEntries,
  ...sourceEntries,
  creationId: v.optional(creationId),
});
const querySchema = strictObject({ ...callOptionsEntries, creationId: v.optional(creationId) });
const deleteCreatedSchema = strictObject({ ...waitOptionsEntries, creationId });

/** Settings that the source of a clone or a restored snapshot decides. */
const ofEmptyOnly = ['engineVersion', 'databaseName', 'masterUsername', 'characterSet'] as const;

/** @throws InvalidInputError also for a setting that the source does not allow. */
export function parseCreateOptions(options: unknown): CreateDatabaseOptions {
  return requireAllowed(
    'createDatabase options',
    parseInput('createDatabase options', createSchema, options as CreateDatabaseOptions),
  );
}

/** @throws InvalidInputError for a setting that the source does not allow. */
export function requireAllowed<Options extends Pick<CreateDatabaseOptions, 'from' | 'settings'>>(
  subject: string,
  options: Options,
): Options {
  const { from, settings = {} } = options;
  const given = ofEmptyOnly.find((name) => settings[name] !== undefined);
  if (from !== 'empty' && given !== undefined)
    throw invalidInput(subject, {
      field: `settings.${given}`,
      expected: "nothing, because only from: 'empty' has a choice",
      actual: `${settings[given]}`,
    });
  if (from === 'empty' && settings.managedMasterPassword === false)
    throw invalidInput(subject, {
      field: 'settings.managedMasterPassword',
      expected: "true or nothing with from: 'empty'",
      actual: 'false',
    });
  if (from === 'empty' && settings.internetAccessGateway === true)
    throw invalidInput(subject, {
      field: 'settings.internetAccessGateway',
      expected: "false or nothing with from: 'empty'",
      actual: 'true',
    });
  return options;
}

/**
 * Refuses settings of Database Insights that RDS would refuse only when the cluster exists. Those of the partner alone are not checked.
 *
 * @throws InvalidInputError
 */
export function requireInsights(given: DatabaseSettings, merged: DatabaseSettings): void {
  const { databaseInsightsMode, performanceInsights } = merged;
  if (given.databaseInsightsMode === undefined && given.performanceInsights === undefined) return;
  if (databaseInsightsMode !== 'advanced') return;
  const { enabled = false, retentionDays = 7 } = performanceInsights ?? {};
  if (enabled && retentionDays >= advancedRetentionDays) return;
  throw invalidInput('createDatabase options', {
    field: 'settings.performanceInsights',
    expected: `enabled with ${advancedRetentionDays} retentionDays or more, because databaseInsightsMode is advanced`,
    actual: enabled ? `enabled with ${retentionDays} retentionDays` : 'not enabled',
  });
}

/**
 * Refuses serverless instances without a capacity, because RDS would refuse them only when the cluster exists.
 *
 * @throws InvalidInputError
 */
export function requireCapacity({ instanceClass, serverlessScaling }: DatabaseSettings): void {
  if (instanceClass !== 'db.serverless' || serverlessScaling !== undefined) return;
  throw invalidInput('createDatabase options', {
    field: 'settings.serverlessScaling',
    expected: 'a capacity for instances of the class db.serverless',
    actual: "nothing, and the partner's cluster has none",
  });
}

export function parseCreationQuery(options: unknown) {
  return parseInput('getDatabaseCreation options', querySchema, options as DatabaseCreationQuery);
}

export function parseDeleteCreated(options: unknown) {
  return parseInput(
    'deleteCreatedDatabase options',
    deleteCreatedSchema,
    options as DeleteCreatedDatabaseOptions,
  );
}
