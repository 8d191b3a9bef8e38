import { describe, expect, test } from 'vitest';
import type { OwnTaskEvent } from '../../src/step-functions/index.js';
import { AlbListenerRuleTarget, TrafficShifter } from '../../src/traffic/index.js';
import {
  ownFunctionArn,
  runShiftMachine,
  type ShiftMachineRun,
  type ShiftMachineScenario,
} from '../support/shift-machine.js';
import { TaskError } from '../support/state-machine.js';

const linear = { strategy: { type: 'linear', stepPercent: 25, intervalSeconds: 180 } } as const;
const canary = { strategy: { type: 'canary', percent: 10, holdSeconds: 3600, bakeSeconds: 600 } } as const;
const bad = { greenIsBad: true };
const never = () => new Promise(() => {});
const byToken = { functionArn: ownFunctionArn, timeoutSeconds: 3600 };
const modifyRule = 'elasticloadbalancing:ModifyRule';
const mayNot = (action: string) =>
  `User: arn:aws:sts::123456789012:assumed-role/machine is not authorized to perform: ${action} on resource: shift`;

/** Calls of the user's function. */
const tasksOf = ({ ownCalls }: ShiftMachineRun) => ownCalls.map(({ task }) => task);

describe('stepFunctionsDefinition › shift', () => {
  test.each([
    ['linear', linear, [25, 50, 75, 100]],
    ['canary', canary, [10, 100]],
  ])('%s: succeeds', async (_, request, expected) => {
    const { execution, greenPercents, greenPercent } = await runShiftMachine({ request });

    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        outcome: 'succeeded',
        isComplete: true,
        details: { incomingPercent: 100 },
        end: { outcome: 'succeeded' },
      },
    });
    expect(greenPercents).toEqual(expected);
    expect(greenPercent).toBe(100);
  });

  test.each([
    ['linear', linear],
    ['canary', canary],
  ])('%s: rolls back on a failed check, and fails the execution with the reason', async (_, request) => {
    const { execution, greenPercent } = await runShiftMachine({ request, release: bad });

    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'ShiftRolledBack',
      cause: expect.stringMatching(/^The check 5xx rate failed once: error rate .* is above the maximum/),
    });
    expect(greenPercent).toBe(0);
  });

  test('waits for waitSeconds, and holds each step for its time', async () => {
    const { world, execution, seconds } = await runShiftMachine({ request: canary });
    const writes = world.cloud.calls.filter(({ action }) => action === modifyRule);

    expect(((writes[1]?.at ?? 0) - (writes[0]?.at ?? 0)) / 1000).toBeGreaterThanOrEqual(3600);
    expect(seconds).toBeLessThan(4500);
    expect(execution.states.filter((state) => state === 'Wait').length).toBeGreaterThan(60);
  });

  test('ends at once when green has all the traffic already', async () => {
    const { execution, greenPercents } = await runShiftMachine({
      request: linear,
      prepare: ({ setWeightsByHand }) => setWeightsByHand({ blue: 0, green: 100 }),
    });

    expect(execution.status).toBe('SUCCEEDED');
    expect(greenPercents).toEqual([]);
  });

  test('halts on drift, and writes nothing more', async () => {
    const run = await runShiftMachine({
      request: linear,
      definition: { cleanUp: ownFunctionArn },
      prepare: ({ cloud, setWeightsByHand }) => {
        cloud.clock.schedule(240, () => setWeightsByHand({ blue: 40, green: 60 }));
      },
    });

    expect(run.execution).toMatchObject({ status: 'FAILED', error: 'ShiftHalted' });
    expect(run.execution.cause).toContain('60');
    expect(run.greenPercent).toBe(60);
    expect(run.ownCalls).toEqual([]);
  });

  test('resumes a halted shift in an execution that is started with its state', async () => {
    const halted = await runShiftMachine({
      request: linear,
      prepare: ({ cloud, setWeightsByHand }) => {
        // At 25 % the second evaluation passes after four minutes, because the metric appears a minute late.
        cloud.clock.schedule(300, () => setWeightsByHand({ blue: 40, green: 60 }));
      },
    });
    const { input, state } = halted.execution.lastState;

    const taken = await runShiftMachine({
      request: linear,
      prepare: ({ setWeightsByHand }) => setWeightsByHand({ blue: 50, green: 50 }),
      input: () => ({ continued: { input, state } }),
    });

    expect(taken.execution.status).toBe('SUCCEEDED');
    expect(taken.greenPercents).toEqual([75, 100]);
  });

  test('fails the execution of a resumed shift that fails', async () => {
    const { execution } = await runShiftMachine({
      request: linear,
      input: (input) => ({ continued: { input, state: {} } }),
    });

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ShiftHalted' });
  });
});

