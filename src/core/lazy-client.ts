import { asInstance, type ClientConfig, resolveClients } from './clients.js';
import type { LazyModule } from './lazy-module.js';
import { clientOptionsOf, type ParsedClientOptions } from './tool-options.js';

/** A module of the SDK, and its client. */
export interface Loaded<Module, Client> {
  readonly sdk: Module;
  readonly client: Client;
}

/** Ready clients, and the configuration of the others. */
export interface ReadyClients<Clients> {
  readonly ready: Readonly<Partial<Clients>>;
  readonly config: ClientConfig;
}

/**
 * Validates clients, none of which is created yet.
 *
 * @throws InvalidInputError for a ready client that is none, and for a configuration when every client is ready.
 */
export function readyClients<Clients>(
  options: ParsedClientOptions,
  names: readonly (keyof Clients & string)[],
): ReadyClients<Clients> {
  resolveClients<Readonly<Record<string, unknown>>, string>(clientOptionsOf(options), {}, names);
  const { clients = {}, clientConfig = {} } = options;
  return { ready: clients as Readonly<Partial<Clients>>, config: clientConfig };
}

/** Returns a function that imports the module at its first call, and creates the client unless a ready one is given. */
export function lazyClient<Module, Client>(
  module: LazyModule<Module>,
  { ready, config }: { readonly ready: Client | undefined; readonly config: ClientConfig },
  classIn: (sdk: Module) => new (config: ClientConfig) => Client,
): () => Promise<Loaded<Module, Client>> {
  let client: Client | undefined;
  return async () => {
    const sdk = await module.get();
    const factory = classIn(sdk);
    client ??= ready === undefined ? new factory(config) : asInstance(ready, factory);
    return { sdk, client };
  };
}
