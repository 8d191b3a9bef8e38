import {
  type Action,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateRuleCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  ModifyRuleCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../../src/testing/index.js';

let cloud: SimulatedCloud;
let blue: string;
let green: string;
let loadBalancerArn: string;
let listenerArn: string;
let ruleArn: string;

const client = () => cloud.clients.elasticLoadBalancing;
const notFound: Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } };
const conditions = [{ Field: 'path-pattern', Values: ['/orders/*'] }];

function forward(weights: Readonly<Record<string, number>>, more: Partial<Action> = {}): Action {
  const TargetGroups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({
    TargetGroupArn,
    Weight,
  }));
  return { Type: 'forward', ...more, ForwardConfig: { ...more.ForwardConfig, TargetGroups } };
}

beforeEach(() => {
  cloud = new SimulatedCloud();
  const { elasticLoadBalancing } = cloud;
  blue = elasticLoadBalancing.addTargetGroup({ name: 'blue', targets: ['i-1', 'i-2'] }).arn;
  green = elasticLoadBalancing.addTargetGroup({ name: 'green', targets: ['i-3'] }).arn;
  loadBalancerArn = elasticLoadBalancing.addLoadBalancer({ name: 'shop' }).arn;
  listenerArn = elasticLoadBalancing.addListener({ loadBalancerArn, defaultActions: [notFound] }).arn;
  ruleArn = elasticLoadBalancing.addRule({
    listenerArn,
    priority: 10,
    conditions,
    actions: [{ Type: 'forward', TargetGroupArn: blue }],
  }).arn;
});

