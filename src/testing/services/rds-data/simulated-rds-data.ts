import {
  DatabaseErrorException,
  DatabaseNotFoundException,
  DatabaseResumingException,
  type ExecuteStatementCommandInput,
  type ExecuteStatementCommandOutput,
  type Field,
  HttpEndpointNotEnabledException,
  InvalidSecretException,
} from '@aws-sdk/client-rds-data';
import {
  awsError,
  clientFault,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import type { SimulatedRds } from '../rds/simulated-rds.js';
import type { SimulatedDbCluster } from '../rds/simulated-rds-cluster.js';

/** Value of a cell that the SQL engine of a test returns. */
export type SimulatedSqlValue = string | number | bigint | boolean | null | Uint8Array;

/** Runs a statement and returns the rows, such as on a SQL engine in memory. Its error is that of the database. */
export type SimulatedSqlExecutor = (
  sql: string,
  database: string | undefined,
) => readonly (readonly SimulatedSqlValue[])[];

/** A database of the simulated RDS Data API. */
export interface SimulatedDataApiDatabase {
  /** ARN of the cluster. */
  readonly clusterArn: string;
  /** ARN of the secret. */
  readonly secretArn: string;
  /** True while the HTTP endpoint is enabled; undefined: as the cluster in `cloud.rds` has it, and enabled without such a cluster. */
  httpEndpointEnabled: boolean | undefined;
  /** True for a cluster that is paused until the first statement. */
  paused: boolean;
  /** The SQL engine. */
  execute: SimulatedSqlExecutor;
}

/** Virtual seconds in which a paused cluster resumes. */
const resumeSeconds = 15;

/** RDS Data API in memory: databases whose SQL engine a test passes in. A paused cluster resumes at the first statement. */
export class SimulatedRdsData implements SimulatedService {
  readonly serviceId = 'RDS Data';
  readonly iamPrefix = 'rds-data';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    ExecuteStatement: (
      input: ExecuteStatementCommandInput,
    ): OperationOutput<ExecuteStatementCommandOutput> => {
      const database = this.#requireReady(required(input.resourceArn, 'resourceArn'));
      if (required(input.secretArn, 'secretArn') !== database.secretArn)
        throw new InvalidSecretException(clientFault('Secrets Manager can’t find the specified secret.'));
      if (input.transactionId !== undefined || input.parameters !== undefined)
        throw new TypeError('SimulatedCloud does not simulate transactions and parameters of the Data API');
      const isText = input.resultSetOptions?.longReturnType === 'STRING';
      const rows = executed(database, required(input.sql, 'sql'), input.database);
      return { numberOfRecordsUpdated: 0, records: rows.map((row) => row.map((it) => fieldOf(it, isText))) };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #rds: SimulatedRds;
  readonly #databases = new Map<string, SimulatedDataApiDatabase & { resumesAt?: number }>();

  constructor(environment: SimulatedEnvironment, { rds }: { readonly rds: SimulatedRds }) {
    this.#environment = environment;
    this.#rds = rds;
  }

  /** Adds a cluster with a database. */
  addDatabase(options: {
    /** @default the ARN of the cluster `name` */
    clusterArn?: string;
    name?: string;
    secretArn?: string;
    /** @default as the cluster in `cloud.rds` has it, and true without such a cluster */
    httpEndpointEnabled?: boolean;
    /** @default false */
    paused?: boolean;
    execute: SimulatedSqlExecutor;
  }): SimulatedDataApiDatabase {
    requireOptions('SimulatedRdsData.addDatabase', options, {
      clusterArn: 'optional',
      name: 'optional',
      secretArn: 'optional',
      httpEndpointEnabled: 'optional',
      paused: 'optional',
      execute: 'needed',
    });
    const { name = 'orders', httpEndpointEnabled, paused = false, execute } = options;
    const { arn } = this.#environment;
    const database: SimulatedDataApiDatabase = {
      clusterArn: options.clusterArn ?? arn('rds', `cluster:${name}`),
      secretArn: options.secretArn ?? arn('secretsmanager', `secret:${name}-AbCdEf`),
      httpEndpointEnabled,
      paused,
      execute,
    };
    this.#databases.set(database.clusterArn, database);
    return database;
  }

  #clusterOf(clusterArn: string): SimulatedDbCluster | undefined {
    const name = clusterArn.split(':').at(-1) ?? '';
    return this.#rds.hasCluster(name) ? this.#rds.cluster(name) : undefined;
  }

  #requireReady(clusterArn: string): SimulatedDataApiDatabase {
    const database = this.#databases.get(clusterArn);
    if (database === undefined) throw withoutInstance(clusterArn);
    const cluster = this.#clusterOf(clusterArn);
    if (cluster?.members.some(({ status }) => status === 'available') === false)
      throw withoutInstance(clusterArn);
    const isEnabled = cluster === undefined || cluster.settings.HttpEndpointEnabled === true;
    if (!(database.httpEndpointEnabled ?? isEnabled))
      throw new HttpEndpointNotEnabledException(
        clientFault(`HttpEndpoint is not enabled for resource ${clusterArn}`),
      );
    const now = this.#environment.clock.now();
    if (database.paused) {
      database.paused = false;
      database.resumesAt = now + resumeSeconds * 1000;
    }
    if (database.resumesAt !== undefined && now < database.resumesAt)
      throw new DatabaseResumingException(
        clientFault('The Aurora DB instance is resuming after being auto-paused. Please wait and try again.'),
      );
    return database;
  }
}

function withoutInstance(clusterArn: string): DatabaseNotFoundException {
  return new DatabaseNotFoundException(clientFault(`DBCluster ${clusterArn} has no instance.`, 404));
}

/** Runs a statement. An error of the engine is one of the database; an AWS error of a test passes through. */
function executed({ execute }: SimulatedDataApiDatabase, sql: string, database: string | undefined) {
  try {
    return execute(sql, database);
  } catch (error) {
    if (error instanceof Error && '$metadata' in error) throw error;
    throw new DatabaseErrorException(clientFault(error instanceof Error ? error.message : String(error)));
  }
}

function fieldOf(value: SimulatedSqlValue, isText: boolean): Field {
  if (value === null) return { isNull: true };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { booleanValue: value };
  if (value instanceof Uint8Array) return { blobValue: value };
  const isWhole = typeof value === 'bigint' || Number.isInteger(value);
  if (!isWhole) return { doubleValue: value };
  if (isText) return { stringValue: String(value) };
  if (!Number.isSafeInteger(Number(value)))
    throw awsError(
      'UnsupportedResultException',
      `The number ${value} loses digits without longReturnType STRING`,
    );
  return { longValue: Number(value) };
}
