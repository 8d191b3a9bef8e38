import type { DataApiDatabase } from '../../../src/gates/index.js';
import type { Backend } from '../../support/backend.js';

/** Number of orders in the databases of both stacks; undefined for databases that return no row. */
export type OrderCounts = { readonly blue: number; readonly green: number } | undefined;

const arn = (service: string, name: string) => `arn:aws:${service}:eu-west-1:123456789012:${name}`;

/** Creates the databases of both stacks, which return their number of orders for any query. moto executes no SQL. */
export async function seedOrderCounts({ cloud }: Backend, counts: OrderCounts) {
  const databaseOf = (stack: 'blue' | 'green'): DataApiDatabase => {
    const clusterArn = arn('rds', `cluster:orders-${stack}`);
    const secretArn = arn('secretsmanager', `secret:orders-${stack}-AbCdEf`);
    cloud?.rdsData.addDatabase({ clusterArn, secretArn, execute: () => (counts ? [[counts[stack]]] : []) });
    return { clusterArn, secretArn };
  };
  const databases = { blue: databaseOf('blue'), green: databaseOf('green') };
  if (cloud === undefined && counts !== undefined) await queueResults([counts.green, counts.blue]);
  return databases;
}

/** moto returns one queued result to each new query. It takes the last one first. */
async function queueResults(values: readonly number[]): Promise<void> {
  const url = new URL('/moto-api/static/rds-data/statement-results', process.env['EMULATOR_ENDPOINT']);
  const results = values.map((value) => ({ records: [[{ stringValue: String(value) }]] }));
  const { ok, status } = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ region: 'eu-west-1', results }),
  });
  if (!ok) throw new Error(`moto refused the results of statements: expected a 2xx status, got ${status}`);
}
