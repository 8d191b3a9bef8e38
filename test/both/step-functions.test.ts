import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ExecutionState, stepFunctionsDefinition } from '../../src/step-functions/index.js';
import { MotoStateMachine } from '../emulator/moto-state-machine.js';
import { type Backend, openBackend } from '../support/backend.js';
import {
  runShiftMachine,
  type ShiftMachineRun,
  type ShiftMachineScenario,
  shiftFunctionArn,
} from '../support/shift-machine.js';
import { TaskError } from '../support/state-machine.js';
import { seedFunction } from './seed/lambda.js';

/*
 * Lambda functions do not run on moto: they return queued results and never fail. So the handler runs in the simulated
 * interpreter, and its results are queued for moto, which has to enter the same states of the same definition. Waits take
 * real time on moto, so the first one is cut to a second and the others to none.
 */

const linear = { strategy: { type: 'linear', stepPercent: 50, intervalSeconds: 180 } } as const;

let backend: Backend;
let moto: MotoStateMachine | undefined;

beforeEach(async () => {
  backend = await openBackend();
  const endpoint = process.env['EMULATOR_ENDPOINT'];
  if (backend.name !== 'moto' || endpoint === undefined) return;
  await seedFunction(backend, 'shift', 'live');
  moto = new MotoStateMachine(endpoint);
  await moto.turnOn();
});

afterEach(async () => {
  await moto?.turnOff();
  moto = undefined;
});

interface Recorded {
  readonly run: ShiftMachineRun;
  readonly answers: readonly ExecutionState[];
}

/** Runs a scenario in the simulated interpreter, and records the results of the handler. */
async function record(scenario: ShiftMachineScenario): Promise<Recorded> {
  const answers: ExecutionState[] = [];
  const run = await runShiftMachine({
    ...scenario,
    invoke: async (invocation) => {
      const answer = (await invocation()) as ExecutionState;
      answers.push(answer);
      return answer;
    },
  });
  return { run, answers };
}

/** Runs the recorded scenario on moto. */
async function repeat(
  machine: MotoStateMachine,
  { definition }: ShiftMachineScenario,
  { run, answers }: Recorded,
  input: unknown = run.execution.input,
  meanwhile?: () => Promise<void>,
) {
  let waits = 0;
  const withShortWaits = answers.map((answer) => {
    const waitSeconds = answer.waitSeconds > 0 && ++waits === 1 ? 1 : 0;
    return { ...answer, ...(answer.waitSeconds !== undefined && { waitSeconds }) };
  });
  await machine.queueResults(withShortWaits);
  return machine.execute(
    stepFunctionsDefinition({ functionArn: shiftFunctionArn, ...definition }),
    input,
    meanwhile,
  );
}

/** The entered states without waits. */
const withoutWaits = (states: readonly string[]) => states.filter((state) => state !== 'Wait');

async function receiveTaskToken(
  sqs: SQSClient,
  queueUrl: string,
): Promise<{ taskToken: string; key: string }> {
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 1 }),
    );
    const [message] = Messages;
    if (message === undefined) continue;
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }));
    return JSON.parse(message.Body ?? '');
  }
}

