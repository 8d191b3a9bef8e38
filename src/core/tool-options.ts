import * as v from 'valibot';
import { type ClientConfig, type ClientOptions, clientConfigKeys, clientNames } from './clients.js';
import { type Clock, systemClock } from './clock.js';
import { type Logger, silentLogger } from './logger.js';
import { safeClock } from './safe-clock.js';
import { safeLogger } from './safe-logger.js';
import { objectWithKeys } from './schemas.js';
import type { StackPair } from './stack-reference.js';

/** What every tool is made from: what differs between the stacks, and what it works with. */
export type ToolOptions<StackOptions, Clients> = StackPair<StackOptions> &
  ClientOptions<Clients> & {
    /**
     * Where changes are logged to, one structured line each.
     * @default nothing is logged
     */
    readonly logger?: Logger | undefined;
    /**
     * Where the time comes from, and how waits wait.
     * @default the machine's clock
     */
    readonly clock?: Clock | undefined;
  };

const clients = v.optional(objectWithKeys<Readonly<Record<string, unknown>>>(clientNames));
const clientConfig = v.optional(objectWithKeys<ClientConfig>(clientConfigKeys));

/** The clients of whatever calls AWS. */
export const clientOptionsEntries = { clients, clientConfig };

/** Client options that {@link clientOptionsEntries} have parsed. */
export interface ParsedClientOptions {
  readonly clients?: Readonly<Record<string, unknown>> | undefined;
  readonly clientConfig?: ClientConfig | undefined;
}

/** Parsed client options for `resolveClients`, which checks the ready clients that it uses. */
export function clientOptionsOf<Clients>({
  clients,
  clientConfig,
}: ParsedClientOptions): ClientOptions<Clients> {
  return { clients, clientConfig } as ClientOptions<Clients>;
}

/** A logger, which is used as it is given: it may be an object with a prototype. */
export const loggerSchema = objectWith<Logger>('a logger with the methods', [
  'debug',
  'info',
  'warn',
  'error',
]);

/** A clock, which is used as it is given. */
export const clockSchema = objectWith<Clock>('a clock with the methods', ['now', 'sleep']);

/** The options that every tool has besides its own. Bundlers keep an object with a spread also where nothing uses it. */
export const toolOptionsEntries = {
  clients,
  clientConfig,
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
};

/** The clock and the logger of a tool, or their defaults. Neither a wrong time nor a logger that throws ends a change halfway. */
export function toolDependencies({
  clock = systemClock,
  logger = silentLogger,
}: {
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}): { readonly clock: Clock; readonly logger: Logger } {
  return { clock: safeClock(clock), logger: safeLogger(logger) };
}

/** An object with these methods, and with whatever else. */
/* @__NO_SIDE_EFFECTS__ */
export function objectWith<Type extends object>(subject: string, methods: readonly (keyof Type & string)[]) {
  return v.custom<Type>(
    (value) => {
      const candidate = (value ?? {}) as Readonly<Record<string, unknown>>;
      return methods.every((method) => typeof candidate[method] === 'function');
    },
    `${subject} ${methods.slice(0, -1).join(', ')} and ${methods.at(-1)}`,
  );
}