describe('stepFunctionsDefinition › crashed task', () => {
  test('is retried when it hangs, and only after the function has certainly ended', async () => {
    const invokedAt: number[] = [];
    let now = () => 0;
    const run = await runShiftMachine({
      request: linear,
      timeoutSeconds: 60,
      prepare: ({ cloud }) => {
        now = () => cloud.clock.now() / 1000;
      },
      invoke: (invocation, index) => {
        invokedAt.push(now());
        return index === 3 ? never() : invocation();
      },
    });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(run.greenPercents).toEqual([25, 50, 75, 100]);
    const [, , hung = 0, next = 0] = invokedAt;
    expect(next - hung).toBeGreaterThan(60);
    expect(next - hung).toBeLessThan(120);
  });

  test('rolls the shift back when it crashes again and again', async () => {
    const run = await runShiftMachine({
      request: linear,
      invoke: (invocation, index) => {
        if (index >= 6 && index <= 11)
          throw new TaskError('Lambda.TooManyRequestsException', 'Rate Exceeded');
        return invocation();
      },
    });

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: 'The change cannot proceed: Lambda.TooManyRequestsException: Rate Exceeded',
    });
    expect(run.greenPercent).toBe(0);
  });

  test('shifts nothing and keeps the new version when it crashes before the shift has begun', async () => {
    const run = await runShiftMachine({
      request: linear,
      definition: { cleanUp: ownFunctionArn },
      prepare: ({ setWeightsByHand }) => setWeightsByHand({ blue: 90, green: 10 }),
    });

    expect(run.execution).toMatchObject({ status: 'FAILED', error: 'ShiftNotBegun' });
    expect(run.execution.cause).toContain('ResourceStateError');
    expect(run.greenPercents).toEqual([]);
    expect(run.ownCalls).toEqual([]);
  });
});

describe('stepFunctionsDefinition › rollback', () => {
  const fromTheSecondWriteOn = { action: modifyRule, atCall: 2 } as const;

  test('is retried for hours', async () => {
    const run = await runShiftMachine({
      request: linear,
      release: bad,
      definition: { cleanUp: ownFunctionArn },
      prepare: ({ cloud }) => {
        cloud.injectFault({ ...fromTheSecondWriteOn, kind: 'serverError', times: Number.POSITIVE_INFINITY });
        cloud.clock.schedule(3600, () => cloud.clearFaults());
      },
    });

    expect(run.execution).toMatchObject({ error: 'ShiftRolledBack' });
    expect(run.greenPercent).toBe(0);
    expect(run.seconds).toBeGreaterThan(3600);
    expect(tasksOf(run)).toEqual(['cleanUp']);
  });

  test('keeps the new version, which has traffic, when it fails for good', async () => {
    const run = await runShiftMachine({
      request: linear,
      release: bad,
      definition: { cleanUp: ownFunctionArn },
      prepare: ({ cloud }) =>
        cloud.injectFault({ ...fromTheSecondWriteOn, kind: 'serverError', times: Number.POSITIVE_INFINITY }),
    });

    expect(run.execution).toMatchObject({ status: 'FAILED', error: 'ShiftHalted' });
    expect(run.greenPercent).toBe(25);
    expect(run.ownCalls).toEqual([]);
    expect(run.seconds).toBeGreaterThan(3600);
  });

  test('is not retried when a permission is missing', async () => {
    const run = await runShiftMachine({
      request: linear,
      release: bad,
      definition: { cleanUp: ownFunctionArn },
      prepare: ({ cloud }) =>
        cloud.injectFault({ ...fromTheSecondWriteOn, kind: 'accessDenied', times: Number.POSITIVE_INFINITY }),
    });

    expect(run.execution).toMatchObject({ error: 'ShiftHalted' });
    expect(run.execution.cause).toContain('Allow the IAM action elasticloadbalancing:ModifyRule');
    expect(run.ownCalls).toEqual([]);
    expect(run.seconds).toBeLessThan(600);
  });
});

