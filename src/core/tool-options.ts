import * as v from 'valibot';
import { type ClientConfig, type ClientOptions, clientConfigKeys, clientNames } from './clients.js';
import { type Clock, systemClock } from './clock.js';
import { type Logger, silentLogger } from './logger.js';
import { safeClock } from './safe-clock.js';
import { safeLogger } from './safe-logger.js';
import { objectWithKeys } from './schemas.js';
import type { StackPair } from './stack-reference.js';

/** Options of every tool: those of each stack, and its dependencies. */
export type ToolOptions<StackOptions, Clients> = StackPair<StackOptions> &
  ClientOptions<Clients> & {
    /**
     * Logger of the changes, one structured line each.
     * @default nothing is logged
     */
    readonly logger?: Logger | undefined;
    /**
     * Source of the time and of waits.
     * @default the machine's clock
     */
    readonly clock?: Clock | undefined;
  };

const clients = v.optional(objectWithKeys<Readonly<Record<string, unknown>>>(clientNames));
const clientConfig = v.optional(objectWithKeys<ClientConfig>(clientConfigKeys));

export const clientOptionsEntries = { clients, clientConfig };

/** Client options after validation with {@link clientOptionsEntries}. */
export interface ParsedClientOptions {
  readonly clients?: Readonly<Record<string, unknown>> | undefined;
  readonly clientConfig?: ClientConfig | undefined;
}

/** Types parsed client options for `resolveClients`, which validates the ready clients. */
export function clientOptionsOf<Clients>({
  clients,
  clientConfig,
}: ParsedClientOptions): ClientOptions<Clients> {
  return { clients, clientConfig } as ClientOptions<Clients>;
}

/** A logger, passed through uncopied because its methods can be on a prototype. */
export const loggerSchema = objectWith<Logger>('a logger with the methods', [
  'debug',
  'info',
  'warn',
  'error',
]);

/** A clock, passed through uncopied. */
export const clockSchema = objectWith<Clock>('a clock with the methods', ['now', 'sleep']);

/** Schema entries that every tool has, without a spread, because bundlers keep an unused object that has one. */
export const toolOptionsEntries = {
  clients,
  clientConfig,
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
};

type DependencyOptions = Partial<Pick<ToolOptions<unknown, unknown>, 'clock' | 'logger'>>;

/** Returns the clock and the logger of a tool, or their defaults, wrapped so that neither can interrupt a change. */
export function toolDependencies({ clock = systemClock, logger = silentLogger }: DependencyOptions) {
  return { clock: safeClock(clock), logger: safeLogger(logger) };
}

/** Returns the clock and the logger, or their defaults, for a caller that guards against an invalid time by itself. */
export function dependenciesOf({ clock = systemClock, logger = silentLogger }: DependencyOptions) {
  return { clock, logger: safeLogger(logger) };
}

/** An object with these methods; other members are allowed. */
/* @__NO_SIDE_EFFECTS__ */
export function objectWith<Type extends object>(subject: string, methods: readonly (keyof Type & string)[]) {
  return v.custom<Type>(
    (value) => {
      const candidate = (value ?? {}) as Readonly<Record<string, unknown>>;
      return methods.every((method) => typeof candidate[method] === 'function');
    },
    `${subject} ${methods.join(', ').replace(/, ([^,]*)$/, ' and $1')}`,
  );
}
