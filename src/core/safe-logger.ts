import type { LogData, Logger } from './logger.js';

/**
 * Wraps a logger so that its failures are ignored: the response has to be sent, and the traffic routed back, even when a line
 * cannot be logged.
 */
export function safeLogger(logger: Logger): Logger {
  const quietly = (level: keyof Logger) => (message: string, data: LogData) => {
    try {
      // Typed as void, but an async method is assignable too, and its unhandled rejection would end the Lambda process.
      const logged: unknown = logger[level](message, data);
      if (logged instanceof Promise) logged.catch(() => {});
    } catch {
      // There is nowhere left to report it.
    }
  };
  return { debug: quietly('debug'), info: quietly('info'), warn: quietly('warn'), error: quietly('error') };
}