describe('stepFunctionsDefinition › maxDurationSeconds', () => {
  test('rolls the shift back when it is over', async () => {
    const run = await runShiftMachine({
      request: { ...linear, approvalPercents: [50], maxDurationSeconds: 7200 },
      handler: { isApproved: () => false },
    });

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: expect.stringMatching(/^Not done by/),
    });
    expect(run.greenPercents).toEqual([25, 50, 0]);
    expect(run.seconds).toBeGreaterThanOrEqual(7200);
    expect(run.seconds).toBeLessThan(7300);
  });

  test('limits an approval by task token', async () => {
    const run = await runShiftMachine({
      request: { ...linear, approvalPercents: [50], maxDurationSeconds: 1800 },
      definition: { approval: { ...byToken, timeoutSeconds: 86_400 } },
      answer: never,
    });

    expect(run.execution).toMatchObject({ error: 'ShiftRolledBack' });
    expect(run.seconds).toBeGreaterThanOrEqual(1800);
    expect(run.seconds).toBeLessThan(1900);
  });
});

describe('stepFunctionsDefinition › approval by task token', () => {
  const gated: ShiftMachineScenario = {
    request: { ...linear, approvalPercents: [0, 50] },
    definition: { approval: byToken },
  };

  test.each([
    ['lambda:invoke', byToken, ['FunctionName', 'Payload']],
    ['sns:publish', { topicArn: 'arn:aws:sns:eu-west-1:1:ask', timeoutSeconds: 60 }, ['TopicArn', 'Message']],
    ['sqs:sendMessage', { queueUrl: 'https://sqs/1/ask', timeoutSeconds: 60 }, ['QueueUrl', 'MessageBody']],
  ])('is requested with %s, and continues the shift', async (by, approval, [where = '', message = '']) => {
    const questions: Record<string, unknown>[] = [];
    const run = await runShiftMachine({
      ...gated,
      definition: { approval },
      answer: (question) => {
        questions.push(question);
        return { approved: true };
      },
    });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(run.greenPercents).toEqual([25, 50, 75, 100]);
    expect(questions).toMatchObject([
      { by, [message]: { key: '0', detail: 'go past 0 %' } },
      { by, [message]: { key: '50' } },
    ]);
    expect(questions[0]).toHaveProperty(where);
    expect(questions[0]?.[message]).toMatchObject({
      taskToken: 'token of first',
      execution: expect.stringContaining('execution:shift:first'),
      input: { request: { incoming: 'green' } },
    });
  });

  test.each<[string, (attempt: number) => unknown, string]>([
    ['refused', () => ({ approved: false, reason: 'it is Friday' }), 'Not approved: it is Friday'],
    [
      'answered without approved',
      () => ({}),
      'Not approved: expected an answer with approved: true or false',
    ],
    ['not answered in time', never, 'Not approved: no answer in time'],
    [
      'failed',
      () => {
        throw new TaskError('Refused', 'by the boss');
      },
      'Not approved: Refused: by the boss',
    ],
  ])('that is %s rolls the shift back', async (_, answer, cause) => {
    const run = await runShiftMachine({
      ...gated,
      definition: { ...gated.definition, cleanUp: ownFunctionArn },
      answer: ({ Payload }) => ((Payload as { key: string }).key === '50' ? answer(1) : { approved: true }),
    });

    expect(run.execution).toMatchObject({ status: 'FAILED', error: 'ShiftRolledBack', cause });
    expect(run.greenPercents).toEqual([25, 50, 0]);
    expect(tasksOf(run)).toEqual(['cleanUp']);
  });

  test('is followed by the checks, which did not run meanwhile', async () => {
    const run = await runShiftMachine({
      ...gated,
      release: { greenIsBad: true, failsAfterSeconds: 1000 },
      answer: async (_, { cloud }) => {
        await cloud.clock.sleep(1_800_000);
        return { approved: true };
      },
    });

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: expect.stringContaining('5xx rate'),
    });
    expect(Math.max(...run.greenPercents)).toBe(25);
  });
});

