import type {
  AwsCredentialIdentity,
  AwsCredentialIdentityProvider,
  Endpoint,
  Provider,
  RequestHandler,
  RetryStrategy,
  RetryStrategyV2,
} from '@smithy/types';
import { describeValue } from './describe-value.js';
import { InvalidInputError } from './errors.js';

/** The settings that every AWS SDK client understands, for the clients that a tool makes itself. */
export interface ClientConfig {
  /** The region that the clients work in. */
  readonly region?: string | Provider<string>;
  /** Another address than AWS's own, such as that of an emulator. */
  readonly endpoint?: string | Endpoint | Provider<Endpoint>;
  /** Who signs the calls; by default the SDK looks in the environment, in shared files and in the runtime's role. */
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  /** The profile in the shared configuration files. */
  readonly profile?: string;
  /** How often a call is tried in all, the first time included. */
  readonly maxAttempts?: number | Provider<number>;
  /** `'standard'` or `'adaptive'`. */
  readonly retryMode?: string | Provider<string>;
  /** A strategy of your own in place of `retryMode` and `maxAttempts`. */
  readonly retryStrategy?: RetryStrategy | RetryStrategyV2;
  /** How requests are sent: an HTTP handler with your time-outs, proxy or agent. */
  // biome-ignore lint/suspicious/noExplicitAny: a handler's own request type is the SDK's business; `any` is how the SDK types it
  readonly requestHandler?: RequestHandler<any, any, any>;
  /** Whether to call the FIPS endpoints. */
  readonly useFipsEndpoint?: boolean | Provider<boolean>;
  /** Whether to call the endpoints that also answer over IPv6. */
  readonly useDualstackEndpoint?: boolean | Provider<boolean>;
}

/** The keys of {@link ClientConfig}. */
export const clientConfigKeys = [
  'region',
  'endpoint',
  'credentials',
  'profile',
  'maxAttempts',
  'retryMode',
  'retryStrategy',
  'requestHandler',
  'useFipsEndpoint',
  'useDualstackEndpoint',
] as const satisfies readonly (keyof ClientConfig)[];

/** The names of all clients of the package: one object of clients may serve several tools. */
export const clientNames = [
  'appMesh',
  'applicationAutoScaling',
  'cloudWatch',
  'codeDeploy',
  'dynamoDb',
  'ecs',
  'elasticLoadBalancing',
  'eventBridge',
  'kinesis',
  'lambda',
  'rds',
  'sns',
  'sqs',
  'stepFunctions',
  'vpcLattice',
] as const;

/** Ready clients of which at least one is left for the tool to make. */
export type IncompleteClients<Clients> = {
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
      /** Not with these clients alone: every client that is missing is made with the SDK's defaults. */
      readonly clientConfig?: undefined;
    }
  | {
      /** Ready SDK clients, by name. */
      readonly clients?: Readonly<IncompleteClients<Clients>> | undefined;
      /** The configuration of the clients that the tool makes itself. */
      readonly clientConfig: ClientConfig;
    };

type Factories<Clients> = { readonly [Name in keyof Clients]: new (config: ClientConfig) => Clients[Name] };

/**
 * The ready clients, and the missing ones made from the configuration.
 *
 * @param later - clients that the caller makes itself, when they are needed; the configuration may be for them alone.
 */
export function resolveClients<Clients, Later extends keyof Clients & string = never>(
  options: ClientOptions<Clients>,
  factories: Factories<Omit<Clients, Later>>,
  later: readonly Later[] = [],
): Omit<Clients, Later> {
  const ready: Partial<Clients> = options.clients ?? {};
  const names = Object.keys(factories) as (Exclude<keyof Clients, Later> & string)[];
  const all: readonly (keyof Clients & string)[] = [...names, ...later];
  if (options.clientConfig !== undefined && all.every((name) => ready[name] !== undefined)) {
    throw new InvalidInputError({
      subject: 'Client options',
      problems: [
        {
          field: 'clientConfig',
          expected: `nothing, because every client (${all.join(', ')}) is given ready`,
          actual: 'a configuration',
        },
      ],
    });
  }
  requireUsable(names, ready, factories);
  const entries = names.map((name) => [name, ready[name] ?? new factories[name](options.clientConfig ?? {})]);
  return Object.fromEntries(entries) as Omit<Clients, Later>;
}

/** False also for a proxy that cannot be read. */
function sends(value: unknown): boolean {
  try {
    return typeof Object(value).send === 'function';
  } catch {
    return false;
  }
}

/** Throws an {@link InvalidInputError} for a ready client that lacks the method of the SDK's own client. */
function requireUsable<Name extends string>(
  names: readonly Name[],
  ready: Readonly<Partial<Record<Name, unknown>>>,
  factories: Readonly<Record<Name, abstract new (config: ClientConfig) => unknown>>,
): void {
  const problems = names.flatMap((name) => {
    const client = ready[name];
    if (client === undefined || !sends(factories[name].prototype) || sends(client)) return [];
    return [{ field: `clients.${name}`, expected: 'an SDK client', actual: describeValue(client) }];
  });
  if (problems.length > 0) throw new InvalidInputError({ subject: 'Client options', problems });
}
