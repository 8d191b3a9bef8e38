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
  test('makes every client when nothing is given', () => {
    const clients = resolveClients<Clients>({}, factories);

    expect(clients.first).toBeInstanceOf(FirstClient);
    expect(clients.second).toBeInstanceOf(SecondClient);
    expect(clients.first.config).toEqual({});
  });

  test('makes every client from the configuration', () => {
    const clients = resolveClients<Clients>({ clientConfig }, factories);

    expect([clients.first.config, clients.second.config]).toEqual([clientConfig, clientConfig]);
  });

  test('takes the ready clients as they are', () => {
    const clients = resolveClients<Clients>({ clients: { first, second } }, factories);

    expect(clients.first).toBe(first);
    expect(clients.second).toBe(second);
  });

  test('makes only the missing clients from the configuration', () => {
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
  ])('throws InvalidInputError for a client that cannot send: %s', (_, client) => {
    class SendingClient {
      send(): void {}
    }

    const options = { clients: { first: client as never } };
    const resolve = () => resolveClients<{ first: SendingClient }>(options, { first: SendingClient });

    expect(resolve).toThrowError(InvalidInputError);
    expect(resolve).toThrowError('clients.first: expected an SDK client');
  });

  test('leaves clients alone that the tool does not work with', () => {
    const options = { clients: { first, second, third: {} } };

    expect(Object.keys(resolveClients<Clients>(options, factories))).toEqual(['first', 'second']);
  });

  test('refuses a configuration that no client is left for, also from callers without types', () => {
    const options = { clients: { first, second }, clientConfig } as unknown as ClientOptions<Clients>;

    expect(() => resolveClients<Clients>(options, factories)).toThrowError(InvalidInputError);
    expect(() => resolveClients<Clients>(options, factories)).toThrowError(/every client \(first, second\)/);
  });
});
