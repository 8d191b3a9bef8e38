import {
  ElasticLoadBalancingV2Client,
  paginateDescribeRules,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { type ClientConfig, type ClientOptions, resolveClients } from '../../../src/core/clients.js';
import { InvalidInputError } from '../../../src/core/errors.js';
import { lazyClient } from '../../../src/core/lazy-client.js';
import { LazyModule } from '../../../src/core/lazy-module.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
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

type BalancerModule = typeof import('@aws-sdk/client-elastic-load-balancing-v2');

const clientOf = async (ready: ElasticLoadBalancingV2Client) =>
  resolveClients<{ elb: ElasticLoadBalancingV2Client }>(
    { clients: { elb: ready } },
    { elb: ElasticLoadBalancingV2Client },
  ).elb;

const lazyClientOf = async (ready: ElasticLoadBalancingV2Client) => {
  const module = new LazyModule<BalancerModule>(() => import('@aws-sdk/client-elastic-load-balancing-v2'));
  const load = lazyClient(module, { ready, config: {} }, (sdk) => sdk.ElasticLoadBalancingV2Client);
  return (await load()).client;
};

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

  test('returns an instance that sends with a client of another copy of the SDK', async () => {
    class OwnClient {
      readonly config: unknown = 'own';
      send(command: string): string {
        return `own ${command}`;
      }
    }
    class OtherClient {
      readonly config: unknown = 'other';
      readonly #name = 'other';
      send(command: string): string {
        return `${this.#name} ${command}`;
      }
    }
    const ready = Object.freeze(new OtherClient());

    const { client } = resolveClients<{ client: OwnClient }>(
      { clients: { client: ready } },
      { client: OwnClient },
    );

    expect(client).toBeInstanceOf(OwnClient);
    expect(client.send('DescribeRules')).toBe('other DescribeRules');
    expect(client.config).toBe('other');
  });

  test.each<[string, unknown]>([
    ['without the class', undefined],
    ['with a function in its place', () => ({})],
  ])('returns a ready client as it is when the module of the SDK was replaced by one %s', (_, factory) => {
    const ready = { send: (command: string) => command };

    const { client } = resolveClients<{ client: typeof ready }>(
      { clients: { client: ready } },
      { client: factory as new () => typeof ready },
    );

    expect(client).toBe(ready);
  });

  test.each([
    ['resolveClients', (ready: ElasticLoadBalancingV2Client) => clientOf(ready)],
    ['lazyClient', (ready: ElasticLoadBalancingV2Client) => lazyClientOf(ready)],
  ])('%s returns a client of another copy of the SDK that its paginators take', async (_, resolve) => {
    const cloud = new SimulatedCloud();
    const listener = cloud.elasticLoadBalancing.addListener({
      loadBalancerArn: cloud.elasticLoadBalancing.addLoadBalancer({ name: 'web' }).arn,
      defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
    const { elasticLoadBalancing: own } = cloud.clients;
    const other = { config: own.config, send: own.send.bind(own) } as unknown as typeof own;

    const client = await resolve(other);

    const pages = paginateDescribeRules({ client }, { ListenerArn: listener.arn });
    expect((await pages.next()).value?.Rules).toHaveLength(1);
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
