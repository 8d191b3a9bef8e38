// Loaded beforehand, because virtual time passes while a module is loaded from disk.
import '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.js';
import { parseReport } from '../../src/custom-resource/engines/delegate.js';
import {
  type ManagedListenerRuleHandler,
  managedListenerRuleHandler,
} from '../../src/custom-resource/index.js';
import { runDurably } from '../../src/durable/index.js';
import { stepFunctionsDefinition, stepFunctionsHandler } from '../../src/step-functions/index.js';
import { awsError } from '../../src/testing/cloud/environment.js';
import { DurableJournal } from '../support/durable-journal.js';
import { makeRunner, setUpRunners, tearRunnersDown } from '../support/durable-runner.js';
import { errorRateQuery, managedRule } from '../support/managed-rule.js';
import { type Execution, execute, TaskError } from '../support/state-machine.js';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:managed-rule';
const stateMachineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:rollouts';
const definition = stepFunctionsDefinition({ functionArn, report: functionArn });

/** Executions run for a moment after their response, and restore the global timers at their very end. */
const running: Promise<Execution>[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0));
});

/** A custom resource that delegates long rollouts, and its state machine. */
function withStateMachine(start: (begin: () => void, attempt: number) => unknown = (begin) => begin()) {
  const executions = new Map<string, Promise<Execution>>();
  let attempts = 0;
  let deaths = 0;
  let handler: ManagedListenerRuleHandler | undefined;
  const world = managedRule({
    handler: {
      delegate: {
        stateMachineArn,
        steps: stepFunctionsHandler,
        stepFunctions: {
          send: async ({ input: { name = '', input = '' } }) => {
            attempts += 1;
            await start(() => {
              if (executions.has(name)) throw awsError('ExecutionAlreadyExists', 'It exists');
              const execution = execute(definition, JSON.parse(input), {
                clock: world.cloud.clock,
                functions,
              });
              executions.set(name, execution);
              running.push(execution);
            }, attempts);
            return {};
          },
        },
      },
    },
  });
  handler = world.lambda;
  const { clock } = world.cloud;
  const functions = {
    [functionArn]: (payload: unknown) => {
      if (parseReport(payload) !== undefined && deaths-- > 0) {
        throw new TaskError('Runtime.ExitError', 'RequestId: 1 Error: Runtime exited');
      }
      const deadline = clock.now() + 900_000;
      return handler?.(payload, { getRemainingTimeInMillis: () => deadline - clock.now() });
    },
  };
  const dieAtReports = (times: number) => {
    deaths = times;
  };
  return { ...world, executions, dieAtReports };
}

type World = Pick<ReturnType<typeof managedRule>, 'cloud' | 'weights' | 'targetGroups' | 'loadBalancer'>;

/** Half an hour: five steps with checks for minutes each. */
const slow = ({ targetGroups, loadBalancer }: World) => ({
  StepWeight: 20,
  StepInterval: '6m',
  CloudWatchMetric: { Query: errorRateQuery(targetGroups.green, loadBalancer.arn), Max: 5 },
});

function addUsers({ cloud, weights, targetGroups, loadBalancer }: World, errorRate: number) {
  cloud.addTraffic({
    through: () => weights() ?? { blue: 0, green: 0 },
    loadBalancerArn: loadBalancer.arn,
    requestsPerSecond: 5,
    stacks: {
      blue: { targetGroupArn: targetGroups.blue },
      green: {
        targetGroupArn: targetGroups.green,
        errorRate: ({ sharePercent }) => (sharePercent > 50 ? errorRate : 0),
      },
    },
  });
}