describe('stepFunctionsDefinition › isApproved', () => {
  const gated = { ...linear, approvalPercents: [50] };

  test('continues the shift as soon as it returns true', async () => {
    const questions: unknown[] = [];
    const run = await runShiftMachine({
      request: gated,
      handler: {
        isApproved: ({ input: { request }, key }) => {
          questions.push({ request, key });
          return questions.length === 10;
        },
      },
    });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(run.greenPercents).toEqual([25, 50, 75, 100]);
    expect(questions).toHaveLength(10);
    expect(questions[0]).toMatchObject({ request: { incoming: 'green' }, key: '50' });
  });

  test("rolls the shift back when it returns 'refused'", async () => {
    const run = await runShiftMachine({ request: gated, handler: { isApproved: () => 'refused' } });

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: 'Not approved: refused to go past 50 %',
    });
    expect(run.greenPercents).toEqual([25, 50, 0]);
  });

  test('keeps the checks running meanwhile', async () => {
    const run = await runShiftMachine({
      request: gated,
      release: { greenIsBad: true, failsAfterSeconds: 3600 },
      handler: { isApproved: () => false },
    });

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: expect.stringContaining('5xx rate'),
    });
    expect(run.seconds).toBeLessThan(4000);
  });

  test('rolls the shift back when it always throws', async () => {
    const run = await runShiftMachine({
      request: gated,
      handler: { isApproved: () => Promise.reject(new Error('no such table')) },
    });

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: 'The change cannot proceed: Error: no such table',
    });
  });
});

describe('stepFunctionsDefinition › tasks of the user', () => {
  const all = {
    preCheck: ownFunctionArn,
    finish: ownFunctionArn,
    cleanUp: ownFunctionArn,
    report: ownFunctionArn,
  };
  const failing = (name: string) => (payload: OwnTaskEvent) => {
    if (payload.task === name) throw new Error('broken');
  };

  test('runs preCheck, finish and report after a success', async () => {
    const run = await runShiftMachine({ request: linear, definition: all });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(run.ownCalls).toMatchObject([
      { task: 'preCheck', input: { request: linear } },
      { task: 'finish', details: { incoming: 'green' } },
      { task: 'report', end: { outcome: 'succeeded' } },
    ]);
  });

  test('runs preCheck, cleanUp and report after a rollback', async () => {
    const run = await runShiftMachine({ request: linear, release: bad, definition: all });

    expect(run.execution).toMatchObject({ error: 'ShiftRolledBack' });
    expect(run.ownCalls).toMatchObject([
      { task: 'preCheck' },
      { task: 'cleanUp', details: { incoming: 'green' } },
      { task: 'report', end: { outcome: 'rolledBack', error: 'ShiftRolledBack' } },
    ]);
  });

  test('shifts nothing when preCheck fails', async () => {
    const run = await runShiftMachine({ request: linear, definition: all, own: failing('preCheck') });

    expect(run.execution).toMatchObject({ error: 'ShiftNotBegun', cause: expect.stringContaining('broken') });
    expect(run.greenPercents).toEqual([]);
    expect(tasksOf(run)).toEqual(['preCheck', 'report']);
  });

  test('runs no task for an invalid input', async () => {
    const run = await runShiftMachine({
      request: { ...linear, maxDurationSeconds: 1 },
      definition: { ...all, report: undefined },
    });

    expect(run.execution).toMatchObject({
      error: 'ShiftNotBegun',
      cause: expect.stringContaining('maxDurationSeconds'),
    });
    expect(run.ownCalls).toEqual([]);
    expect(run.world.cloud.calls).toEqual([]);
    expect(run.invocations).toBe(1);
  });

  test('leaves the traffic unchanged when finish fails', async () => {
    const run = await runShiftMachine({ request: linear, definition: all, own: failing('finish') });

    expect(run.execution).toMatchObject({
      error: 'ShiftFinishFailed',
      cause: expect.stringContaining('broken'),
    });
    expect(run.greenPercent).toBe(100);
    expect(run.ownCalls.at(-1)).toMatchObject({ task: 'report', end: { outcome: 'succeeded' } });
  });

  test('skips finish when the old version keeps a part of the traffic', async () => {
    const strategy = { name: 'a third', steps: [{ percent: 30, holdSeconds: 300 }], partial: true };
    const run = await runShiftMachine({ request: { strategy }, definition: all });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(run.greenPercent).toBe(30);
    expect(tasksOf(run)).toEqual(['preCheck', 'report']);
  });

  test('skips cleanUp when the new version had traffic before', async () => {
    const run = await runShiftMachine({
      request: { ...linear, acceptLiveWeights: true },
      release: bad,
      definition: all,
      prepare: ({ setWeightsByHand }) => setWeightsByHand({ blue: 90, green: 10 }),
    });

    expect(run.execution).toMatchObject({ error: 'ShiftRolledBack' });
    expect(run.greenPercent).toBe(10);
    expect(tasksOf(run)).toEqual(['preCheck', 'report']);
  });

  test('reports a failed cleanUp', async () => {
    const run = await runShiftMachine({
      request: linear,
      release: bad,
      definition: all,
      own: failing('cleanUp'),
    });

    expect(run.execution).toMatchObject({ error: 'ShiftCleanUpFailed' });
    expect(run.ownCalls.at(-1)).toMatchObject({ end: { outcome: 'rolledBack' } });
  });

  test('fails the execution when report fails', async () => {
    const run = await runShiftMachine({ request: linear, definition: all, own: failing('report') });

    expect(run.execution).toMatchObject({
      error: 'ShiftReportFailed',
      cause: expect.stringMatching(/^Could not report the outcome succeeded: .*broken/),
    });
  });

  test('retries a report whose process died or that was throttled', async () => {
    const errors = ['Runtime.ExitError', 'Sandbox.Timedout', 'WaitTimeoutError'];
    const run = await runShiftMachine({
      request: linear,
      definition: all,
      own: ({ task }) => {
        const error = task === 'report' ? errors.shift() : undefined;
        if (error !== undefined) throw new TaskError(error, 'no answer');
      },
    });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(tasksOf(run)).toEqual(['preCheck', 'finish', 'report', 'report', 'report', 'report']);
  });

  test('retries failures of Lambda itself', async () => {
    let calls = 0;
    const run = await runShiftMachine({
      request: linear,
      definition: { preCheck: ownFunctionArn },
      own: () => {
        calls += 1;
        if (calls < 3) throw new TaskError('Lambda.ServiceException', 'internal');
      },
    });

    expect(run.execution.status).toBe('SUCCEEDED');
    expect(calls).toBe(3);
  });
});

