import type {
  AwsCredentialIdentity,
  AwsCredentialIdentityProvider,
  Endpoint,
  Provider,
  RequestHandler,
  RetryStrategy,
  RetryStrategyV2,
} from '@smithy/types';
import { InvalidInputError } from './errors.js';

/** The settings that every AWS SDK client understands, for the clients that a tool makes itself. */
export interface ClientConfig {
  readonly region?: string | Provider<string>;
  readonly endpoint?: string | Endpoint | Provider<Endpoint>;
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  readonly profile?: string;
  readonly maxAttempts?: number | Provider<number>;
  readonly retryMode?: string | Provider<string>;
  readonly retryStrategy?: RetryStrategy | RetryStrategyV2;
  // biome-ignore lint/suspicious/noExplicitAny: a handler's own request type is the SDK's business; `any` is how the SDK types it
  readonly requestHandler?: RequestHandler<any, any, any>;
  readonly useFipsEndpoint?: boolean | Provider<boolean>;
  readonly useDualstackEndpoint?: boolean | Provider<boolean>;
}

/** At least one of the clients is left for the tool to make. */
type Incomplete<Clients> = {
  [Name in keyof Clients]: Partial<Omit<Clients, Name>> & { readonly [N in Name]?: never };
}[keyof Clients];

/**
 * The clients of a tool: ready ones by name, or the configuration for those that the tool makes itself. A
 * configuration that no client is left for is refused.
 */
export type ClientOptions<Clients> =
  | {
      /** Ready SDK clients, by name; the tool makes those that are missing. */
      readonly clients?: Readonly<Partial<Clients>> | undefined;
      readonly clientConfig?: undefined;
    }
  | {
      /** Ready SDK clients, by name. */
      readonly clients?: Readonly<Incomplete<Clients>> | undefined;
      /** The configuration of the clients that the tool makes itself. */
      readonly clientConfig: ClientConfig;
    };

type Factories<Clients> = { readonly [Name in keyof Clients]: new (config: ClientConfig) => Clients[Name] };

/** The ready clients, and the missing ones made from the configuration. */
export function resolveClients<Clients>(
  options: ClientOptions<Clients>,
  factories: Factories<Clients>,
): Clients {
  const ready: Partial<Clients> = options.clients ?? {};
  const names = Object.keys(factories) as (keyof Clients & string)[];
  if (options.clientConfig !== undefined && names.every((name) => ready[name] !== undefined)) {
    throw new InvalidInputError({
      subject: 'Client options',
      problems: [
        {
          field: 'clientConfig',
          expected: `nothing, because every client (${names.join(', ')}) is given ready`,
          received: 'a configuration',
        },
      ],
    });
  }
  const entries = names.map((name) => [name, ready[name] ?? new factories[name](options.clientConfig ?? {})]);
  return Object.fromEntries(entries) as Clients;
}