describe('managedListenerRuleHandler › rollout longer than a Lambda', () => {
  test('is delegated to a state machine, which responds to CloudFormation at the end', async () => {
    const world = withStateMachine();
    const { cloud, stack, template, weights, executions } = world;
    await stack.create(template({ blue: 100, green: 0 }, slow(world)));
    addUsers(world, 0);

    const status = await stack.update(template({ blue: 0, green: 100 }, slow(world)));
    await cloud.clock.sleep(60_000);

    const [, update] = stack.requests;
    expect(status, update?.reason).toBe('UPDATE_COMPLETE');
    expect(weights()).toEqual({ blue: 0, green: 100 });
    expect(update?.invocations).toMatchObject([{ outcome: 'returned', result: { status: 'delegated' } }]);
    expect((update?.endedAt ?? 0) - (update?.startedAt ?? 0)).toBeGreaterThanOrEqual(1_800_000);
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1]);
    expect([...executions.keys()]).toEqual([update?.event.RequestId]);
    expect(update?.responses[0]?.Data).toMatchObject({ FirstWeight: '0', SecondWeight: '100' });
  });

  test("leaves the weights of a cancelled stack update's rollback unchanged", async () => {
    const world = withStateMachine();
    const { cloud, stack, template, weights, lambda, executions } = world;
    await stack.create(template({ blue: 100, green: 0 }, slow(world)));
    addUsers(world, 0.5);
    const minutes = { getRemainingTimeInMillis: () => 900_000 };
    const update = await stack.openUpdate(template({ blue: 0, green: 100 }, slow(world)));
    await lambda(update.event, minutes);
    await cloud.clock.sleep(500_000);
    const whenCancelled = weights();
    const { event } = await stack.openUpdate(template({ blue: 100, green: 0 }, slow(world)));

    const result = await lambda(
      { ...event, OldResourceProperties: update.event.ResourceProperties },
      minutes,
    );
    await cloud.clock.sleep(3_600_000);

    expect(whenCancelled).toEqual({ blue: 60, green: 40 });
    expect(result).toMatchObject({ status: 'SUCCESS' });
    expect(weights()).toEqual({ blue: 100, green: 0 });
    expect(update.responses).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringContaining('later request') },
    ]);
    expect(executions.size).toBe(1);
  });

  test('rolls back on a failed check, and CloudFormation rolls the stack back', async () => {
    const world = withStateMachine();
    const { cloud, stack, template, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }, slow(world)));
    addUsers(world, 0.5);

    const status = await stack.update(template({ blue: 0, green: 100 }, slow(world)));
    await cloud.clock.sleep(60_000);

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(stack.requests[1]?.reason).toMatch(/rolledBack.*CloudWatchMetric failed once/);
    expect(weights()).toEqual({ blue: 100, green: 0 });
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1, 1]);
    expect(stack.requests[1]?.responses[0]?.PhysicalResourceId).toBe(stack.physicalResourceId);
  });

  test('responds when the process of the report has died', async () => {
    const world = withStateMachine();
    const { cloud, stack, template, weights } = world;
    const steps = { StepWeight: 20, StepInterval: '6m' };
    await stack.create(template({ blue: 100, green: 0 }, steps));
    world.dieAtReports(1);

    const status = await stack.update(template({ blue: 0, green: 100 }, steps));
    await cloud.clock.sleep(60_000);

    expect(status, stack.requests[1]?.reason).toBe('UPDATE_COMPLETE');
    expect(weights()).toEqual({ blue: 0, green: 100 });
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1]);
  });

  test('runs a short rollout in the Lambda', async () => {
    const { stack, template, executions } = withStateMachine();
    await stack.create(template({ blue: 100, green: 0 }));

    expect(await stack.update(template({ blue: 0, green: 100 }))).toBe('UPDATE_COMPLETE');
    expect(executions.size).toBe(0);
  });

  test('rejects a rollout that cannot end within ServiceTimeout', async () => {
    const world = withStateMachine();
    const { stack, template, executions } = world;
    await stack.create(template({ blue: 100, green: 0 }));

    await stack.update(template({ blue: 0, green: 100 }, { StepInterval: '5m' }));

    expect(stack.requests[1]?.reason).toMatch(
      /StepInterval: expected steps that end within the 3480 s that ServiceTimeout leaves/,
    );
    expect(executions.size).toBe(0);
  });

  test('starts one execution, also after a lost response of StartExecution', async () => {
    const world = withStateMachine((begin, attempt) => {
      begin();
      if (attempt === 1) throw Object.assign(new Error('No answer'), { name: 'TimeoutError' });
    });
    const { stack, template, executions } = world;
    await stack.create(template({ blue: 100, green: 0 }));

    const status = await stack.update(
      template({ blue: 0, green: 100 }, { StepWeight: 20, StepInterval: '6m' }),
    );

    expect(status).toBe('UPDATE_COMPLETE');
    expect(executions.size).toBe(1);
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1]);
  });

  test('sends no response to a repeated event while the state machine still checks the last step', async () => {
    const world = withStateMachine();
    const { cloud, stack, template, weights, lambda } = world;
    await stack.create(template({ blue: 100, green: 0 }, slow(world)));
    addUsers(world, 0.5);
    const metric = { ...slow(world), StepWeight: 50, StepInterval: '10m' };
    const updating = stack.update(template({ blue: 0, green: 100 }, metric));
    const seen: unknown[] = [];
    // All the traffic has arrived in the tenth minute, and its errors are not visible yet.
    while (weights()?.green !== 100) await cloud.clock.sleep(5_000);
    seen.push(await lambda(stack.requests[1]?.event, { getRemainingTimeInMillis: () => 900_000 }));
    seen.push(stack.requests[1]?.responses.length);

    expect(await updating).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(seen).toEqual([{ status: 'delegated', isConfirmed: false }, 0]);
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1, 1]);
  });

  test('fails at once when StartExecution is denied', async () => {
    const world = withStateMachine(() => {
      throw awsError(
        'AccessDeniedException',
        'User is not authorized to perform: states:StartExecution',
        403,
      );
    });
    const { stack, template, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }));

    const status = await stack.update(
      template({ blue: 0, green: 100 }, { StepWeight: 20, StepInterval: '6m' }),
    );

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(stack.requests[1]?.reason).toMatch(/AccessDeniedError.*states:StartExecution/);
    expect(weights()).toEqual({ blue: 100, green: 0 });
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1, 1]);
  });

  test('sends no response while the start of an execution is uncertain', async () => {
    let isReachable = false;
    const world = withStateMachine((begin) => {
      if (!isReachable) throw Object.assign(new Error('No answer'), { name: 'TimeoutError' });
      begin();
    });
    const { cloud, stack, template } = world;
    await stack.create(template({ blue: 100, green: 0 }));
    cloud.clock.schedule(860, () => {
      isReachable = true;
    });

    const status = await stack.update(
      template({ blue: 0, green: 100 }, { StepWeight: 34, StepInterval: '10m' }),
    );

    expect(status).toBe('UPDATE_COMPLETE');
    expect(stack.requests[1]?.invocations).toMatchObject([
      { outcome: 'threw' },
      { outcome: 'returned', result: { status: 'delegated' } },
    ]);
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1]);
  });
});

