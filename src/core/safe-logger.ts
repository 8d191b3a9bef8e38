import type { LogData, Logger } from './logger.js';

/**
 * A logger whose own failures are swallowed: the caller has to be answered, and the traffic routed back, also when a line
 * cannot be logged.
 */
export function safeLogger(logger: Logger): Logger {
  const quietly = (level: keyof Logger) => (message: string, data: LogData) => {
    try {
      // Typed as void, but an async method fits too, and its unhandled rejection would end the Lambda.
      const logged: unknown = logger[level](message, data);
      if (logged instanceof Promise) logged.catch(() => {});
    } catch {
      // There is nowhere left to tell it.
    }
  };
  return { debug: quietly('debug'), info: quietly('info'), warn: quietly('warn'), error: quietly('error') };
}
