import { RDSClient } from '@aws-sdk/client-rds';
import * as v from 'valibot';
import { resolveClients } from '../../core/clients.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import {
  callOptionsEntries,
  seconds,
  secondsFrom,
  strictObject,
  waitOptionsEntries,
} from '../../core/schemas.js';
import { clientOptionsOf, toolDependencies, toolOptionsEntries } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import { clusterIdentifier } from '../identifiers.js';
import { createdEntries, greenSchema, limitEntries, nameEntries } from './green-options.js';
import type { RdsBlueGreenClients, RdsBlueGreenOptions, ResolvedBlueGreenRequest } from './types.js';

/** The production database. */
export interface SourceName {
  readonly kind: 'cluster' | 'instance';
  readonly identifier: string;
}

/** Options with their defaults. */
export interface BlueGreenSettings {
  readonly source: SourceName;
  readonly rds: RDSClient;
  /** Ready client, or the configuration of the one that is created at the first use. */
  readonly cloudWatch: Pick<RdsBlueGreenOptions, 'clients' | 'clientConfig'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly intervalSeconds: number;
}

function optionsSchema() {
  return v.pipe(
    strictObject({
      ...toolOptionsEntries,
      clusterIdentifier: v.optional(clusterIdentifier),
      instanceIdentifier: v.optional(clusterIdentifier),
      intervalSeconds: v.optional(secondsFrom(1, 3600), 30),
    }),
    v.forward(
      v.partialCheck(
        [['clusterIdentifier'], ['instanceIdentifier']],
        ({ clusterIdentifier: cluster, instanceIdentifier: instance }) =>
          (cluster === undefined) !== (instance === undefined),
        'a cluster, or an instanceIdentifier',
      ),
      ['clusterIdentifier'],
    ),
  );
}

/** @throws InvalidInputError that names every wrong option. */
export function parseBlueGreenOptions(options: RdsBlueGreenOptions): BlueGreenSettings {
  const parsed = parseInput('RdsBlueGreen options', optionsSchema(), options);
  const { clusterIdentifier: cluster, instanceIdentifier: instance, intervalSeconds } = parsed;
  const clients = clientOptionsOf<RdsBlueGreenClients>(parsed);
  const { rds } = resolveClients<RdsBlueGreenClients, 'cloudWatch'>(clients, { rds: RDSClient }, [
    'cloudWatch',
  ]);
  return {
    source: {
      kind: cluster === undefined ? 'instance' : 'cluster',
      identifier: cluster ?? instance ?? '',
    },
    rds,
    cloudWatch: clients,
    ...toolDependencies(parsed),
    intervalSeconds,
  };
}

/** Entries of the request, which a state contains, too. */
export function requestEntries() {
  return {
    ...nameEntries(),
    ...limitEntries(),
    ...createdEntries(),
    switchOver: v.optional(v.picklist(['atOnce', 'afterApproval', 'no']), 'atOnce'),
    maxGuardrailWaitSeconds: v.optional(seconds, 3600),
    deleteDeployment: v.optional(v.boolean(), false),
  };
}

/** Settings that RDS takes only for an instance, and only for a cluster. */
const ofInstance = [
  'instanceClass',
  'storageType',
  'allocatedStorage',
  'iops',
  'storageThroughput',
  'upgradeStorageConfig',
] as const;
const ofCluster = ['clusterParameterGroupName'] as const;

/** Schema of the changes that a kind of database can have. */
function greenOf(kind: SourceName['kind']) {
  const foreign: readonly string[] = kind === 'cluster' ? ofInstance : ofCluster;
  const { entries } = greenSchema();
  const allowed = Object.entries(entries).filter(([name]) => !foreign.includes(name));
  return strictObject(Object.fromEntries(allowed) as typeof entries);
}

/** @throws InvalidInputError that names every wrong field, also one that the kind of database does not have. */
export function parseBlueGreenRequest({ kind }: SourceName, value: unknown): ResolvedBlueGreenRequest {
  const schema = strictObject({ ...requestEntries(), green: v.optional(greenOf(kind), {}) });
  return parseInput('RdsBlueGreen request', schema, value);
}

/** @throws InvalidInputError */
export function parseCreateDeploymentOptions({ kind }: SourceName, value: unknown) {
  const schema = strictObject({
    ...callOptionsEntries,
    ...nameEntries(),
    ...createdEntries(),
    green: v.optional(greenOf(kind), {}),
  });
  return parseInput('createDeployment options', schema, value);
}

/** @throws InvalidInputError */
export function parseGetOptions(value: unknown, method = 'getDeployment') {
  return parseInput(`${method} options`, strictObject({ ...callOptionsEntries, ...nameEntries() }), value);
}

/** @throws InvalidInputError */
export function parseSwitchOverOptions(method: string, value: unknown) {
  return parseInput(
    `${method} options`,
    strictObject({ ...callOptionsEntries, ...nameEntries(), ...limitEntries() }),
    value,
  );
}

/** @throws InvalidInputError */
export function parseDeleteOptions(method: string, value: unknown) {
  return parseInput(`${method} options`, strictObject({ ...waitOptionsEntries, ...nameEntries() }), value);
}
