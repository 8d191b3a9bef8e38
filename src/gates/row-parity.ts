import type { RDSDataClient } from '@aws-sdk/client-rds-data';
import * as v from 'valibot';
import { callAws } from '../core/aws-call.js';
import type { ClientOptions } from '../core/clients.js';
import { messageOf } from '../core/describe-error.js';
import { OperationAbortedError } from '../core/errors.js';
import { classifyFailure } from '../core/failures.js';
import { type Loaded, lazyClient, readyClients } from '../core/lazy-client.js';
import { nonEmptyString, stackPair, strictObject } from '../core/schemas.js';
import { rdsDataModule } from '../core/sdk-modules-of-gates.js';
import type { StackPair } from '../core/stack-reference.js';
import { clientOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { Check } from '../traffic/types.js';
import { cellOf, compareRows, type Rows } from './compare-rows.js';
import { createGate } from './gate.js';
import { type GateOptions, gateEntries } from './gate-options.js';
import { gatePermissions } from './permissions.js';

/** Clients of {@link rowParity}. */
export interface RowParityClients {
  /** RDS Data API. */
  readonly rdsData: RDSDataClient;
}

/** Database of one stack, as the RDS Data API names it. */
export interface DataApiDatabase {
  /** ARN of the Aurora cluster. Its HTTP endpoint must be enabled. */
  readonly clusterArn: string;
  /** ARN of the secret in Secrets Manager with the user and the password. */
  readonly secretArn: string;
  /**
   * Name of the database.
   * @default the default database of the cluster, or the `dbname` of the secret
   */
  readonly database?: string | undefined;
}

/** Options of {@link rowParity}. */
export type RowParityOptions = GateOptions &
  ClientOptions<RowParityClients> & {
    /** Databases to compare. */
    readonly databases: StackPair<DataApiDatabase>;
    /**
     * Query that runs on both, such as `SELECT count(*), max(id) FROM orders`. It begins with SELECT or WITH, and changes no rows:
     * quote a column that is called delete or update, and write a quote in a text twice. Add an ORDER BY when it returns several rows:
     * they are compared in order. A result above 1 MB is an error of the Data API.
     */
    readonly sql: string;
    /**
     * Highest difference of two numbers.
     * @default 0
     */
    readonly tolerance?: number | undefined;
    /**
     * Highest difference of two numbers, in percent of the larger one. Not together with `tolerance`.
     * @default 0
     */
    readonly tolerancePercent?: number | undefined;
  };

const arn = v.pipe(
  nonEmptyString,
  v.check((value) => value.startsWith('arn:'), 'an ARN'),
);

const limit = v.pipe(
  v.number(),
  v.check((value) => value >= 0 && Number.isFinite(value), 'a number, 0 or more'),
);

/** Text, quoted names and comments of SQL. */
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** A second statement, or one that changes rows, which PostgreSQL and MySQL allow after a WITH. */
const change = /;\s*\S|\b(insert|merge)\s+into\b|\bdelete\b[\s\w,.]*\bfrom\b|\bupdate\b[^;]*\bset\b/i;

const optionsSchema = v.pipe(
  strictObject({
    ...gateEntries,
    ...clientOptionsEntries,
    databases: strictObject(
      stackPair(strictObject({ clusterArn: arn, secretArn: arn, database: v.optional(nonEmptyString) })),
    ),
    sql: v.pipe(
      nonEmptyString,
      v.check((text) => /^[\s(]*(select|with)\b/i.test(text), 'a query that begins with SELECT or WITH'),
      v.check((text) => !change.test(text.replace(quoted, ' ')), 'one query that only reads'),
    ),
    tolerance: v.optional(limit),
    tolerancePercent: v.optional(limit),
  }),
  v.forward(
    v.check(
      ({ tolerance, tolerancePercent }) => tolerance === undefined || tolerancePercent === undefined,
      'nothing with tolerance',
    ),
    ['tolerancePercent'],
  ),
  v.forward(
    v.check(
      ({ databases: { blue, green } }) =>
        blue.clusterArn !== green.clusterArn || blue.database !== green.database,
      'another database than that of blue',
    ),
    ['databases'],
  ),
);

type RdsDataModule = typeof import('@aws-sdk/client-rds-data');

/**
 * Passes when one query returns the same on the databases of both stacks. The comparison keeps every digit of whole numbers and
 * decimals. A paused Aurora Serverless cluster is waited for while it resumes. A query without any value, such as the maximum of an
 * empty table, is inconclusive.
 *
 * @example
 * ```ts
 * import { rowParity } from 'aws-blue-green-toolkit/gates';
 * import { check } from 'aws-blue-green-toolkit/swap';
 *
 * declare const databases: Parameters<typeof rowParity>[0]['databases'];
 *
 * const complete = check(rowParity({ databases, sql: 'SELECT count(*) FROM orders', tolerance: 10 }));
 * ```
 *
 * @remarks IAM: rds-data:ExecuteStatement, secretsmanager:GetSecretValue
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function rowParity(options: RowParityOptions): Check {
  const settings = parseInput('rowParity options', optionsSchema, options);
  const { databases, sql, tolerance: absolute, tolerancePercent: percent } = settings;
  const { ready, config } = readyClients<RowParityClients>(settings, ['rdsData']);
  const load = lazyClient(rdsDataModule, { ready: ready.rdsData, config }, (sdk) => sdk.RDSDataClient);
  return createGate({
    name:
      settings.name ?? `rowParity ${databases.blue.database ?? ''} ${sql}`.replace(/\s+/g, ' ').slice(0, 80),
    settings,
    permissions: gatePermissions.rowParity,
    async read({ signal }) {
      const loaded = await load();
      const query = (database: DataApiDatabase) => execute(loaded, { database, sql, signal });
      const [blue, green] = await Promise.all([query(databases.blue), query(databases.green)]);
      const waiting = [blue, green].find((it) => typeof it === 'string');
      if (typeof blue === 'string' || typeof green === 'string')
        return { state: 'early', detail: `not available now: ${waiting}` };
      return compareRows(blue, green, { absolute, percent });
    },
  });
}

/** Returns the rows, or the reason why the database does not respond now. */
async function execute(
  { sdk, client }: Loaded<RdsDataModule, RDSDataClient>,
  {
    database,
    sql,
    signal,
  }: { readonly database: DataApiDatabase; readonly sql: string; readonly signal: AbortSignal },
): Promise<Rows | string> {
  const { clusterArn: resource, secretArn, database: name } = database;
  const command = new sdk.ExecuteStatementCommand({
    resourceArn: resource,
    secretArn,
    sql,
    database: name,
    // A number of JavaScript would lose the digits of a long.
    resultSetOptions: { longReturnType: 'STRING', decimalReturnType: 'STRING' },
  });
  try {
    const call = { action: 'rds-data:ExecuteStatement', resource, signal };
    const { records = [] } = await callAws(call, (http) => client.send(command, http));
    return records.map((row) => row.map(cellOf));
  } catch (error) {
    if (error instanceof OperationAbortedError || classifyFailure(error) !== 'passing') throw error;
    return `${resource}: ${messageOf(error)}`;
  }
}
