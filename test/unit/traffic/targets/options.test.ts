import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { methodPermissions } from '../../../../src/iam/method-permissions.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { ApiGatewayCanaryTarget } from '../../../../src/traffic/api-gateway/index.js';
import { GlobalAcceleratorTarget } from '../../../../src/traffic/global-accelerator/index.js';
import {
  AlbListenerRuleTarget,
  AlbListenerTarget,
  AppMeshRouteTarget,
  CompositeTarget,
  LambdaAliasTarget,
  TrafficShifter,
  type TrafficTarget,
  VpcLatticeRuleTarget,
} from '../../../../src/traffic/index.js';
import { Route53WeightedRecordTarget } from '../../../../src/traffic/route-53/index.js';
import { StepFunctionsAliasTarget } from '../../../../src/traffic/step-functions/index.js';
import { hostileNumbers, hostileValues } from '../../../support/hostile-values.js';

const { clients, clock } = new SimulatedCloud();

type Options = Readonly<Record<string, unknown>>;

interface Target {
  readonly make: (options: never) => TrafficTarget;
  readonly options: Options;
  /** Field of each stack; undefined for a target of other targets, which have no stacks of their own. */
  readonly stackField?: string;
  /** Classes whose permissions it declares instead of its own. */
  readonly parts?: readonly string[];
}

const stateMachineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:orders';

const groups = (field: string) => ({ blue: { [field]: 'one' }, green: { [field]: 'two' } });

const targets: Readonly<Record<string, Target>> = {
  AlbListenerRuleTarget: {
    make: (options) => new AlbListenerRuleTarget(options),
    options: { ruleArns: ['arn'], ...groups('targetGroupArn') },
    stackField: 'targetGroupArn',
  },
  AlbListenerTarget: {
    make: (options) => new AlbListenerTarget(options),
    options: { listenerArn: 'arn', ...groups('targetGroupArn') },
    stackField: 'targetGroupArn',
  },
  VpcLatticeRuleTarget: {
    make: (options) => new VpcLatticeRuleTarget(options),
    options: {
      serviceIdentifier: 's',
      listenerIdentifier: 'l',
      ruleIdentifier: 'r',
      ...groups('targetGroupIdentifier'),
    },
    stackField: 'targetGroupIdentifier',
  },
  LambdaAliasTarget: {
    make: (options) => new LambdaAliasTarget(options),
    options: { functionName: 'f', aliasName: 'live', blue: { version: '1' }, green: { version: '2' } },
    stackField: 'version',
  },
  Route53WeightedRecordTarget: {
    make: (options) => new Route53WeightedRecordTarget(options),
    options: {
      hostedZoneId: 'Z1',
      recordName: 'api.example.com',
      recordType: 'AAAA',
      propagationSeconds: 90,
      ...groups('setIdentifier'),
    },
    stackField: 'setIdentifier',
  },
  GlobalAcceleratorTarget: {
    make: (options) => new GlobalAcceleratorTarget(options),
    options: {
      endpointGroupArn:
        'arn:aws:globalaccelerator::123456789012:accelerator/a-1/listener/b2/endpoint-group/c3',
      ...groups('endpointId'),
    },
    stackField: 'endpointId',
  },
  StepFunctionsAliasTarget: {
    make: (options) => new StepFunctionsAliasTarget(options),
    options: {
      stateMachineAliasArn: `${stateMachineArn}:live`,
      blue: { stateMachineVersionArn: `${stateMachineArn}:1` },
      green: { stateMachineVersionArn: `${stateMachineArn}:2` },
    },
    stackField: 'stateMachineVersionArn',
  },
  AppMeshRouteTarget: {
    make: (options) => new AppMeshRouteTarget(options),
    options: { meshName: 'm', virtualRouterName: 'v', routeName: 'r', ...groups('virtualNode') },
    stackField: 'virtualNode',
  },
  ApiGatewayCanaryTarget: {
    make: (options) => new ApiGatewayCanaryTarget(options),
    options: { restApiId: 'a1b2c3d4e5', stageName: 'prod', ...groups('deploymentId') },
    stackField: 'deploymentId',
  },
  CompositeTarget: {
    make: (options) => new CompositeTarget(options),
    options: { targets: [listenerTarget('public'), aliasTarget()] },
    parts: ['AlbListenerTarget', 'LambdaAliasTarget'],
  },
};

function listenerTarget(listenerArn: string) {
  return new AlbListenerTarget({ listenerArn, ...groups('targetGroupArn'), clients } as never);
}

function aliasTarget() {
  const versions = { blue: { version: '1' }, green: { version: '2' } };
  return new LambdaAliasTarget({ functionName: 'f', aliasName: 'live', ...versions, clients });
}

