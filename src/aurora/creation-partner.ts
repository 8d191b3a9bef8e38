import type { DBCluster, DBInstance } from '@aws-sdk/client-rds';
import type { CallOptions } from '../core/aws-call.js';
import type { CreateDatabaseOptions, DatabaseSource } from './creation-types.js';
import { type DatabaseSetting, type DatabaseSettings, readSettings } from './database-settings.js';
import type { RdsApi } from './rds-api.js';

/** The database of the other stack, from which a new one is cloned or takes its settings. It is only read. */
export interface Partner {
  readonly cluster: DBCluster;
  readonly identifier: string;
}

/** Reads the partner; undefined when it does not exist any more. */
export async function findPartner(
  api: RdsApi,
  identifier: string,
  options: CallOptions,
): Promise<Partner | undefined> {
  const cluster = await api.findCluster(identifier, options);
  return cluster && { cluster, identifier };
}

/** Settings of a new database, and the names of those that are the partner's. */
export interface MergedSettings {
  readonly settings: DatabaseSettings;
  readonly copied: readonly DatabaseSetting[];
}

/** Settings that the source of a clone or a restored snapshot decides. */
const ofSource: readonly DatabaseSetting[] = [
  'kmsKeyId',
  'engineVersion',
  'databaseName',
  'masterUsername',
  'characterSet',
];

/** Settings that the call which creates an empty cluster does not take. */
const notOfEmpty: readonly DatabaseSetting[] = ['internetAccessGateway'];

/** Merges the given settings with those of the partner. Its writer has the settings of the instances. */
export function mergeSettings(
  { cluster }: Partner,
  instances: readonly DBInstance[],
  { from, settings: given = {} }: Pick<CreateDatabaseOptions, 'from' | 'settings'>,
): MergedSettings {
  const writer = cluster.DBClusterMembers?.find((it) => it.IsClusterWriter)?.DBInstanceIdentifier;
  const model = instances.find((it) => it.DBInstanceIdentifier === writer) ?? instances[0];
  const read: DatabaseSettings = readSettings(cluster, model);
  const left = from === 'empty' ? notOfEmpty : ofSource;
  const names = settingNames(read).filter((name) => given[name] === undefined && !left.includes(name));
  const copied = Object.fromEntries(names.map((name) => [name, read[name]]));
  return { settings: { ...copied, ...given }, copied: names.sort() };
}

function settingNames(settings: DatabaseSettings): DatabaseSetting[] {
  return (Object.keys(settings) as DatabaseSetting[]).filter((name) => settings[name] !== undefined);
}

/**
 * Names a source in a tag. The resource ID distinguishes two clusters that had the same name one after the other; without a partner
 * the text has none.
 */
export function sourceText(from: DatabaseSource, partner: string, resourceId = ''): string {
  if (from === 'empty') return 'empty';
  if (from === 'clone') return `clone/${partner}/${resourceId}`;
  return `snapshot/${from.snapshotIdentifier}`;
}
