/** What a log line carries besides its message. */
export type LogData = Record<string, unknown>;

/** Where the package logs to: `console`, Powertools' `Logger`, or anything else with these four methods. */
export interface Logger {
  debug(message: string, data: LogData): void;
  info(message: string, data: LogData): void;
  warn(message: string, data: LogData): void;
  error(message: string, data: LogData): void;
}

/** Logs nothing: the default of the tools, which are quiet unless they are given a logger. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