describe('managedListenerRuleHandler › rollout that begins late', () => {
  const slowSteps = { StepWeight: 20, StepInterval: '13m' };

  test('is rejected when it cannot end before the response deadline', async () => {
    const world = withStateMachine();
    const { cloud, stack, template, lambda, weights, executions } = world;
    await stack.create(template({ blue: 100, green: 0 }));
    const { event, responses } = await stack.openUpdate(template({ blue: 0, green: 100 }, slowSteps));
    await cloud.clock.sleep(900_000);

    await lambda(event, { getRemainingTimeInMillis: () => 900_000 });

    expect(responses).toMatchObject([
      {
        Status: 'FAILED',
        Reason: expect.stringMatching(/end within the 25\d\d s that ServiceTimeout leaves/),
      },
    ]);
    expect(executions.size).toBe(0);
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('gets a response in time when its delegation was delayed', async () => {
    let isReachable = false;
    const world = withStateMachine((begin) => {
      if (!isReachable) throw Object.assign(new Error('No answer'), { name: 'TimeoutError' });
      begin();
    });
    const { cloud, stack, template, weights } = world;
    await stack.create(template({ blue: 100, green: 0 }));
    cloud.clock.schedule(860, () => {
      isReachable = true;
    });

    const status = await stack.update(template({ blue: 0, green: 100 }, slowSteps));

    const [, update] = stack.requests;
    expect(status, update?.reason).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((update?.endedAt ?? 0) - (update?.startedAt ?? 0)).toBeLessThan(3_600_000);
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1, 1]);
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('stays with its execution, also when its rest would fit into the Lambda', async () => {
    const world = withStateMachine((begin, attempt) => {
      if (attempt === 1 || isReachable) begin();
      // The response is lost, and Lambda retries the request a quarter of an hour later.
      return isReachable ? undefined : new Promise(() => {});
    });
    let isReachable = false;
    world.cloud.clock.schedule(895, () => {
      isReachable = true;
    });
    const { cloud, stack, template, executions } = world;
    await stack.create(template({ blue: 100, green: 0 }));

    const status = await stack.update(
      template({ blue: 0, green: 100 }, { StepWeight: 20, StepInterval: '6m' }),
    );

    const [, update] = stack.requests;
    expect(status, update?.reason).toBe('UPDATE_COMPLETE');
    expect(update?.invocations).toMatchObject([
      { outcome: 'threw' },
      { outcome: 'returned', result: { status: 'delegated' } },
    ]);
    expect(executions.size).toBe(1);
    expect(stack.requests.map(({ responses }) => responses.length)).toEqual([1, 1]);
    const writes = cloud.calls.filter(({ action }) => action === 'elasticloadbalancing:ModifyRule');
    const pauses = writes.slice(1).map(({ at }, index) => (at - (writes[index]?.at ?? 0)) / 1000);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(360);
  });
});

/** An existing rule, and its durable function. */
async function durableRule() {
  const world = managedRule();
  const { clock, clients, cloudFormation } = world.cloud;
  await world.stack.create(world.template({ blue: 100, green: 0 }, slow(world)));
  const handler = managedListenerRuleHandler({
    durable: runDurably,
    clients: { elasticLoadBalancing: clients.elasticLoadBalancing, cloudWatch: clients.cloudWatch },
    fetch: cloudFormation.fetch,
    clock,
    logger: silentLogger,
  });
  return { ...world, handler };
}

describe('managedListenerRuleHandler › durable function', () => {
  beforeAll(() => setUpRunners());
  afterAll(() => tearRunnersDown());

  test.each([
    { errorRate: 0, Status: 'SUCCESS', atEnd: { blue: 0, green: 100 } },
    { errorRate: 0.5, Status: 'FAILED', atEnd: { blue: 100, green: 0 } },
  ])(
    "rolls out for half an hour on AWS's engine, and responds $Status",
    async ({ errorRate, Status, atEnd }) => {
      const world = await durableRule();
      const { cloud, handler, stack, template, weights } = world;
      addUsers(world, errorRate);
      const startedAt = cloud.clock.now();
      const { event, responses } = await stack.openUpdate(template({ blue: 0, green: 100 }, slow(world)));

      const run = await makeRunner<unknown, unknown>(cloud, handler).run(event);

      expect(run.getResult()).toMatchObject({ status: Status, isConfirmed: true });
      expect(responses).toMatchObject([{ Status, PhysicalResourceId: stack.physicalResourceId }]);
      expect(weights()).toEqual(atEnd);
      expect(cloud.clock.now() - startedAt).toBeGreaterThan(720_000);
    },
  );

  test('sends the same response, in whichever step the process dies', async () => {
    let deaths = 0;
    for (let death = 0; deaths === death; death += 1) {
      const { cloud, handler, stack, template, weights } = await durableRule();
      const { event, responses } = await stack.openUpdate(
        template({ blue: 0, green: 100 }, { StepWeight: 34, StepInterval: '5m' }),
      );
      const journal = new DurableJournal({
        clock: cloud.clock,
        dies: (keeping) => {
          if (keeping === death) deaths += 1;
          return keeping === death;
        },
      });

      await journal.run((context) => handler(event, context));

      expect(weights(), `death in step ${death}`).toEqual({ blue: 0, green: 100 });
      expect(responses[0], `death in step ${death}`).toMatchObject({ Status: 'SUCCESS' });
      expect(new Set(responses.map((answer) => JSON.stringify(answer))).size).toBe(1);
    }
    expect(deaths).toBeGreaterThan(5);
  });

  test('rejects a late event that cannot end before the response deadline', async () => {
    const { cloud, handler, stack, template, weights } = await durableRule();
    const properties = { StepWeight: 20, StepInterval: '13m' };
    const { event, responses } = await stack.openUpdate(template({ blue: 0, green: 100 }, properties));
    await cloud.clock.sleep(900_000);

    await new DurableJournal({ clock: cloud.clock }).run((context) => handler(event, context));

    expect(responses).toMatchObject([
      {
        Status: 'FAILED',
        Reason: expect.stringMatching(/end within the 25\d\d s that ServiceTimeout leaves/),
      },
    ]);
    expect(weights()).toEqual({ blue: 100, green: 0 });
  });

  test('responds to rejected requests, and not to events without a ResponseURL', async () => {
    const { cloud, handler, stack, template } = await durableRule();
    const refused = await stack.openUpdate(template({ blue: 0, green: 100 }, { StepInterval: '5' }));
    const denied = await stack.openUpdate(template({ blue: 0, green: 100 }));

    await new DurableJournal({ clock: cloud.clock }).run((context) => handler(refused.event, context));
    cloud.injectFault({ kind: 'accessDenied', times: Number.POSITIVE_INFINITY });
    await new DurableJournal({ clock: cloud.clock }).run((context) => handler(denied.event, context));
    const unanswerable = await new DurableJournal({ clock: cloud.clock }).run((context) =>
      handler({}, context),
    );

    expect(refused.responses).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringContaining('StepInterval') },
    ]);
    expect(denied.responses).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringContaining('elasticloadbalancing:DescribeRules') },
    ]);
    expect(unanswerable).toMatchObject({ status: 'unanswerable' });
  });
});
