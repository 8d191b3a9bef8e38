/** Fields of a log line, besides its message. */
export type LogData = Record<string, unknown>;

/** Logger of the package: `console`, Powertools' `Logger`, or any object with these four methods. */
export interface Logger {
  /** Logs a resource that was left unchanged, with the reason. */
  debug(message: string, data: LogData): void;
  /** Logs a change. */
  info(message: string, data: LogData): void;
  /** Logs a problem that needs attention. The operation continues. */
  warn(message: string, data: LogData): void;
  /** Logs a failure that the caller does not see otherwise. */
  error(message: string, data: LogData): void;
}

/** Logger that writes nothing: the default of the tools. Hooks log to `console` by default; pass it to them in a test. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
