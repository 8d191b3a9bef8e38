/** What a log line carries besides its message. */
export type LogData = Record<string, unknown>;

/** Where the package logs to: `console`, Powertools' `Logger`, or anything else with these four methods. */
export interface Logger {
  /** What was left as it is, and why. */
  debug(message: string, data: LogData): void;
  /** A change that was made. */
  info(message: string, data: LogData): void;
  /** Something that somebody should look at; the operation goes on. */
  warn(message: string, data: LogData): void;
  /** A failure that its caller does not get to see otherwise. */
  error(message: string, data: LogData): void;
}

/** Logs nothing: the default of the tools, which are quiet unless they are given a logger. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
