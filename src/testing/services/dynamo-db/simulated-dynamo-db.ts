import {
  BackupInUseException,
  BackupNotFoundException,
  type BackupStatus,
  type CreateBackupCommandInput,
  type CreateBackupCommandOutput,
  type DeleteTableCommandInput,
  type DeleteTableCommandOutput,
  type DescribeBackupCommandInput,
  type DescribeBackupCommandOutput,
  type DescribeTableCommandInput,
  type DescribeTableCommandOutput,
  type ListBackupsCommandInput,
  type ListBackupsCommandOutput,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  TableInUseException,
  TableNotFoundException,
  type TableStatus,
} from '@aws-sdk/client-dynamodb';
import {
  awsError,
  clientFault,
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';

const creationSeconds = 20;
const deletionSeconds = 30;
const backupSeconds = 60;

/** A table of the {@link SimulatedDynamoDb}. */
export interface SimulatedTable {
  /** The table's name. */
  readonly name: string;
  /** The table's ARN. */
  readonly arn: string;
  /** Differs for each table that ever had this name. */
  readonly id: string;
  /** `CREATING`, `UPDATING`, `ACTIVE` or `DELETING`. */
  status: TableStatus;
  /** True when DynamoDB refuses to delete the table. */
  deletionProtection: boolean;
}

/** An on-demand backup of the {@link SimulatedDynamoDb}. */
export interface SimulatedBackup {
  /** The backup's ARN. */
  readonly arn: string;
  /** The backup's name, which is not unique. */
  readonly name: string;
  /** The name of its table. */
  readonly tableName: string;
  /** The identifier of its table. */
  readonly tableId: string;
  /** The virtual time of the request, in milliseconds since 1970. */
  readonly createdAt: number;
  /** `CREATING`, `AVAILABLE`, or `DELETED` when a test sets it. */
  status: BackupStatus;
}

/** DynamoDB in memory: tables that are created, changed and deleted over time, and their on-demand backups. */
export class SimulatedDynamoDb implements SimulatedService {
  readonly serviceId = 'DynamoDB';
  readonly iamPrefix = 'dynamodb';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    DescribeTable: (input: DescribeTableCommandInput): OperationOutput<DescribeTableCommandOutput> => {
      return { Table: describe(this.#existing(required(input.TableName, 'TableName'))) };
    },

    DeleteTable: (input: DeleteTableCommandInput): OperationOutput<DeleteTableCommandOutput> => {
      const table = this.#existing(required(input.TableName, 'TableName'));
      if (table.status === 'CREATING' || table.status === 'UPDATING') {
        throw new ResourceInUseException(
          clientFault(`Attempt to change a resource which is still in use: Table: ${table.name}`),
        );
      }
      if (this.#isBeingBackedUp(table)) {
        throw new ResourceInUseException(
          clientFault(`A table cannot be deleted while a backup of it is being made: Table: ${table.name}`),
        );
      }
      if (table.deletionProtection) {
        throw awsError(
          'ValidationException',
          'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
        );
      }
      this.#delete(table);
      return { TableDescription: describe(table) };
    },

    CreateBackup: (input: CreateBackupCommandInput): OperationOutput<CreateBackupCommandOutput> => {
      const table = this.#find(required(input.TableName, 'TableName'));
      const name = required(input.BackupName, 'BackupName');
      if (!/^[\w.-]{3,255}$/.test(name))
        throw awsError('ValidationException', `Invalid backup name: ${name}`);
      if (table === undefined)
        throw new TableNotFoundException(clientFault(`Table not found: ${input.TableName}`));
      if (table.status === 'CREATING' || table.status === 'DELETING') {
        throw new TableInUseException(clientFault(`Table is being created or deleted: ${table.name}`));
      }
      if (this.#isBeingBackedUp(table)) {
        throw new BackupInUseException(clientFault(`A backup of ${table.name} is being created`));
      }
      return { BackupDetails: describeBackup(this.#backUp(table, name)) };
    },

    DescribeBackup: (input: DescribeBackupCommandInput): OperationOutput<DescribeBackupCommandOutput> => {
      const arn = required(input.BackupArn, 'BackupArn');
      const backup = this.backups.find((it) => it.arn === arn);
      if (backup === undefined) throw new BackupNotFoundException(clientFault(`Backup not found: ${arn}`));
      return { BackupDescription: { BackupDetails: describeBackup(backup) } };
    },

    ListBackups: (input: ListBackupsCommandInput): OperationOutput<ListBackupsCommandOutput> => {
      const wanted = this.backups.filter(({ tableName }) => [undefined, tableName].includes(input.TableName));
      const start = wanted.findIndex(({ arn }) => arn === input.ExclusiveStartBackupArn) + 1;
      const { items, nextToken } = pageOf(wanted.slice(start), {
        token: undefined,
        size: input.Limit ?? 100,
        maxSize: 100,
      });
      const summaries = items.map((it) => ({
        ...describeBackup(it),
        TableName: it.tableName,
        TableId: it.tableId,
      }));
      return {
        BackupSummaries: summaries,
        LastEvaluatedBackupArn: nextToken === undefined ? undefined : items.at(-1)?.arn,
      };
    },
  };

  /** Every on-demand backup, oldest first. Backups outlive their tables. */
  readonly backups: SimulatedBackup[] = [];

  readonly #environment: SimulatedEnvironment;
  #tables: SimulatedTable[] = [];

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a table. A `CREATING` one becomes `ACTIVE` after 20 s. */
  addTable(options: {
    name: string;
    status?: 'ACTIVE' | 'CREATING';
    deletionProtection?: boolean;
  }): SimulatedTable {
    const table: SimulatedTable = {
      name: options.name,
      arn: this.#environment.arn('dynamodb', `table/${options.name}`),
      id: this.#environment.nextId(),
      status: options.status ?? 'ACTIVE',
      deletionProtection: options.deletionProtection ?? false,
    };
    this.#tables.push(table);
    if (table.status === 'CREATING') this.#activateLater(table, creationSeconds);
    return table;
  }

  /** Makes the table `UPDATING` for some seconds. */
  updateTable(name: string, seconds: number): void {
    const table = this.#existing(name);
    table.status = 'UPDATING';
    this.#activateLater(table, seconds);
  }

  /** Returns the table of this name or ARN, or `undefined` when it does not exist. */
  findTable(nameOrArn: string): SimulatedTable | undefined {
    return this.#find(nameOrArn);
  }

  /** Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html */
  #isBeingBackedUp({ id }: SimulatedTable): boolean {
    return this.backups.some((backup) => backup.tableId === id && backup.status === 'CREATING');
  }

  #activateLater(table: SimulatedTable, seconds: number): void {
    this.#environment.clock.schedule(seconds, () => {
      table.status = 'ACTIVE';
    });
  }

  #delete(table: SimulatedTable): void {
    if (table.status === 'DELETING') return;
    table.status = 'DELETING';
    this.#environment.clock.schedule(deletionSeconds, () => {
      this.#tables = this.#tables.filter((other) => other !== table);
    });
  }

  #backUp(table: SimulatedTable, name: string): SimulatedBackup {
    const backup: SimulatedBackup = {
      arn: `${table.arn}/backup/${this.#environment.nextId()}`,
      name,
      tableName: table.name,
      tableId: table.id,
      createdAt: this.#environment.clock.now(),
      status: 'CREATING',
    };
    this.backups.push(backup);
    this.#environment.clock.schedule(backupSeconds, () => {
      if (backup.status === 'CREATING') backup.status = 'AVAILABLE';
    });
    return backup;
  }

  #existing(nameOrArn: string): SimulatedTable {
    const table = this.#find(nameOrArn);
    if (table === undefined) {
      throw new ResourceNotFoundException(
        clientFault(`Requested resource not found: Table: ${nameOrArn} not found`),
      );
    }
    return table;
  }

  #find(nameOrArn: string): SimulatedTable | undefined {
    return this.#tables.find(({ name, arn }) => nameOrArn === name || nameOrArn === arn);
  }
}

function describe(table: SimulatedTable): TableDescription {
  return {
    TableName: table.name,
    TableArn: table.arn,
    TableId: table.id,
    TableStatus: table.status,
    DeletionProtectionEnabled: table.deletionProtection,
  };
}

function describeBackup(backup: SimulatedBackup) {
  return {
    BackupArn: backup.arn,
    BackupName: backup.name,
    BackupStatus: backup.status,
    BackupType: 'USER' as const,
    BackupCreationDateTime: new Date(backup.createdAt),
  };
}
