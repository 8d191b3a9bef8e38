import type { IGrantable, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as v from 'valibot';
import { cdkObject } from './props.js';
import { grantOwnKey } from './wildcards.js';

/** Table of the swap records: a {@link StackSwapRecord}, or a table of your own that has the same key. */
export interface SwapRecordTable {
  /** ARN of the table. */
  readonly tableArn: string;
  /** Name of the table. */
  readonly tableName: string;
  /** KMS key of the table; undefined for a key of DynamoDB. */
  readonly encryptionKey?: IKey | undefined;
}

const aRecord = 'a StackSwapRecord, or a Table of aws-cdk-lib/aws-dynamodb';

/** Schema of {@link SwapRecordTable}. */
export const recordSchema = v.pipe(
  cdkObject<SwapRecordTable>(aRecord, 'tableArn', 'tableName'),
  v.check((it: SwapRecordTable) => isText(it.tableArn) && isText(it.tableName), aRecord),
);

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** Name of the environment variable with the name of the table. */
export const tableVariable = 'SWAP_TABLE_NAME';

/** Returns the environment variable of the functions. */
export function recordVariables({ tableName }: SwapRecordTable): Readonly<Record<string, string>> {
  return { [tableVariable]: tableName };
}

/** Allows a grantee to use the table's own key, as DynamoDB does on its behalf. */
export function grantKey(grantee: IGrantable, { encryptionKey }: SwapRecordTable): void {
  encryptionKey?.grant(grantee, ...keyActions);
}

/** Allows the role of a construct to do so. */
export function grantKeyToOwn(role: Role, { encryptionKey }: SwapRecordTable): void {
  grantOwnKey(role, encryptionKey, keyActions);
}

const keyActions = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey*',
  'kms:ReEncrypt*',
] as const;
