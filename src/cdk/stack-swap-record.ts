import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant as GrantClass } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import * as v from 'valibot';
import { strictObject } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { iamPolicyFor } from '../iam/iam-policy-for.js';
import { cdkObject, nameLike } from './props.js';
import { grantKey, type SwapRecordTable } from './swap-access.js';

/** Props of {@link StackSwapRecord}. */
export interface StackSwapRecordProps {
  /**
   * Name of the table, 3 to 255 characters.
   * @default CloudFormation chooses a name
   */
  readonly tableName?: string | undefined;
  /**
   * KMS key of your own.
   * @default a key that DynamoDB owns
   */
  readonly encryptionKey?: IKey | undefined;
  /**
   * Prevents the deletion of the table by any means until it is turned off.
   * @default true
   */
  readonly deletionProtection?: boolean | undefined;
  /**
   * Continuous backups, to restore the table as it was at any second of the last 35 days.
   * @default true
   */
  readonly pointInTimeRecovery?: boolean | undefined;
  /**
   * Result of removing the construct from the stack. A swap under way needs its record. `DESTROY` needs `deletionProtection: false` as well;
   * DynamoDB has no `SNAPSHOT`.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
}

const removalPolicies = [
  RemovalPolicy.RETAIN,
  RemovalPolicy.DESTROY,
  RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
] as const;

const propsSchema = strictObject({
  tableName: v.optional(
    nameLike(/^[\w.-]{3,255}$/, '3 to 255 letters, digits, dots, hyphens or underscores'),
  ),
  encryptionKey: v.optional(cdkObject<IKey>('a key of aws-cdk-lib/aws-kms', 'keyArn')),
  deletionProtection: v.optional(v.boolean(), true),
  pointInTimeRecovery: v.optional(v.boolean(), true),
  removalPolicy: v.optional(v.picklist(removalPolicies), RemovalPolicy.RETAIN),
});

/**
 * The DynamoDB table of `DynamoSwapRecord`: the partition key `application`, no sort key, on-demand capacity. One table holds the
 * records of many applications. Items never expire, so it has no TTL.
 *
 * @example
 * ```ts
 * import { Stack } from 'aws-cdk-lib';
 * import { StackSwapRecord } from 'aws-blue-green-toolkit/cdk';
 *
 * const stack = new Stack();
 * const record = new StackSwapRecord(stack, 'SwapRecord', { tableName: 'stack-swaps' });
 * console.log(record.tableName);
 * ```
 */
export class StackSwapRecord extends Construct implements SwapRecordTable {
  /** The table. */
  readonly table: Table;

  /** @throws InvalidInputError for a malformed or unknown prop. */
  constructor(scope: Construct, id: string, props: StackSwapRecordProps = {}) {
    super(scope, id);
    const parsed = parseInput('StackSwapRecord props', propsSchema, props);
    const { tableName, encryptionKey } = props;
    this.table = new Table(this, 'Table', {
      ...(tableName !== undefined && { tableName }),
      partitionKey: { name: 'application', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      ...(encryptionKey !== undefined && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
      deletionProtection: parsed.deletionProtection,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: parsed.pointInTimeRecovery },
      removalPolicy: parsed.removalPolicy,
    });
  }

  /** ARN of the table. */
  get tableArn(): string {
    return this.table.tableArn;
  }

  /** Name of the table. */
  get tableName(): string {
    return this.table.tableName;
  }

  /** KMS key of the table; undefined for a key of DynamoDB. */
  get encryptionKey(): IKey | undefined {
    return this.table.encryptionKey;
  }

  /**
   * Allows a role, a function or another grantee to use the records: both methods of `DynamoSwapRecord`. Needed by a pipeline that calls
   * `swap.next()`, and by scripts. The functions of `CodeDeploySwapHooks` and `EcsSwapHook` have it.
   */
  grantUse(grantee: IGrantable): Grant {
    const { Statement } = iamPolicyFor(['DynamoSwapRecord.read', 'DynamoSwapRecord.write'], { table: '*' });
    grantKey(grantee, this);
    return GrantClass.addToPrincipal({
      grantee,
      actions: Statement.flatMap(({ Action }) => Action),
      resourceArns: [this.tableArn],
    });
  }
}
