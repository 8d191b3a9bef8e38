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
import { InvalidInputError, invalidInput } from './errors.js';

/** Settings that every AWS SDK client supports, for the clients that a tool creates. */
export interface ClientConfig {
  /** AWS Region of the clients. */
  readonly region?: string | Provider<string>;
  /** Custom endpoint, such as that of an emulator. */
  readonly endpoint?: string | Endpoint | Provider<Endpoint>;
  /** Credentials that sign the calls; by default those of the SDK's provider chain: environment, shared files, runtime role. */
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  /** Profile in the shared configuration files. */
  readonly profile?: string;
  /** Maximum number of attempts of one call, including the first. */
  readonly maxAttempts?: number | Provider<number>;
  /** `'standard'` or `'adaptive'`. */
  readonly retryMode?: string | Provider<string>;
  /** Custom strategy that replaces `retryMode` and `maxAttempts`. */
  readonly retryStrategy?: RetryStrategy | RetryStrategyV2;
  /** HTTP handler with custom time-outs, proxy or agent. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK declares its handlers with `any`; a narrower type rejects its own NodeHttpHandler
  readonly requestHandler?: RequestHandler<any, any, any>;
  /** Calls the FIPS endpoints when true. */
  readonly useFipsEndpoint?: boolean | Provider<boolean>;
  /** Calls the dual-stack endpoints (IPv4 and IPv6) when true. */
  readonly useDualstackEndpoint?: boolean | Provider<boolean>;
}

/** Keys of {@link ClientConfig}. */
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

/** Names of all clients of the package: one object of clients can serve several tools. */
export const clientNames = [
  'apiGateway',
  'appMesh',
  'applicationAutoScaling',
  'applicationSignals',
  'cloudWatch',
  'codeDeploy',
  'dynamoDb',
  'ecs',
  'elasticLoadBalancing',
  'eventBridge',
  'globalAccelerator',
  'kinesis',
  'lambda',
  'rds',
  'rdsData',
  'route53',
  'scheduler',
  'sns',
  'sqs',
  'ssm',
  'stepFunctions',
  'vpcLattice',
] as const;

/** Ready clients, with at least one missing that the tool creates. */
export type IncompleteClients<Clients> = {
  [Name in keyof Clients]: Partial<Omit<Clients, Name>> & { readonly [N in Name]?: never };
}[keyof Clients];

/**
 * Clients of a tool: ready ones by name, or the configuration of those that the tool creates. A configuration is rejected
 * when every client is ready.
 */
export type ClientOptions<Clients> =
  | {
      /** Ready SDK clients, by name. The tool creates the missing ones. */
      readonly clients?: Readonly<Partial<Clients>> | undefined;
      /** Left out: the tool creates missing clients with the SDK's defaults. */
      readonly clientConfig?: undefined;
    }
  | {
      /** Ready SDK clients, by name. */
      readonly clients?: Readonly<IncompleteClients<Clients>> | undefined;
      /** Configuration of the clients that the tool creates. */
      readonly clientConfig: ClientConfig;
    };

type Factories<Clients> = { readonly [Name in keyof Clients]: new (config: ClientConfig) => Clients[Name] };

/**
 * Returns the ready clients, and creates the missing ones from the configuration.
 *
 * @param later - clients that the caller creates on first use; the configuration can be for them alone.
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
    throw invalidInput('Client options', {
      field: 'clientConfig',
      expected: `nothing, because every client (${all.join(', ')}) is given ready`,
      actual: 'a configuration',
    });
  }
  requireUsable([...names, ...later], ready, factories);
  const clientOf = (name: (typeof names)[number]) =>
    ready[name] === undefined
      ? new factories[name](options.clientConfig ?? {})
      : asInstance(ready[name], factories[name]);
  return Object.fromEntries(names.map((name) => [name, clientOf(name)])) as Omit<Clients, Later>;
}

/**
 * Returns a ready client as an instance of the class that this package imports. A client of another copy of the SDK, or a wrapper of one, is
 * none, and the SDK's paginators refuse it. So its `send` method and its configuration are those of a new instance.
 */
export function asInstance<Client>(
  ready: Client,
  factory: abstract new (config: ClientConfig) => unknown,
): Client {
  if (!sends(ready) || isInstance(ready, factory)) return ready;
  // A test can replace the SDK's module by one without the class.
  const prototype: unknown = Object(factory).prototype;
  if (typeof prototype !== 'object') return ready;
  return Object.create(prototype, {
    send: { value: (...call: unknown[]) => ready.send(...call) },
    config: { get: () => Reflect.get(ready, 'config') },
  });
}

/** A proxy that cannot be read is none. */
function isInstance(value: object, factory: abstract new (config: ClientConfig) => unknown): boolean {
  try {
    return value instanceof factory;
  } catch {
    return false;
  }
}

/** True for an object with a `send` method. A proxy that cannot be read has none. */
function sends(value: unknown): value is { send(...call: unknown[]): unknown } {
  try {
    return typeof Object(value).send === 'function';
  } catch {
    return false;
  }
}

/** @throws InvalidInputError for a ready client without the `send` method of an SDK client. */
function requireUsable<Name extends string>(
  names: readonly Name[],
  ready: Readonly<Partial<Record<Name, unknown>>>,
  factories: Readonly<Partial<Record<Name, abstract new (config: ClientConfig) => unknown>>>,
): void {
  const problems = names.flatMap((name) => {
    const client = ready[name];
    const factory = factories[name];
    if (client === undefined || (factory && !sends(factory.prototype)) || sends(client)) return [];
    return [{ field: `clients.${name}`, expected: 'an SDK client', actual: describeValue(client) }];
  });
  if (problems.length > 0) throw new InvalidInputError({ subject: 'Client options', problems });
}
