import initSqlJs from 'sql.js';
import type { SimulatedSqlExecutor } from '../../src/testing/index.js';

const { Database } = await initSqlJs();

/** Creates a SQL engine in memory, for `SimulatedCloud.rdsData`. */
export function sqlEngine(...statements: readonly string[]): {
  readonly run: (sql: string) => void;
  readonly execute: SimulatedSqlExecutor;
} {
  const database = new Database();
  for (const statement of statements) database.run(statement);
  return {
    run: (sql) => void database.run(sql),
    execute: (sql) => database.exec(sql)[0]?.values ?? [],
  };
}