describe('SimulatedElasticLoadBalancing', () => {
  describe('load balancers, listeners and rules', () => {
    test('have identifiers like those of AWS', () => {
      expect(loadBalancerArn).toMatch(
        /^arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer\/app\/shop\/[0-9a-f]{16}$/,
      );
      expect(ruleArn).toMatch(/:listener-rule\/app\/shop\/[0-9a-f]{16}\/[0-9a-f]{16}\/[0-9a-f]{16}$/);
      expect(cloud.elasticLoadBalancing.addLoadBalancer({ name: 'tcp', type: 'network' }).arn).toContain(
        'loadbalancer/net/tcp/',
      );
    });

    test('are described by rule, by listener and by load balancer', async () => {
      const { Rules: byArn } = await client().send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
      const { Rules: byListener } = await client().send(
        new DescribeRulesCommand({ ListenerArn: listenerArn }),
      );
      const { Listeners } = await client().send(
        new DescribeListenersCommand({ LoadBalancerArn: loadBalancerArn }),
      );

      expect(byArn).toMatchObject([{ RuleArn: ruleArn, Priority: '10', IsDefault: false }]);
      expect(byListener?.map(({ Priority }) => Priority)).toEqual(['10', 'default']);
      expect(Listeners).toMatchObject([{ ListenerArn: listenerArn, Port: 443, DefaultActions: [notFound] }]);
    });

    test('are described page by page', async () => {
      const first = await client().send(new DescribeRulesCommand({ ListenerArn: listenerArn, PageSize: 1 }));
      const second = await client().send(
        new DescribeRulesCommand({ ListenerArn: listenerArn, PageSize: 1, Marker: first.NextMarker }),
      );

      expect([first.Rules?.length, second.Rules?.[0]?.IsDefault, second.NextMarker]).toEqual([
        1,
        true,
        undefined,
      ]);
    });

    test('return a single target group in both forms', () => {
      expect(cloud.elasticLoadBalancing.rule(ruleArn).actions).toEqual([
        {
          Type: 'forward',
          TargetGroupArn: blue,
          ForwardConfig: {
            TargetGroups: [{ TargetGroupArn: blue, Weight: 1 }],
            TargetGroupStickinessConfig: { Enabled: false },
          },
        },
      ]);
    });

    test('refuse both filters at once, and none', async () => {
      for (const input of [{}, { RuleArns: [ruleArn], ListenerArn: listenerArn }])
        await expect(client().send(new DescribeRulesCommand(input))).rejects.toMatchObject({
          name: 'ValidationError',
        });
      for (const input of [{}, { ListenerArns: [listenerArn], LoadBalancerArn: loadBalancerArn }])
        await expect(client().send(new DescribeListenersCommand(input))).rejects.toMatchObject({
          name: 'ValidationError',
        });
    });

    test('throw a NotFound error when missing', async () => {
      const gone = 'arn:gone';
      for (const [command, name] of [
        [new DescribeRulesCommand({ RuleArns: [gone] }), 'RuleNotFoundException'],
        [new ModifyRuleCommand({ RuleArn: gone, Actions: [notFound] }), 'RuleNotFoundException'],
        [new DescribeListenersCommand({ ListenerArns: [gone] }), 'ListenerNotFoundException'],
        [new ModifyListenerCommand({ ListenerArn: gone }), 'ListenerNotFoundException'],
        [new DescribeTargetHealthCommand({ TargetGroupArn: gone }), 'TargetGroupNotFoundException'],
      ] as const) {
        // @ts-expect-error the commands of the table have no type in common that `send` takes
        await expect(client().send(command)).rejects.toMatchObject({ name });
      }
      expect(() =>
        cloud.elasticLoadBalancing.addListener({ loadBalancerArn: gone, defaultActions: [notFound] }),
      ).toThrowError(/not found/);
    });

    test.each([
      [0, 'ValidationError'],
      [50_001, 'ValidationError'],
      [1.5, 'ValidationError'],
      [10, 'PriorityInUseException'],
    ])('refuse a second rule of priority %s', (priority, name) => {
      const add = () =>
        cloud.elasticLoadBalancing.addRule({ listenerArn, priority, conditions, actions: [notFound] });

      expect(add).toThrowError(expect.objectContaining({ name }));
    });
  });

  describe('changes', () => {
    test('of a rule replace its actions and nothing else', async () => {
      const before = cloud.elasticLoadBalancing.rule(ruleArn);

      const { Rules } = await client().send(
        new ModifyRuleCommand({ RuleArn: ruleArn, Actions: [forward({ [blue]: 3, [green]: 1 })] }),
      );

      const after = cloud.elasticLoadBalancing.rule(ruleArn);
      expect(Rules?.[0]?.Actions).toEqual(after.actions);
      expect(after).toEqual({ ...before, actions: after.actions });
    });

    test('without actions change nothing', async () => {
      await client().send(new ModifyRuleCommand({ RuleArn: ruleArn }));
      await client().send(new ModifyListenerCommand({ ListenerArn: listenerArn, Port: 443 }));

      expect(cloud.elasticLoadBalancing.weightsInForce(ruleArn)).toEqual({ [blue]: 1 });
      expect(cloud.elasticLoadBalancing.weightsInForce(listenerArn)).toEqual({});
    });

    test('of a default rule are refused: its actions belong to the listener', async () => {
      const { defaultRuleArn } = cloud.elasticLoadBalancing.listener(listenerArn);
      const modify = client().send(new ModifyRuleCommand({ RuleArn: defaultRuleArn, Actions: [notFound] }));
      await expect(modify).rejects.toMatchObject({ name: 'OperationNotPermittedException' });

      await client().send(
        new ModifyListenerCommand({ ListenerArn: listenerArn, DefaultActions: [forward({ [green]: 1 })] }),
      );

      expect(cloud.elasticLoadBalancing.weightsInForce(defaultRuleArn)).toEqual({ [green]: 1 });
    });

    test('are read at once, and are in effect a little later', async () => {
      const { elasticLoadBalancing } = cloud;
      elasticLoadBalancing.propagationSeconds = 10;

      await client().send(
        new ModifyRuleCommand({ RuleArn: ruleArn, Actions: [forward({ [blue]: 90, [green]: 10 })] }),
      );

      expect(elasticLoadBalancing.rule(ruleArn).actions[0]?.ForwardConfig?.TargetGroups).toHaveLength(2);
      expect(elasticLoadBalancing.weightsInForce(ruleArn)).toEqual({ [blue]: 1 });
      await cloud.clock.sleep(9999);
      expect(elasticLoadBalancing.weightsInForce(ruleArn)).toEqual({ [blue]: 1 });
      await cloud.clock.sleep(1);
      expect(elasticLoadBalancing.weightsInForce(ruleArn)).toEqual({ [blue]: 90, [green]: 10 });
    });

    test('from outside are validated, too', () => {
      expect(() => cloud.elasticLoadBalancing.changeActions(ruleArn, () => [])).toThrowError(
        /must specify actions/,
      );
    });
  });

  describe('action lists', () => {
    const oidcConfig = {
      Issuer: 'https://login.example.com',
      AuthorizationEndpoint: 'https://login.example.com/authorize',
      TokenEndpoint: 'https://login.example.com/token',
      UserInfoEndpoint: 'https://login.example.com/user',
      ClientId: 'shop',
    };
    const oidc = (more: { ClientSecret?: string; UseExistingClientSecret?: boolean }): Action => ({
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: { ...oidcConfig, ...more },
    });
    const last = (): Action => forward({ [blue]: 1 }, { Order: 2 });
    const put = (...actions: Action[]) =>
      client().send(new ModifyRuleCommand({ RuleArn: ruleArn, Actions: actions }));

    test.each([
      ['none', () => []],
      ['no target group', () => [{ Type: 'forward' } as Action]],
      ['weights of 0 only', () => [forward({ [blue]: 0, [green]: 0 })]],
      [
        'six target groups',
        () => [forward(Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((it) => [it, 1])))],
      ],
      ['stickiness without a duration', () => [sticky({ Enabled: true })]],
      ['stickiness of 0 seconds', () => [sticky({ Enabled: true, DurationSeconds: 0 })]],
      ['stickiness of more than a week', () => [sticky({ Enabled: true, DurationSeconds: 604_801 })]],
      ['both forms for two groups', () => [forward({ [blue]: 1, [green]: 1 }, { TargetGroupArn: blue })]],
      ['both forms for different groups', () => [forward({ [blue]: 1 }, { TargetGroupArn: green })]],
      ['several without an order', () => [oidc({ ClientSecret: 's' }), { ...last(), Order: undefined }]],
      ['no end', () => [oidc({ ClientSecret: 's' })]],
      ['two ends', () => [{ ...notFound, Order: 1 }, last()]],
      ['no client secret', () => [oidc({}), last()]],
      ['UseExistingClientSecret without a secret', () => [oidc({ UseExistingClientSecret: true }), last()]],
      ['two secrets', () => [oidc({ ClientSecret: 's', UseExistingClientSecret: true }), last()]],
    ])('are refused with %s', async (_, actions) => {
      await expect(put(...actions())).rejects.toMatchObject({ name: 'InvalidLoadBalancerActionException' });
    });

    test('are refused with a target group twice', async () => {
      const twice = [blue, blue].map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 }));
      await expect(put({ Type: 'forward', ForwardConfig: { TargetGroups: twice } })).rejects.toMatchObject({
        name: 'InvalidLoadBalancerActionException',
      });
    });

    test.each([-1, 1000, 0.5])('are refused with a weight of %s', async (weight) => {
      await expect(put(forward({ [blue]: weight, [green]: 1 }))).rejects.toMatchObject({
        name: 'ValidationError',
      });
    });

    test('are refused with an unknown target group', async () => {
      await expect(put(forward({ 'arn:gone': 1 }))).rejects.toMatchObject({
        name: 'TargetGroupNotFoundException',
      });
    });

    test('never return a client secret, and keep it with UseExistingClientSecret', async () => {
      await put(oidc({ ClientSecret: 'secret' }), last());
      const read = cloud.elasticLoadBalancing.rule(ruleArn).actions;
      expect(read[0]).toEqual({ Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: oidcConfig });

      await put(oidc({ UseExistingClientSecret: true }), last());

      expect(cloud.elasticLoadBalancing.rule(ruleArn).actions).toEqual(read);
    });

    test('of a network load balancer have stickiness without a duration', () => {
      const network = cloud.elasticLoadBalancing.addLoadBalancer({ name: 'tcp', type: 'network' });
      const group = cloud.elasticLoadBalancing.addTargetGroup({ name: 'tcp' }).arn;

      const listener = cloud.elasticLoadBalancing.addListener({
        loadBalancerArn: network.arn,
        defaultActions: [sticky({ Enabled: true }, group)],
      });

      expect(listener.protocol).toBe('TCP');
      expect(cloud.elasticLoadBalancing.loadBalancerOf(listener.arn)).toEqual(network);
    });

    function sticky(config: { Enabled: boolean; DurationSeconds?: number }, group = blue): Action {
      return forward({ [group]: 1 }, { ForwardConfig: { TargetGroupStickinessConfig: config } });
    }
  });

  describe('a target group of another load balancer', () => {
    let other: { listener: string; rule: string; own: string };

    beforeEach(() => {
      const { elasticLoadBalancing } = cloud;
      const own = elasticLoadBalancing.addTargetGroup({ name: 'own' }).arn;
      const balancer = elasticLoadBalancing.addLoadBalancer({ name: 'internal' }).arn;
      const listener = elasticLoadBalancing.addListener({
        loadBalancerArn: balancer,
        defaultActions: [forward({ [own]: 1 })],
      }).arn;
      const rule = elasticLoadBalancing.addRule({
        listenerArn: listener,
        priority: 1,
        conditions,
        actions: [notFound],
      }).arn;
      other = { listener, rule, own };
    });

    const taken = () => [forward({ [other.own]: 1, [blue]: 0 })];

    test.each<[string, () => unknown]>([
      [
        'CreateRule',
        () =>
          client().send(
            new CreateRuleCommand({
              ListenerArn: other.listener,
              Priority: 2,
              Conditions: conditions,
              Actions: taken(),
            }),
          ),
      ],
      ['ModifyRule', () => client().send(new ModifyRuleCommand({ RuleArn: other.rule, Actions: taken() }))],
      [
        'ModifyListener',
        () =>
          client().send(new ModifyListenerCommand({ ListenerArn: other.listener, DefaultActions: taken() })),
      ],
      [
        'CreateListener',
        () =>
          client().send(
            new CreateListenerCommand({
              LoadBalancerArn: cloud.elasticLoadBalancing.addLoadBalancer({ name: 'third' }).arn,
              Protocol: 'HTTPS',
              Port: 443,
              DefaultActions: [forward({ [blue]: 1 })],
            }),
          ),
      ],
      [
        'addListener',
        async () =>
          cloud.elasticLoadBalancing.addListener({
            loadBalancerArn: cloud.elasticLoadBalancing.addLoadBalancer({ name: 'third' }).arn,
            defaultActions: [forward({ [blue]: 1 })],
          }),
      ],
      [
        'addRule',
        async () =>
          cloud.elasticLoadBalancing.addRule({
            listenerArn: other.listener,
            priority: 2,
            conditions,
            actions: taken(),
          }),
      ],
      ['changeActions', async () => cloud.elasticLoadBalancing.changeActions(other.rule, () => taken())],
    ])('is refused by %s, also at weight 0, and nothing changes', async (_, attempt) => {
      await expect(attempt()).rejects.toMatchObject({
        name: 'TargetGroupAssociationLimitException',
        message: expect.stringContaining(blue),
      });
      expect(cloud.elasticLoadBalancing.rule(other.rule).actions).toEqual([notFound]);
      expect(cloud.elasticLoadBalancing.rulesOf(other.listener)).toHaveLength(1);
    });

    test('is accepted once its own load balancer no longer names it', () => {
      cloud.elasticLoadBalancing.changeActions(ruleArn, () => [notFound]);

      expect(() => cloud.elasticLoadBalancing.changeActions(other.rule, () => taken())).not.toThrow();
    });

    test('is accepted by other listeners and rules of its own load balancer', () => {
      const second = cloud.elasticLoadBalancing.addListener({
        loadBalancerArn,
        port: 80,
        defaultActions: [forward({ [blue]: 1 })],
      });

      expect(second.loadBalancerArn).toBe(loadBalancerArn);
    });
  });

  describe('CreateListener', () => {
    const create = (more: Partial<CreateListenerCommandInput> = {}) =>
      client().send(
        new CreateListenerCommand({
          LoadBalancerArn: loadBalancerArn,
          Protocol: 'HTTP',
          Port: 80,
          DefaultActions: [forward({ [green]: 1 })],
          ...more,
        }),
      );

    test('creates a listener with its default action', async () => {
      const { Listeners: [created] = [] } = await create();

      expect(created).toMatchObject({ LoadBalancerArn: loadBalancerArn, Port: 80, Protocol: 'HTTP' });
      expect(cloud.elasticLoadBalancing.weightsInForce(created?.ListenerArn ?? '')).toEqual({ [green]: 1 });
    });

    test('refuses a port in use, and an unknown load balancer', async () => {
      await create();

      await expect(create()).rejects.toMatchObject({ name: 'DuplicateListenerException' });
      await expect(create({ LoadBalancerArn: 'arn:gone' })).rejects.toMatchObject({
        name: 'LoadBalancerNotFoundException',
      });
    });
  });

  describe('target stickiness', () => {
    const setStickiness = (TargetGroupArn: string, Value: string) =>
      client().send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn,
          Attributes: [{ Key: 'stickiness.enabled', Value }],
        }),
      );
    const split = (config?: { Enabled: boolean; DurationSeconds?: number }) =>
      forward(
        { [blue]: 1, [green]: 0 },
        config && { ForwardConfig: { TargetGroupStickinessConfig: config } },
      );
    const modify = (action: Action) =>
      client().send(new ModifyRuleCommand({ RuleArn: ruleArn, Actions: [action] }));

    test('needs group stickiness in an action that forwards to several groups', async () => {
      await setStickiness(green, 'true');

      for (const config of [undefined, { Enabled: false }])
        await expect(modify(split(config))).rejects.toMatchObject({
          name: 'InvalidLoadBalancerActionException',
          message: expect.stringContaining('Group stickiness'),
        });
      await expect(modify(split({ Enabled: true, DurationSeconds: 60 }))).resolves.toBeDefined();
    });

    test('needs no group stickiness in an action with one group', async () => {
      await setStickiness(green, 'true');

      await expect(modify(forward({ [green]: 1 }))).resolves.toBeDefined();
    });

    test('cannot be enabled behind several groups without group stickiness', async () => {
      await modify(split());

      await expect(setStickiness(green, 'true')).rejects.toMatchObject({
        name: 'InvalidConfigurationRequestException',
      });
      await modify(split({ Enabled: true, DurationSeconds: 60 }));
      await expect(setStickiness(green, 'true')).resolves.toMatchObject({
        Attributes: expect.arrayContaining([{ Key: 'stickiness.enabled', Value: 'true' }]),
      });
    });

    test('is returned with the attributes', async () => {
      const sticky = cloud.elasticLoadBalancing.addTargetGroup({ name: 'sticky', stickiness: true }).arn;
      const shown = await client().send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: sticky }));

      expect(shown.Attributes).toContainEqual({ Key: 'stickiness.enabled', Value: 'true' });
    });

    test.each([
      ['stickiness.enabled', 'yes'],
      ['deregistration_delay.timeout_seconds', '3601'],
      ['no.such.attribute', '1'],
    ])('refuses %s: %s', async (Key, Value) => {
      const command = new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: green,
        Attributes: [{ Key, Value }],
      });

      await expect(client().send(command)).rejects.toMatchObject({ name: 'ValidationError' });
    });
  });

  describe('a load balancer that does not exist', () => {
    const missing = () => loadBalancerArn.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));

    test.each<[string, () => Promise<unknown>]>([
      [
        'DescribeListeners',
        () => client().send(new DescribeListenersCommand({ LoadBalancerArn: missing() })),
      ],
      [
        'DescribeTargetGroups',
        () => client().send(new DescribeTargetGroupsCommand({ LoadBalancerArn: missing() })),
      ],
    ])('is refused by %s', async (_, send) => {
      await expect(send()).rejects.toMatchObject({ name: 'LoadBalancerNotFoundException' });
    });
  });

  describe('target health', () => {
    async function health(TargetGroupArn: string) {
      const { TargetHealthDescriptions = [] } = await client().send(
        new DescribeTargetHealthCommand({ TargetGroupArn }),
      );
      return TargetHealthDescriptions.map(({ Target, TargetHealth }) => [
        Target?.Id,
        TargetHealth?.State,
        TargetHealth?.Reason,
      ]);
    }

    test('is checked while an action names the group, whatever its weight, and unused while none does', async () => {
      const healthyBlue = [
        ['i-1', 'healthy', undefined],
        ['i-2', 'healthy', undefined],
      ];
      expect(await health(blue)).toEqual(healthyBlue);
      expect(await health(green)).toEqual([['i-3', 'unused', 'Target.NotInUse']]);
      cloud.elasticLoadBalancing.changeActions(ruleArn, () => [forward({ [blue]: 0, [green]: 1 })]);

      expect(await health(green)).toEqual([['i-3', 'healthy', undefined]]);
      expect(await health(blue)).toEqual(healthyBlue);
      cloud.elasticLoadBalancing.changeActions(ruleArn, () => [forward({ [green]: 1 })]);

      expect(await health(blue)).toEqual([
        ['i-1', 'unused', 'Target.NotInUse'],
        ['i-2', 'unused', 'Target.NotInUse'],
      ]);
    });

    test.each([
      [
        'a rule',
        () => cloud.elasticLoadBalancing.changeActions(ruleArn, () => [forward({ [blue]: 1, [green]: 0 })]),
      ],
      [
        'a default action',
        () =>
          cloud.elasticLoadBalancing.changeActions(listenerArn, () => [forward({ [blue]: 1, [green]: 0 })]),
      ],
      [
        'a further rule',
        () =>
          void cloud.elasticLoadBalancing.addRule({
            listenerArn,
            priority: 11,
            conditions,
            actions: [forward({ [blue]: 1, [green]: 0 })],
          }),
      ],
    ])('is checked at weight 0 in %s', async (_, name) => {
      name();

      expect(await health(green)).toEqual([['i-3', 'healthy', undefined]]);
    });

    test('is the one that a test has set, until undefined is set', async () => {
      const { elasticLoadBalancing } = cloud;
      elasticLoadBalancing.setTargetHealth(green, 'i-3', { State: 'unhealthy', Reason: 'Target.Timeout' });
      elasticLoadBalancing.setTargetHealth(green, 'i-4', { State: 'initial' });
      expect(await health(green)).toEqual([
        ['i-3', 'unhealthy', 'Target.Timeout'],
        ['i-4', 'initial', undefined],
      ]);

      elasticLoadBalancing.setTargetHealth(green, 'i-3', undefined);

      expect(await health(green)).toContainEqual(['i-3', 'unused', 'Target.NotInUse']);
      expect(elasticLoadBalancing.targetGroup('green').targets.map(({ port }) => port)).toEqual([80, 80]);
    });
  });
});