describe.each(Object.entries(targets))('Class: %s', (name, { make, options, stackField, parts }) => {
  const all: Options = { ...options, clock, ...(parts === undefined && { clients }) };
  const makeWith = (changes: Options) => () => make({ ...all, ...changes } as never);
  const target = make(all as never);

  test('declares the permissions of its methods', () => {
    const methods = (parts ?? [name]).flatMap((owner) =>
      Object.entries(methodPermissions).filter(([method]) => method.startsWith(`${owner}.`)),
    );

    expect(methods).not.toEqual([]);
    expect(target.permissions).toEqual(methods.flatMap(([, permissions]): unknown[] => [...permissions]));
    expect(new TrafficShifter({ target }).permissions()).toEqual(target.permissions);
  });

  describe('constructor', () => {
    test.each([...hostileValues, ['undefined', undefined] as const])(
      'throws InvalidInputError for %s as its options',
      (_, value) => {
        expect(() => make(value as never)).toThrowError(InvalidInputError);
      },
    );

    test('throws InvalidInputError for any option of a different type', () => {
      for (const field of [...Object.keys(options), 'clients', 'clientConfig', 'clock', 'logger'])
        for (const [what, value] of hostileValues)
          expect(makeWith({ [field]: value }), `${field}: ${what}`).toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError for an unknown option, and suggests the nearest known one', () => {
      for (const field of [...Object.keys(options), 'clock', 'logger'])
        expect(makeWith({ [`${field}x`]: 5 }), field).toThrowError(
          `Invalid ${name} options: ${field}x: unknown option; did you mean ${field}?`,
        );
      if (stackField === undefined) return;
      expect(makeWith({ green: { ...Object(options['green']), [`${stackField}s`]: 'three' } })).toThrowError(
        `green.${stackField}s: unknown option; did you mean ${stackField}?`,
      );
    });

    if (stackField !== undefined)
      test('throws InvalidInputError when both stacks are the same resource', () => {
        expect(makeWith({ green: options['blue'] })).toThrowError(InvalidInputError);
      });
  });

  const methods: Readonly<Record<string, (given: never) => unknown>> = {
    readWeights: (given) => target.readWeights(given),
    writeWeights: (given) => target.writeWeights({ blue: 50, green: 50 }, given),
    ...(target.readHealth && { readHealth: (given) => target.readHealth?.('green', given) }),
    ...(target.readSetup && { readSetup: (given) => target.readSetup?.('green', given) }),
    ...(target.changeSetup && {
      changeSetup: (given) =>
        target.changeSetup?.({ kind: 'prepare', incoming: 'green', original: {} }, given),
    }),
  };

  describe.each(Object.entries(methods))('Method: %s', (method, call) => {
    test.each(hostileValues)('throws InvalidInputError for %s as its options', async (_, value) => {
      await expect(async () => call(value as never)).rejects.toThrowError(InvalidInputError);
    });

    test('throws InvalidInputError for an unknown option and an invalid signal', async () => {
      await expect(async () => call({ signals: undefined } as never)).rejects.toThrowError(
        `Invalid ${method} options: signals: unknown option; did you mean signal?`,
      );
      await expect(async () => call({ signal: 'stop' } as never)).rejects.toThrowError(InvalidInputError);
    });
  });

  const badWeights = [
    ...hostileValues.map(([, value]) => value),
    undefined,
    {},
    { blue: 100 },
    { blue: '90', green: '10' },
    { blue: 90, green: 9 },
    { blue: 110, green: -10 },
    ...hostileNumbers.map((blue) => ({ blue, green: 100 })),
  ];

  test('throws InvalidInputError for weights that are not 100 % together', async () => {
    for (const weights of badWeights) {
      await expect(async () => target.writeWeights(weights as never)).rejects.toThrowError(InvalidInputError);
      expect(() => target.nearestWeights?.(weights as never)).toThrowError(InvalidInputError);
      await expect(async () => target.readWeights({ expected: [weights as never] })).rejects.toThrowError(
        InvalidInputError,
      );
    }
  });

  if (target.changeSetup !== undefined)
    test('throws InvalidInputError for a setup of an unknown stack, and for a malformed change', async () => {
      const change = { kind: 'prepare', incoming: 'green', original: {} };
      const malformed = [
        ...hostileValues.map(([, value]) => value),
        { ...change, kind: 'undo' },
        { ...change, incoming: 'red' },
        { ...change, original: undefined },
        { ...change, originals: {} },
      ];
      for (const stack of ['red', undefined, null, 5, Symbol('green')])
        await expect(async () => target.readSetup?.(stack as never)).rejects.toThrowError(InvalidInputError);
      for (const value of malformed)
        await expect(async () => target.changeSetup?.(value as never)).rejects.toThrowError(
          InvalidInputError,
        );
    });

  if (target.readHealth !== undefined)
    test('throws InvalidInputError for the health of an unknown stack', async () => {
      for (const stack of ['red', undefined, null, 5, Symbol('green')])
        await expect(async () => target.readHealth?.(stack as never)).rejects.toThrowError(InvalidInputError);
    });
});

describe('AlbListenerRuleTarget › constructor › load balancers', () => {
  const rule = (loadBalancer: string, id = '1') =>
    `arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/${loadBalancer}/50dc6c495c0c9188/f2f7dc8efc522ab2/${id}`;
  const make = (...ruleArns: string[]) =>
    new AlbListenerRuleTarget({ ruleArns, ...groups('targetGroupArn'), clients } as never);

  test('throws InvalidInputError for rules of two load balancers, and names the alternative', () => {
    expect(() => make(rule('shop'), rule('internal'))).toThrowError(InvalidInputError);
    expect(() => make(rule('shop'), rule('internal'))).toThrowError(
      /ruleArns: expected rules of one load balancer, because a target group belongs to one .*use a CompositeTarget.*got rules of app\/shop\/50dc6c495c0c9188 and app\/internal\/50dc6c495c0c9188/,
    );
  });

  test('accepts several rules of one load balancer, and ARNs of another format', () => {
    expect(() => make(rule('shop', '1'), rule('shop', '2'))).not.toThrow();
    expect(() => make('one', 'two')).not.toThrow();
  });
});
