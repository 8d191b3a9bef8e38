declare module 'sql.js' {
  /** A database in memory. */
  interface Database {
    run(sql: string): Database;
    exec(sql: string): readonly { readonly values: (string | number | null | Uint8Array)[][] }[];
  }
  /** Loads SQLite as WebAssembly. */
  function initSqlJs(): Promise<{ Database: new () => Database }>;
  export = initSqlJs;
}
