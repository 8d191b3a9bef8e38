import { describe, expect, test, vi } from 'vitest';
import type { LogData } from '../../../src/core/logger.js';
import { managedListenerRuleHandler } from '../../../src/custom-resource/index.js';
import { managedRule } from '../../support/managed-rule.js';

type World = ReturnType<typeof managedRule>;

const reasonOf = ({ stack }: World, request = -1) => stack.requests.at(request)?.reason;
const rulesOf = ({ cloud, listenerArn }: World) => cloud.elasticLoadBalancing.rulesOf(listenerArn);
/** Writes, except for the tags of the ledger. */
const writes = ({ cloud }: World) =>
  cloud.calls
    .map(({ action }) => action.split(':')[1] ?? '')
    .filter((name) => !name.startsWith('Describe') && name !== 'AddTags');

/** An existing rule of another owner. */
function addForeignRule({ cloud, listenerArn, targetGroups }: World) {
  return cloud.elasticLoadBalancing.addRule({
    listenerArn,
    priority: 11,
    conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['old.example.com'] } }],
    actions: [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: targetGroups.blue, Weight: 1 },
            { TargetGroupArn: targetGroups.purple, Weight: 0 },
          ],
          TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
        },
      },
    ],
  });
}

describe('managedListenerRuleHandler › creation', () => {
  test('creates a rule with its conditions, and returns its attributes', async () => {
    const world = managedRule();
    const conditions = {
      PathPatterns: ['/orders/*'],
      Methods: ['get'],
      Headers: { 'X-Tenant': ['a'] },
      QueryStrings: { version: '2' },
    };

    await world.stack.create(world.template({ blue: 1, green: 3 }, conditions));

    const [rule] = rulesOf(world);
    expect(rule).toMatchObject({
      priority: 11,
      conditions: [
        { Field: 'host-header', HostHeaderConfig: { Values: ['example.com'] } },
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/orders/*'] } },
        { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } },
        { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Tenant', Values: ['a'] } },
        { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'version', Value: '2' }] } },
      ],
    });
    expect(world.stack.requests[0]?.responses).toMatchObject([
      {
        Status: 'SUCCESS',
        PhysicalResourceId: rule?.arn,
        Data: { RuleArn: rule?.arn, Priority: '11', FirstWeight: '25', SecondWeight: '75' },
      },
    ]);
  });

  test('changes no rule of another owner, and keeps it in the deletion that follows', async () => {
    const world = managedRule();
    const foreign = addForeignRule(world);

    const status = await world.stack.create(world.template({ blue: 0, green: 100 }));

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reasonOf(world, 0)).toMatch(/Another rule has the priority.*AdoptExisting/);
    expect(rulesOf(world)).toEqual([foreign]);
    expect(writes(world)).toEqual([]);
  });

  test('adopts a rule with AdoptExisting: shifts its traffic, keeps its settings, and never deletes it', async () => {
    const world = managedRule();
    const foreign = addForeignRule(world);

    const created = await world.stack.create(
      world.template({ blue: 0, green: 100 }, { AdoptExisting: 'true', StepWeight: 50 }),
    );
    const adopted = rulesOf(world);
    const deleted = await world.stack.delete();

    expect([created, deleted]).toEqual(['CREATE_COMPLETE', 'DELETE_COMPLETE']);
    expect(adopted).toMatchObject([
      {
        arn: foreign.arn,
        conditions: [{ HostHeaderConfig: { Values: ['example.com'] } }],
        actions: [{ ForwardConfig: { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } } }],
      },
    ]);
    expect(rulesOf(world)).toEqual(adopted);
    expect(writes(world)).toEqual(['ModifyRule', 'ModifyRule', 'ModifyRule', 'ModifyRule']);
  });

  test('finds the rule of its own earlier attempt, and creates no second one', async () => {
    const world = managedRule();
    const template = world.template({ blue: 0, green: 100 });
    await world.stack.create(template);
    const event = world.stack.requests[0]?.event;

    await world.lambda(event, { getRemainingTimeInMillis: () => 900_000 });

    expect(world.stack.requests[0]?.responses.map((answer) => answer.Status)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(new Set(world.stack.requests[0]?.responses.map((it) => it.PhysicalResourceId)).size).toBe(1);
    expect(rulesOf(world)).toHaveLength(1);
  });

  test('responds with an ID that is not a rule when it fails, and the deletion makes no call', async () => {
    const world = managedRule();

    const status = await world.stack.create(
      world.template({ blue: 0, green: 100 }, { Priority: '5x', Typo: 1 }),
    );

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reasonOf(world, 0)).toMatch(/Priority: expected a whole number.*Typo/);
    expect(world.stack.requests[1]?.event.PhysicalResourceId).toMatch(/^not-created-/);
    expect(world.cloud.calls).toEqual([]);
  });

  test('fails without the keys of Datadog for a DatadogMetric, and shows no key', async () => {
    const world = managedRule();
    const metric = { DatadogMetric: { Query: 'avg:errors{*}', Max: '5' } };

    const without = await world.stack.create(world.template({ blue: 0, green: 100 }, metric));
    vi.stubEnv('DATADOG_API_KEY', 'secret-1').stubEnv('DATADOG_APPLICATION_KEY', 'secret-2');
    const withKeys = await world.stack.create(world.template({ blue: 0, green: 100 }, metric));
    vi.unstubAllEnvs();

    expect([without, withKeys]).toEqual(['ROLLBACK_COMPLETE', 'CREATE_COMPLETE']);
    expect(reasonOf(world, 0)).toMatch(/DatadogMetric: expected the keys of Datadog in DATADOG_API_KEY/);
    expect(JSON.stringify(world.stack.requests)).not.toContain('secret-');
  });
});

describe('managedListenerRuleHandler › update', () => {
  const create = async (more: Record<string, unknown> = {}) => {
    const world = managedRule();
    await world.stack.create(world.template({ blue: 0, green: 100 }, more));
    const before = world.cloud.calls.length;
    return { ...world, writes: () => writes(world).slice(0).slice(1), before };
  };

  test('leaves the weights unchanged when conditions and priority change', async () => {
    const world = await create();
    const [before] = rulesOf(world);

    const status = await world.stack.update(
      world.template({ blue: 0, green: 100 }, { Priority: 12, Hosts: ['www.example.com'] }),
    );

    expect(status).toBe('UPDATE_COMPLETE');
    expect(rulesOf(world)).toMatchObject([
      {
        arn: before?.arn,
        priority: 12,
        actions: before?.actions,
        conditions: [{ HostHeaderConfig: { Values: ['www.example.com'] } }],
      },
    ]);
    expect(world.writes()).toEqual(['ModifyRule', 'SetRulePriorities']);
  });

  test('changes nothing when the properties of the rule are the same', async () => {
    const world = await create({ Hosts: ['a.example.com', 'b.example.com'] });

    await world.stack.update(
      world.template({ blue: 0, green: 50 }, { Hosts: ['b.example.com', 'a.example.com'], StepWeight: 10 }),
    );

    expect(world.writes()).toEqual([]);
    expect(reasonOf(world)).toBeUndefined();
  });

  test('fails when another rule has the priority, and leaves the stack unchanged', async () => {
    const world = await create();
    world.cloud.elasticLoadBalancing.addRule({
      listenerArn: world.listenerArn,
      priority: 12,
      conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
      actions: [{ Type: 'forward', TargetGroupArn: world.targetGroups.blue }],
    });
    const before = rulesOf(world);

    const status = await world.stack.update(world.template({ blue: 0, green: 100 }, { Priority: 12 }));

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasonOf(world, 1)).toMatch(/Another rule has the priority: expected no rule at Priority 12/);
    expect(rulesOf(world)).toEqual(before);
  });

  test('creates a rule again that was deleted by hand', async () => {
    const world = await create();
    const first = world.stack.physicalResourceId ?? '';
    world.cloud.elasticLoadBalancing.operations.DeleteRule({ RuleArn: first });

    const status = await world.stack.update(world.template({ blue: 100, green: 0 }));

    expect(status).toBe('UPDATE_COMPLETE');
    expect(world.weights()).toEqual({ blue: 100, green: 0 });
    expect(world.stack.physicalResourceId).not.toBe(first);
    expect(world.stack.requests.at(-1)?.event).toMatchObject({
      RequestType: 'Delete',
      PhysicalResourceId: first,
    });
  });

  test('fails for more than two target groups, and names the property', async () => {
    const world = await create();
    await world.stack.update(world.template({ blue: 50, green: 50 }));

    const status = await world.stack.update(
      world.template(
        { blue: 0, green: 0 },
        {
          Destinations: [
            { TargetGroupArn: world.targetGroups.purple, Weight: 50 },
            { TargetGroupArn: world.targetGroups.green, Weight: 50 },
          ],
        },
      ),
    );

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasonOf(world, 2)).toMatch(/Destinations: expected at most two target groups/);
    expect(world.weights()).toEqual({ blue: 50, green: 50 });
  });

  test('fails on drift, and leaves the other weights unchanged', async () => {
    const world = await create();
    const { cloud, stack, template, targetGroups } = world;
    cloud.clock.schedule(12, () => {
      cloud.elasticLoadBalancing.changeActions(stack.physicalResourceId ?? '', () => [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: targetGroups.blue, Weight: 77 },
              { TargetGroupArn: targetGroups.green, Weight: 23 },
            ],
          },
        },
      ]);
    });
    const { event, responses } = await stack.openUpdate(template({ blue: 100, green: 0 }));

    await world.lambda(event, { getRemainingTimeInMillis: () => 900_000 });

    expect(responses).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringMatching(/has halted.*changed outside this shift/) },
    ]);
    expect(world.weights()).toEqual({ blue: 77, green: 23 });
  });

  test('does not begin while the incoming target group has no healthy target', async () => {
    const world = await create();
    world.cloud.elasticLoadBalancing.setTargetHealth(world.targetGroups.blue, '10.0.0.1', {
      State: 'unhealthy',
    });

    const status = await world.stack.update(world.template({ blue: 100, green: 0 }));

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasonOf(world, 1)).toMatch(/not ready for traffic/);
    expect(world.weights()).toEqual({ blue: 0, green: 100 });
  });
});

describe('managedListenerRuleHandler › deletion', () => {
  test.each([
    ['CloudFormation’s own ID, of a creation that timed out', 'shop-Rule-1ABCDEFGHIJKL'],
    [
      'a rule that is gone',
      'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/1/2/3',
    ],
  ])('of %s succeeds, and changes nothing', async (_what, PhysicalResourceId) => {
    const world = managedRule();
    await world.stack.create(world.template({ blue: 0, green: 100 }));
    const { event, responses } = await world.stack.openUpdate({});

    await world.lambda(
      { ...event, RequestType: 'Delete', PhysicalResourceId },
      { getRemainingTimeInMillis: () => 900_000 },
    );

    expect(responses).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId }]);
    expect(rulesOf(world)).toHaveLength(1);
  });

  test.each(['yes', {}])(
    'succeeds after a creation that was rejected for its RetainOnDelete (%j)',
    async (RetainOnDelete) => {
      const world = managedRule();

      const status = await world.stack.create(world.template({ blue: 0, green: 100 }, { RetainOnDelete }));

      expect(reasonOf(world, 0)).toMatch(/RetainOnDelete: expected true or false/);
      expect(status).toBe('ROLLBACK_COMPLETE');
      expect(world.cloud.calls).toEqual([]);
    },
  );

  test('fails when RetainOnDelete is malformed', async () => {
    const world = managedRule();
    await world.stack.create(world.template({ blue: 0, green: 100 }));
    const { event, responses } = await world.stack.openUpdate({ RetainOnDelete: 'yes' });

    await world.lambda({ ...event, RequestType: 'Delete' }, { getRemainingTimeInMillis: () => 900_000 });

    expect(responses).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringContaining('RetainOnDelete') },
    ]);
    expect(rulesOf(world)).toHaveLength(1);
  });

  test('keeps the rule of another resource', async () => {
    const world = managedRule();
    await world.stack.create(world.template({ blue: 0, green: 100 }));
    const { event, responses } = await world.stack.openUpdate({});

    await world.lambda(
      { ...event, RequestType: 'Delete', LogicalResourceId: 'OtherRule' },
      { getRemainingTimeInMillis: () => 900_000 },
    );

    expect(responses).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(rulesOf(world)).toHaveLength(1);
  });
});

describe('managedListenerRuleHandler', () => {
  test('sends no response and does not reject for an event without a ResponseURL', async () => {
    const lines: [string, LogData][] = [];
    const world = managedRule({
      handler: {
        logger: {
          debug() {},
          info() {},
          warn() {},
          error: (...line: [string, LogData]) => void lines.push(line),
        },
      },
    });

    const result = await world.lambda({ RequestType: 'Create' }, { getRemainingTimeInMillis: () => 900_000 });

    expect(result).toMatchObject({ status: 'unanswerable', isConfirmed: false });
    expect(lines).toHaveLength(1);
    expect(world.cloud.calls).toEqual([]);
  });

  test('responds FAILED to an unknown RequestType', async () => {
    const world = managedRule();
    await world.stack.create(world.template({ blue: 0, green: 100 }));
    const { event, responses } = await world.stack.openUpdate({});

    await world.lambda({ ...event, RequestType: 'Describe' }, { getRemainingTimeInMillis: () => 900_000 });

    expect(responses).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('RequestType') }]);
  });

  test('throws InvalidInputError for malformed options', () => {
    const options = { deadlineMarginSeconds: 0, datadog: { apiKey: '' }, delegate: {}, durable: 5 } as never;
    expect(() => managedListenerRuleHandler(options)).toThrow(
      /datadog.apiKey.*datadog.appKey.*deadlineMarginSeconds.*delegate.stateMachineArn.*delegate.steps.*durable/,
    );
  });

  test('rejects the report of an execution without a delegated request', async () => {
    const world = managedRule({
      handler: {
        delegate: { stateMachineArn: 'arn:machine', steps: () => async () => ({ input: {} }) as never },
      },
    });
    const context = { getRemainingTimeInMillis: () => 900_000 };
    const report = (input: unknown) =>
      world.lambda({ task: 'report', input, end: { outcome: 'succeeded' } }, context);

    await expect(report({})).rejects.toThrow(/customResource/);
  });
});
