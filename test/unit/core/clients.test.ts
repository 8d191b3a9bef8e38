import { describe, expect, test } from 'vitest';
import { type ClientConfig, type ClientOptions, resolveClients } from '../../../src/core/clients.js';
import { InvalidInputError } from '../../../src/core/errors.js';
import { throwingObject } from '../../support/hostile-values.js';

class FirstClient {
  readonly kind = 'first';
  readonly config: ClientConfig;
  constructor(config: ClientConfig) {
    this.config = config;
  }
}

class SecondClient {
  readonly kind = 'second';
  readonly config: ClientConfig;
  constructor(config: ClientConfig) {
    this.config = config;
  }
}

interface Clients {
  readonly first: FirstClient;
  readonly second: SecondClient;
}

const factories = { first: FirstClient, second: SecondClient };
const clientConfig = { region: 'eu-west-1' };
const first = new FirstClient({});
const second = new SecondClient({});

describe('Function: resolveClients', () => {
  test('creates every client without options', () => {
    const clients = resolveClients<Clients>({}, factories);

    expect(clients.first).toBeInstanceOf(FirstClient);
    expect(clients.second).toBeInstanceOf(SecondClient);
    expect(clients.first.config).toEqual({});
  });

  test('creates every client from the configuration', () => {
    const clients = resolveClients<Clients>({ clientConfig }, factories);

    expect([clients.first.config, clients.second.config]).toEqual([clientConfig, clientConfig]);
  });

  test('returns the ready clients unchanged', () => {
    const clients = resolveClients<Clients>({ clients: { first, second } }, factories);

    expect(clients.first).toBe(first);
    expect(clients.second).toBe(second);
  });

  test('creates only the missing clients from the configuration', () => {
    const clients = resolveClients<Clients>({ clients: { first }, clientConfig }, factories);

    expect(clients.first).toBe(first);
    expect(clients.second.config).toEqual(clientConfig);
  });

  test.each<[name: string, client: unknown]>([
    ['null', null],
    ['an object', {}],
    ['a number', 5],
    ['a string', 'client'],
    ['an object that throws', throwingObject],
  ])('throws InvalidInputError for a client without a send method: %s', (_, client) => {
    class SendingClient {
      send(): void {}
    }

    const options = { clients: { first: client as never } };
    const resolve = () => resolveClients<{ first: SendingClient }>(options, { first: SendingClient });

    expect(resolve).toThrowError(InvalidInputError);
    expect(resolve).toThrowError('clients.first: expected an SDK client');
  });

  test('ignores clients that the tool does not use', () => {
    const options = { clients: { first, second, third: {} } };

    expect(Object.keys(resolveClients<Clients>(options, factories))).toEqual(['first', 'second']);
  });

  test('throws InvalidInputError for a configuration when every client is ready', () => {
    const options = { clients: { first, second }, clientConfig } as unknown as ClientOptions<Clients>;

    expect(() => resolveClients<Clients>(options, factories)).toThrowError(InvalidInputError);
    expect(() => resolveClients<Clients>(options, factories)).toThrowError(/every client \(first, second\)/);
  });
});