describe('stepFunctionsDefinition', () => {
  test.each<[string, ShiftMachineScenario, { status: string; error?: string }]>([
    ['success', { request: linear }, { status: 'SUCCEEDED' }],
    [
      'rollback',
      { request: linear, release: { greenIsBad: true } },
      { status: 'FAILED', error: 'ShiftRolledBack' },
    ],
    [
      'halt',
      {
        request: linear,
        prepare: ({ cloud, setWeightsByHand }) => {
          cloud.clock.schedule(240, () => setWeightsByHand({ blue: 40, green: 60 }));
        },
      },
      { status: 'FAILED', error: 'ShiftHalted' },
    ],
  ])('%s: enters the same states in another interpreter, to the same end', async (_, scenario, end) => {
    const recorded = await record(scenario);
    expect(recorded.run.execution).toMatchObject(end);
    if (moto === undefined) return;

    const { execution } = recorded.run;
    const repeated = await repeat(moto, scenario, recorded);

    expect(repeated).toMatchObject(end);
    expect(repeated.cause).toBe(execution.cause);
    expect(withoutWaits(repeated.states)).toEqual(withoutWaits(execution.states));
    expect(repeated.states).toContain('Wait');
  });

  test('counts the events of the history correctly', async () => {
    const recorded = await record({ request: linear });
    const { states, historyEvents } = recorded.run.execution;
    expect(historyEvents).toBeGreaterThan(states.length * 2);
    if (moto === undefined) return;

    const repeated = await repeat(moto, { request: linear }, recorded);

    const waitsLeftOut = states.length - repeated.states.length;
    expect(repeated.historyEvents).toBe(historyEvents - 2 * waitsLeftOut);
  });

  test('catches a failure before the start', async () => {
    const preCheck = {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Look', States: { Look: { Type: 'Fail', Error: 'Broken', Cause: 'no such image' } } },
      ],
    };
    const scenario = { request: linear, definition: { preCheck } };
    const end = {
      status: 'FAILED',
      error: 'ShiftNotBegun',
      cause: expect.stringMatching(/"Error":\s*"Broken".*no such image/),
    };
    const recorded = await record(scenario);
    expect(recorded.run.execution).toMatchObject(end);
    if (moto === undefined) return;

    expect(await repeat(moto, scenario, recorded)).toMatchObject(end);
  });

  test.each([
    ['continues after an approval', { approved: true }, 'SUCCEEDED'],
    ['rolls back after a refusal', { approved: false }, 'FAILED'],
    ['rolls back when the approval task fails', new TaskError('Refused', 'by the boss'), 'FAILED'],
  ])('waits for a task token, and %s', async (_, answer, status) => {
    const scenario = (queueUrl: string): ShiftMachineScenario => ({
      request: { ...linear, approvalPercents: [50] },
      definition: { approval: { queueUrl, timeoutSeconds: 60 } },
      answer: () => {
        if (answer instanceof TaskError) throw answer;
        return answer;
      },
    });
    const recorded = await record(scenario('https://sqs.example/1/questions'));
    expect(recorded.run.execution.status).toBe(status);
    if (moto === undefined) return;

    const { sqs } = backend.clients;
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'questions' }));
    const machine = moto;
    const { input, states } = recorded.run.execution;
    const repeated = await repeat(machine, scenario(QueueUrl), recorded, input, async () => {
      const { taskToken, key } = await receiveTaskToken(sqs, QueueUrl);
      expect(key).toBe('50');
      await machine.answer(taskToken, answer);
    });

    expect(repeated.status).toBe(status);
    expect(withoutWaits(repeated.states)).toEqual(withoutWaits(states));
  });

  // Moto 5.2.5 fails at every `states:startExecution`, with the KeyError 'StateMachineArn': it passes the parameters with their
  // names in state machines, not those of the API. So the test starts the new execution.
  test('continues as a new execution, and returns its result', async () => {
    const long: ShiftMachineScenario = {
      request: { strategy: { type: 'canary', percent: 10, holdSeconds: 1800 } },
      release: { greenIsBad: true, failsAfterSeconds: 780 },
      definition: { continueAfterCalls: 10 },
    };
    const { run, answers } = await record(long);
    const [continuation] = run.execution.continuations;
    expect(run.execution).toMatchObject({ status: 'FAILED', error: 'ShiftRolledBack' });
    expect(continuation?.output).toMatchObject({ end: { error: 'ShiftRolledBack' } });
    if (moto === undefined) return;

    const repeated = await repeat(moto, long, { run, answers: answers.slice(10) }, continuation?.input);

    expect(repeated.status).toBe('SUCCEEDED');
    expect(repeated.output).toMatchObject({ end: continuation?.output?.['end'] });
    expect(withoutWaits(repeated.states)).toEqual(withoutWaits(continuation?.states ?? []));
  });
});