describe('stepFunctionsDefinition › shift that is too long for one execution', () => {
  const long = { request: canary, definition: { continueAfterCalls: 10, report: ownFunctionArn } };

  test('continues in new executions with the same run', async () => {
    const one = await runShiftMachine({ ...long, definition: { report: ownFunctionArn } });
    const several = await runShiftMachine(long);

    const { execution } = several;
    expect(execution.status).toBe('SUCCEEDED');
    expect(execution.continuations.length).toBeGreaterThan(5);
    expect(execution.output).toEqual({ end: { outcome: 'succeeded' } });
    expect(several.greenPercents).toEqual(one.greenPercents);
    expect(several.seconds - one.seconds).toBeLessThan(120);
    expect(tasksOf(several)).toEqual(['report']);
  });

  test('names each execution uniquely, within the length limit', async () => {
    const { execution } = await runShiftMachine(long);

    const names = execution.continuations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^[\w-]{1,80}$/.test(name))).toBe(true);
  });

  test('fails all executions after a rollback, with the reason of the last one', async () => {
    const run = await runShiftMachine({
      ...long,
      release: { greenIsBad: true, failsAfterSeconds: 2000 },
    });

    const { execution } = run;
    expect(execution).toMatchObject({
      status: 'FAILED',
      error: 'ShiftRolledBack',
      cause: expect.stringMatching(/^The check 5xx rate failed/),
    });
    expect(execution.continuations.length).toBeGreaterThan(2);
    expect(run.greenPercent).toBe(0);
    expect(tasksOf(run)).toEqual(['report']);
  });

  test.each(['before', 'after'] as const)(
    'starts each execution once, though the start fails %s it',
    async (moment) => {
      const failed = new Set<string>();
      const { execution, greenPercents } = await runShiftMachine({
        ...long,
        onStart: (name, when) => {
          if (when !== moment || failed.has(name)) return;
          failed.add(name);
          throw new TaskError('StepFunctions.SdkClientException', 'no answer');
        },
      });

      expect(execution.status).toBe('SUCCEEDED');
      expect(greenPercents).toEqual([10, 100]);
      expect(failed.size).toBe(execution.continuations.length);
    },
  );

  test('rolls back when the next execution cannot be started', async () => {
    const run = await runShiftMachine({
      ...long,
      onStart: () => {
        throw new TaskError('StepFunctions.AccessDeniedException', mayNot('states:StartExecution'));
      },
    });

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: `The change cannot proceed: StepFunctions.AccessDeniedException: ${mayNot('states:StartExecution')}`,
    });
    expect(run.greenPercent).toBe(0);
  });

  test.each([
    ['may not be looked at', 'StepFunctions.AccessDeniedException', mayNot('states:DescribeExecution')],
    ['was lost', 'StepFunctions.AWSStepFunctionsException', 'Service: AWSStepFunctions; Status Code: 500'],
  ])('leaves the shift to the next execution when that was started and %s', async (_, error, cause) => {
    let questions = 0;
    const run = await runShiftMachine({
      request: { strategy: { type: 'allAtOnce', bakeSeconds: 600 }, approvalPercents: [0] },
      definition: { continueAfterCalls: 10, cleanUp: ownFunctionArn, report: ownFunctionArn },
      handler: { isApproved: () => ++questions > 15 },
      // The next execution has time to end.
      own: async ({ end }, { cloud }) => {
        if (end?.outcome === 'halted') await cloud.clock.sleep(900_000);
      },
      onStart: (_name, moment) => {
        if (moment === 'after') throw new TaskError(error, cause);
      },
    });

    expect(run.execution).toMatchObject({ status: 'FAILED', error: 'ShiftHalted' });
    expect(run.execution.cause).toContain(cause);
    expect(tasksOf(run)).not.toContain('cleanUp');
    expect(run.greenPercents).toEqual([100]);
  });

  test('waits in one execution during a rollback when no execution can be started', async () => {
    const { execution, greenPercents, greenPercent } = await runShiftMachine({
      ...long,
      request: { strategy: { type: 'linear', stepPercent: 20, intervalSeconds: 60 } },
      shifter: ({ cloud: { clients, clock }, settings: { ruleArns, targetGroupArns } }) =>
        new TrafficShifter({
          target: new AlbListenerRuleTarget({
            ruleArns,
            blue: { targetGroupArn: targetGroupArns.blue },
            green: { targetGroupArn: targetGroupArns.green },
            clients,
            clock,
          }),
          rollback: { stepPercent: 20, intervalSeconds: 600 },
          guardIntervalSeconds: 600,
          clock,
        }),
      // A machine that never waits would never end here.
      invoke: async (invocation, index) => {
        if (index > 100) throw new TaskError('AccessDeniedError', 'called far too often');
        return invocation();
      },
      onStart: () => {
        throw new TaskError('StepFunctions.ThrottlingException', 'Rate exceeded');
      },
    });

    expect(execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: 'The change cannot proceed: StepFunctions.ThrottlingException: Rate exceeded',
    });
    expect(greenPercents).toEqual([20, 40, 60, 80, 100, 80, 60, 40, 20, 0]);
    expect(greenPercent).toBe(0);
    expect(execution.historyEvents).toBeLessThan(300);
  });

  test.each([
    'States.TaskFailed',
    'States.Timeout',
    'StepFunctions.ExecutionAlreadyExistsException',
    'StepFunctions.SdkClientException',
  ])(
    'halts when the next execution has ended without a result: its finish has removed the old version (%s)',
    async (error) => {
      const run = await runShiftMachine({
        // All the traffic is on green when the second execution begins.
        request: { strategy: { type: 'allAtOnce', bakeSeconds: 3600 } },
        definition: { continueAfterCalls: 10, finish: ownFunctionArn, cleanUp: ownFunctionArn },
        onStart: (_, moment) => {
          if (moment === 'ended') throw new TaskError(error, 'unseen');
        },
      });

      expect(run.execution).toMatchObject({ status: 'FAILED', error: 'ShiftHalted' });
      expect(run.execution.cause).toContain(`"Error":"${error}"`);
      expect(tasksOf(run)).toEqual(['finish']);
      expect(run.greenPercent).toBe(100);
    },
  );

  test('returns the end from execution to execution, however large the input is', async () => {
    const { execution, greenPercent } = await runShiftMachine({
      ...long,
      input: (usual) => ({ ...usual, notes: 'x'.repeat(120 * 1024) }),
    });

    expect(execution.status).toBe('SUCCEEDED');
    expect(greenPercent).toBe(100);
    expect(execution.continuations.length).toBeGreaterThan(5);
  });

  test('continues during an approval and during a rollback', async () => {
    const run = await runShiftMachine({
      request: { ...linear, approvalPercents: [50], maxDurationSeconds: 7200 },
      definition: { continueAfterCalls: 10 },
      handler: { isApproved: () => false },
    });

    expect(run.execution).toMatchObject({
      error: 'ShiftRolledBack',
      cause: expect.stringMatching(/^Not done by/),
    });
    expect(run.execution.continuations.length).toBeGreaterThan(5);
  });
});
