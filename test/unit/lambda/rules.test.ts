import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ResourceNotFoundError } from '../../../src/core/index.js';
import { type LambdaStackOptions, LambdaTools } from '../../../src/lambda/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;
let functionArn: string;
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

beforeEach(() => {
  vi.clearAllMocks();
  useCloud(new SimulatedCloud());
});

function useCloud(next: SimulatedCloud) {
  cloud = next;
  functionArn = cloud.lambda.addFunction({ name: 'blue' }).arn;
  cloud.lambda.addFunction({ name: 'green' });
}

function createTools({ alias, eventBusNames }: { alias?: string; eventBusNames?: string[] } = {}) {
  return new LambdaTools({
    blue: { functionName: 'blue', alias },
    green: { functionName: 'green', alias },
    eventBusNames,
    clients: cloud.clients,
    clock: cloud.clock,
    logger,
  });
}

function onDefaultBus(...names: string[]) {
  return names.map((name) => ({ eventBusName: 'default', name }));
}

function fail(name: string, action: string, times = 1) {
  cloud.injectFault({ kind: Object.assign(new Error(`${name} it is`), { name }), action, times });
}

describe('LambdaTools', () => {
  describe('disableRule', () => {
    test('disables the rules which target the function, and no other', async () => {
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
      cloud.eventBridge.addRule({ name: 'stopped', state: 'DISABLED', targets: [functionArn] });
      cloud.eventBridge.addRule({ name: 'other', targets: [cloud.lambda.function('green').arn] });

      const report = await createTools().disableRule('blue');

      expect(report).toEqual({
        changed: onDefaultBus('nightly'),
        unchanged: onDefaultBus('stopped'),
        skippedManaged: [],
        skippedShared: [],
      });
      expect(cloud.eventBridge.rule('nightly').state).toBe('DISABLED');
      expect(cloud.eventBridge.rule('other').state).toBe('ENABLED');
      expect(logger.info.mock.calls).toEqual([
        [
          'Disabled rule',
          { resource: 'nightly', bus: 'default', from: 'ENABLED', to: 'DISABLED', durationMs: 0 },
        ],
      ]);
    });

    test('finds only the rules of the alias when there is one', async () => {
      const alias = cloud.lambda.addAlias({ functionName: 'blue', name: 'live' });
      cloud.eventBridge.addRule({ name: 'of-alias', targets: [alias.arn] });
      cloud.eventBridge.addRule({ name: 'of-function', targets: [functionArn] });

      const report = await createTools({ alias: 'live' }).disableRule('blue');

      expect(report.changed).toEqual(onDefaultBus('of-alias'));
      expect(cloud.eventBridge.rule('of-function').state).toBe('ENABLED');
    });

    test('skips managed rules and reports them', async () => {
      cloud.eventBridge.addRule({
        name: 'theirs',
        managedBy: 'autoscaling.amazonaws.com',
        targets: [functionArn],
      });
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });

      const report = await createTools().disableRule('blue');

      expect(report).toEqual({
        changed: onDefaultBus('nightly'),
        unchanged: [],
        skippedManaged: onDefaultBus('theirs'),
        skippedShared: [],
      });
      expect(cloud.eventBridge.rule('theirs').state).toBe('ENABLED');
      expect(logger.warn).toHaveBeenCalledWith('Skipped managed rule', {
        resource: 'theirs',
        bus: 'default',
        managedBy: 'autoscaling.amazonaws.com',
      });
    });

    test('skips and reports a rule which the partner needs as well', async () => {
      const partnerArn = cloud.lambda.function('green').arn;
      cloud.eventBridge.addRule({ name: 'shared', targets: [functionArn, partnerArn] });
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });

      const report = await createTools().disableRule('blue');

      expect(report).toEqual({
        changed: onDefaultBus('nightly'),
        unchanged: [],
        skippedManaged: [],
        skippedShared: onDefaultBus('shared'),
      });
      expect(cloud.eventBridge.rule('shared').state).toBe('ENABLED');
      expect(logger.warn).toHaveBeenCalledWith('Skipped rule which targets both stacks', {
        resource: 'shared',
        bus: 'default',
      });
    });

    test('distinguishes a rule of the partner from one of the same name on another bus', async () => {
      cloud.eventBridge.addBus('orders');
      const partnerArn = cloud.lambda.function('green').arn;
      cloud.eventBridge.addRule({ name: 'created', eventBusName: 'orders', targets: [partnerArn] });
      cloud.eventBridge.addRule({ name: 'created', targets: [functionArn] });

      await createTools({ eventBusNames: ['default', 'orders'] }).disableRule('blue');

      expect(cloud.eventBridge.rule('created').state).toBe('DISABLED');
      expect(cloud.eventBridge.rule('created', 'orders').state).toBe('ENABLED');
    });

    test('disables the rules when the partner does not exist', async () => {
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
      const tools = new LambdaTools({
        blue: { functionName: 'blue' },
        green: { functionName: 'not-made-yet' },
        clients: cloud.clients,
        clock: cloud.clock,
      });

      await tools.disableRule('blue');

      expect(cloud.eventBridge.rule('nightly').state).toBe('DISABLED');
    });

    test('throws AccessDeniedError when the partner cannot be read', async () => {
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
      const action = 'lambda:GetFunctionConfiguration';
      cloud.injectFault({ kind: 'accessDenied', action, atCall: 2, times: Number.POSITIVE_INFINITY });

      await expect(createTools().disableRule('blue')).rejects.toMatchObject({
        name: 'AccessDeniedError',
        action,
      });
      expect(cloud.eventBridge.rule('nightly').state).toBe('ENABLED');
    });

    test('skips a rule which turns out to be managed when it is changed', async () => {
      cloud.eventBridge.addRule({ name: 'theirs', targets: [functionArn] });
      fail('ManagedRuleException', 'events:DisableRule');

      const report = await createTools().disableRule('blue');

      expect(report.skippedManaged).toEqual(onDefaultBus('theirs'));
    });

    test('omits a rule that is deleted before it is changed', async () => {
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
      fail('ResourceNotFoundException', 'events:DisableRule');

      const report = await createTools().disableRule('blue');

      expect(report).toEqual({ changed: [], unchanged: [], skippedManaged: [], skippedShared: [] });
    });

    test('disables a rule that the listing of states does not show yet', async () => {
      cloud.eventBridge.addRule({ name: 'hourly', targets: [functionArn] });
      const tools = createTools();
      await tools.disableRule('blue');
      const rule = cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
      cloud.injectFault({ kind: 'staleRead', action: 'events:ListRules' });

      const { changed } = await tools.disableRule('blue');

      expect(changed).toContainEqual({ eventBusName: 'default', name: 'nightly' });
      expect(rule.state).toBe('DISABLED');
    });

    test('disables a rule which is enabled for management events too', async () => {
      cloud.eventBridge.addRule({
        name: 'trail',
        state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
        targets: [functionArn],
      });

      await createTools().disableRule('blue');

      expect(cloud.eventBridge.rule('trail').state).toBe('DISABLED');
    });

    test('waits a minute while another change of the rule is under way', async () => {
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
      fail('ConcurrentModificationException', 'events:DisableRule', 3);

      await createTools().disableRule('blue');

      expect(cloud.eventBridge.rule('nightly').state).toBe('DISABLED');
      fail('ConcurrentModificationException', 'events:EnableRule', Number.POSITIVE_INFINITY);
      await expect(createTools().enableRule('blue')).rejects.toMatchObject({
        name: 'WaitTimeoutError',
        resource: 'nightly',
        maxWaitSeconds: 60,
        cause: { name: 'ConcurrentModificationException' },
      });
    });

    test('waits for maxWaitSeconds while another change of the rule is under way', async () => {
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
      fail('ConcurrentModificationException', 'events:DisableRule', Number.POSITIVE_INFINITY);
      const startedAt = cloud.clock.now();

      const disable = createTools().disableRule('blue', { maxWaitSeconds: 7 });

      await expect(disable).rejects.toMatchObject({ name: 'WaitTimeoutError', maxWaitSeconds: 7 });
      expect(cloud.clock.now() - startedAt).toBe(7000);
    });

    test('throws a refusal that does not pass at once', async () => {
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
      fail('LimitExceededException', 'events:DisableRule', Number.POSITIVE_INFINITY);

      await expect(createTools().disableRule('blue')).rejects.toMatchObject({
        name: 'LimitExceededException',
      });
      // The SDK treats every error of this name as a throttle.
      expect(cloud.calls.filter(({ action }) => action === 'events:DisableRule')).toHaveLength(3);
    });

    test.each(['events:ListRules', 'events:DisableRule'])(
      'throws another error of %s as it is',
      async (action) => {
        cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
        fail('ValidationException', action);

        await expect(createTools().disableRule('blue')).rejects.toMatchObject({
          name: 'ValidationException',
        });
      },
    );

    test('throws ResourceNotFoundError when a bus does not exist', async () => {
      const disable = createTools({ eventBusNames: ['missing'] }).disableRule('blue');

      await expect(disable).rejects.toMatchObject({
        name: 'ResourceNotFoundError',
        message: expect.stringContaining('Event bus missing not found. Check eventBusNames'),
      });
    });

    test('throws UnexpectedResponseError when a page token repeats', async () => {
      vi.spyOn(cloud.clients.eventBridge, 'send').mockImplementation(async () => ({ NextToken: 'again' }));

      await expect(createTools().disableRule('blue')).rejects.toMatchObject({
        name: 'UnexpectedResponseError',
      });
    });
  });

  describe('enableRule, disableRule', () => {
    describe('when the stack has no alias', () => {
      const qualifiers = ['', ':$LATEST', ':1', ':2', ':live', ':beta'];

      beforeEach(() => {
        const versions = ['1', '2'];
        for (const name of ['reader', 'writer']) {
          cloud.lambda.addFunction({ name, versions });
          for (const alias of ['live', 'beta'])
            cloud.lambda.addAlias({ functionName: name, name: alias, version: '1' });
        }
      });

      const makePair = (blue: LambdaStackOptions, green: LambdaStackOptions) =>
        new LambdaTools({ blue, green, clients: cloud.clients, clock: cloud.clock });
      const arnOf = (qualifier: string, name = 'reader') => cloud.lambda.function(name).arn + qualifier;

      test.each(qualifiers)('switches a rule that targets the function as "%s"', async (qualifier) => {
        const rule = cloud.eventBridge.addRule({ name: 'nightly', targets: [arnOf(qualifier)] });
        const tools = makePair({ functionName: 'reader' }, { functionName: 'writer' });

        const disabled = await tools.disableRule('blue');
        expect(rule.state).toBe('DISABLED');
        const enabled = await tools.enableRule('blue');

        expect(rule.state).toBe('ENABLED');
        expect([disabled.changed, enabled.changed]).toEqual([
          onDefaultBus('nightly'),
          onDefaultBus('nightly'),
        ]);
      });

      test.each(qualifiers)('skips a rule that targets the partner as "%s" as well', async (qualifier) => {
        const targets = [arnOf(':live'), arnOf(qualifier, 'writer')];
        const rule = cloud.eventBridge.addRule({ name: 'nightly', targets });

        const report = await makePair({ functionName: 'reader' }, { functionName: 'writer' }).disableRule(
          'blue',
        );

        expect(report.skippedShared).toEqual(onDefaultBus('nightly'));
        expect(rule.state).toBe('ENABLED');
      });

      test('reports a rule with several targets of the function once', async () => {
        cloud.eventBridge.addRule({ name: 'nightly', targets: qualifiers.map((it) => arnOf(it)) });

        const report = await makePair({ functionName: 'reader' }, { functionName: 'writer' }).disableRule(
          'blue',
        );

        expect(report.changed).toEqual(onDefaultBus('nightly'));
      });

      test('leaves the rules of versions and aliases unchanged when the partner is an alias of the same function', async () => {
        for (const qualifier of qualifiers)
          cloud.eventBridge.addRule({
            name: `of${qualifier.replace(':$', '-')}`.replace(':', '-'),
            targets: [arnOf(qualifier)],
          });

        const report = await makePair(
          { functionName: 'reader' },
          { functionName: 'reader', alias: 'live' },
        ).disableRule('blue');

        expect(report.changed).toEqual(onDefaultBus('of', 'of-LATEST'));
      });

      test('finds the rules of every version of a function with more than a page of them', async () => {
        const versions = Array.from({ length: 120 }, (_, index) => String(index + 1));
        const { arn } = cloud.lambda.addFunction({ name: 'old', versions });
        const rule = cloud.eventBridge.addRule({ name: 'nightly', targets: [`${arn}:120`] });

        await makePair({ functionName: 'old' }, { functionName: 'writer' }).disableRule('blue');

        expect(rule.state).toBe('DISABLED');
      });
    });

    describe('when no rule targets the function', () => {
      test.each(['enableRule', 'disableRule'] as const)(
        '%s throws ResourceNotFoundError, and returns an empty report with allowNone',
        async (method) => {
          cloud.eventBridge.addRule({ name: 'nightly', targets: [cloud.lambda.function('green').arn] });

          const report = createTools()[method]('blue');

          await expect(report).rejects.toThrowError(ResourceNotFoundError);
          await expect(report).rejects.toMatchObject({
            resource: 'blue',
            message: expect.stringContaining('Found no EventBridge rules of blue'),
          });
          expect(await createTools()[method]('blue', { allowNone: true })).toEqual({
            changed: [],
            unchanged: [],
            skippedManaged: [],
            skippedShared: [],
          });
        },
      );

      test.each([undefined, 'missing'])(
        'throws ResourceNotFoundError for a missing function (alias: %s)',
        async (alias) => {
          const tools = new LambdaTools({
            blue: { functionName: alias === undefined ? 'misspelt' : 'blue', alias },
            green: { functionName: 'green' },
            clients: cloud.clients,
            clock: cloud.clock,
          });

          const disable = tools.disableRule('blue', { allowNone: true });

          await expect(disable).rejects.toThrowError(ResourceNotFoundError);
          await expect(disable).rejects.toMatchObject({
            resource: alias === undefined ? 'misspelt' : 'blue:missing',
          });
        },
      );
    });

    test('names the rule when one of several is refused, and switches the others', async () => {
      for (const name of ['hourly', 'nightly'])
        cloud.eventBridge.addRule({ name, state: 'DISABLED', targets: [functionArn] });
      fail('InvalidStateException', 'events:EnableRule');

      const enable = createTools().enableRule('blue');

      await expect(enable).rejects.toMatchObject({
        name: 'MultipleFailuresError',
        resource: 'hourly',
        message: expect.stringContaining('hourly: InvalidStateException'),
      });
      expect(cloud.eventBridge.rule('nightly').state).toBe('ENABLED');
    });

    test('reads the states of all rules in one call', async () => {
      const names = Array.from({ length: 50 }, (_, index) => `rule-${index}`);
      for (const name of names) cloud.eventBridge.addRule({ name, targets: [functionArn] });

      await createTools().disableRule('blue');

      const count = (action: string) => cloud.calls.filter((call) => call.action === action).length;
      expect([count('events:ListRules'), count('events:DescribeRule')]).toEqual([1, 0]);
    });

    test.each([
      ['enableRule', 'PAUSED', 'ENABLED'],
      ['disableRule', 'PAUSED', 'DISABLED'],
    ] as const)('%s writes the wanted state over an unknown one (%s)', async (method, state, wanted) => {
      // EventBridge may add states.
      const rule = cloud.eventBridge.addRule({
        name: 'nightly',
        state: state as 'ENABLED',
        targets: [functionArn],
      });

      await createTools()[method]('blue');

      expect(rule.state).toBe(wanted);
    });

    test.each([
      ['disableRule', 'enableRule', 'ENABLED'],
      ['enableRule', 'disableRule', 'DISABLED'],
    ] as const)('after %s, %s ignores a read from before', async (first, second, state) => {
      const rule = cloud.eventBridge.addRule({ name: 'nightly', state, targets: [functionArn] });
      const tools = createTools();
      await tools[first]('blue');
      cloud.injectFault({ kind: 'staleRead', action: 'events:ListRules' });

      await tools[second]('blue');

      expect(rule.state).toBe(state);
    });

    test('leaves unchanged what another process has enabled in the days since', async () => {
      const rule = cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });
      const tools = createTools();
      await tools.disableRule('blue');
      await cloud.clock.sleep(86_400_000);
      rule.state = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

      const { changed } = await tools.enableRule('blue');

      expect(changed).toEqual([]);
      expect(rule.state).toBe('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
    });
  });

  describe('enableRule', () => {
    test('enables the rules which target the function', async () => {
      cloud.eventBridge.addRule({ name: 'nightly', state: 'DISABLED', targets: [functionArn] });
      cloud.eventBridge.addRule({
        name: 'trail',
        state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
        targets: [functionArn],
      });

      const report = await createTools().enableRule('blue');

      expect(report).toEqual({
        changed: onDefaultBus('nightly'),
        unchanged: onDefaultBus('trail'),
        skippedManaged: [],
        skippedShared: [],
      });
      expect(cloud.eventBridge.rule('nightly').state).toBe('ENABLED');
      expect(cloud.eventBridge.rule('trail').state).toBe('ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
    });
  });

  describe('faults of the original toolkit', () => {
    test('switches all of 250 rules', async () => {
      const names = Array.from({ length: 250 }, (_, index) => `rule-${index}`);
      for (const name of names) cloud.eventBridge.addRule({ name, targets: [functionArn] });

      const report = await createTools().disableRule('blue');

      expect(report.changed).toEqual(onDefaultBus(...names));
      expect(new Set(names.map((name) => cloud.eventBridge.rule(name).state))).toEqual(new Set(['DISABLED']));
    });

    test('switches the rules of the named buses', async () => {
      cloud.eventBridge.addBus('orders');
      cloud.eventBridge.addRule({ name: 'created', eventBusName: 'orders', targets: [functionArn] });
      cloud.eventBridge.addRule({ name: 'created', targets: [functionArn] });

      const report = await createTools({ eventBusNames: ['default', 'orders'] }).disableRule('blue');

      expect(report.changed).toEqual([
        { eventBusName: 'default', name: 'created' },
        { eventBusName: 'orders', name: 'created' },
      ]);
      expect(cloud.eventBridge.rule('created', 'orders').state).toBe('DISABLED');
    });

    test.each([
      ['aws-cn', 'cn-north-1'],
      ['aws-us-gov', 'us-gov-west-1'],
    ] as const)('switches the rules of the partition %s', async (partition, region) => {
      useCloud(new SimulatedCloud({ partition, region }));
      cloud.eventBridge.addRule({ name: 'nightly', targets: [functionArn] });

      const report = await createTools().disableRule('blue');

      expect(functionArn).toMatch(`arn:${partition}:lambda:${region}:`);
      expect(report.changed).toEqual(onDefaultBus('nightly'));
    });
  });
});
