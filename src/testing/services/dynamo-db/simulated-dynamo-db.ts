import {
  type AttributeValue,
  BackupInUseException,
  BackupNotFoundException,
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
import { requireOptions } from '../../cloud/require-options.js';
import type { SimulatedBackup, SimulatedTable, SimulatedTableOptions } from './dynamo-db-types.js';
import { itemOperations } from './item-operations.js';
import { SimulatedItems, type SimulatedKeyAttribute } from './simulated-items.js';
import { transactionOperations } from './transactions.js';

const creationSeconds = 20;
const deletionSeconds = 30;
const backupSeconds = 60;

/** DynamoDB in memory: tables with their items, changed and deleted over time, and their on-demand backups. */
export class SimulatedDynamoDb implements SimulatedService {
  readonly serviceId = 'DynamoDB';
  readonly iamPrefix = 'dynamodb';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    ...itemOperations((tableName) => this.#usableItems(tableName)),
    ...transactionOperations(
      (tableName) => this.#usableItems(tableName),
      () => this.#environment.clock.now(),
    ),

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
  readonly #items = new Map<SimulatedTable, SimulatedItems>();

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a table without items. */
  addTable(options: SimulatedTableOptions): SimulatedTable {
    requireOptions('SimulatedDynamoDb.addTable', options, {
      name: 'text',
      status: 'optional',
      deletionProtection: 'optional',
      partitionKey: 'optional',
      sortKey: 'optional',
      readLagSeconds: 'optional',
    });
    const table: SimulatedTable = {
      name: options.name,
      arn: this.#environment.arn('dynamodb', `table/${options.name}`),
      id: this.#environment.nextId(),
      status: options.status ?? 'ACTIVE',
      deletionProtection: options.deletionProtection ?? false,
    };
    this.#tables.push(table);
    const { partitionKey = 'id', sortKey, readLagSeconds = 0 } = options;
    const key = {
      partition: keyAttribute(partitionKey),
      sort: sortKey === undefined ? undefined : keyAttribute(sortKey),
    };
    this.#items.set(table, new SimulatedItems(key, { clock: this.#environment.clock, readLagSeconds }));
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

  /** Returns the current items of a table, ordered by their keys. */
  items(tableName: string): Record<string, AttributeValue>[] {
    return this.#itemsOf(this.#existing(tableName)).readAll({ isConsistent: true });
  }

  /**
   * A table that is being created has no items yet. One that is being deleted may still take requests: DynamoDB's
   * reference of DeleteTable.
   */
  #usableItems(nameOrArn: string): SimulatedItems {
    const table = this.#find(nameOrArn);
    if (table === undefined || table.status === 'CREATING')
      throw new ResourceNotFoundException(clientFault('Requested resource not found'));
    return this.#itemsOf(table);
  }

  #itemsOf(table: SimulatedTable): SimulatedItems {
    const items = this.#items.get(table);
    if (items === undefined) throw new TypeError(`Table ${table.name} has no items`);
    return items;
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

function keyAttribute(key: string | SimulatedKeyAttribute): SimulatedKeyAttribute {
  return typeof key === 'string' ? { name: key, type: 'S' } : key;
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
