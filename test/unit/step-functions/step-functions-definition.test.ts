import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import {
  eventsPerAttempt,
  eventsPerCall,
  eventsPerState,
  maxCallsPerExecution,
  maxHistoryEvents,
} from '../../../src/step-functions/history-events.js';
import {
  type StateDefinition,
  type StepFunctionsDefinitionOptions,
  stepFunctionsDefinition,
} from '../../../src/step-functions/index.js';

const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:shift';
const ownArn = 'arn:aws:lambda:eu-west-1:111122223333:function:deploy';
const ownState = {
  Type: 'Task',
  Resource: 'arn:aws:states:::codebuild:startBuild.sync',
  Parameters: { ProjectName: 'deploy' },
};
const ownTasks = [ownArn, ownState];
const approvals = [
  undefined,
  { functionArn: ownArn, timeoutSeconds: 3600 },
  { topicArn: 'arn:aws:sns:eu-west-1:111122223333:approvals', timeoutSeconds: 3600 },
  { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/approvals', timeoutSeconds: 3600 },
];

const withRecipient = 'an object with functionArn, topicArn or queueUrl';
const reservedFields = ['Next', 'End', 'Catch', 'ResultPath', 'OutputPath', 'QueryLanguage'];

function approvalOf(timeoutSeconds: number) {
  return { functionArn: ownArn, timeoutSeconds };
}

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  readonly MaxAttempts: number;
}

const given = [false, true];

/**
 * Every combination of the tasks, with and without an approval; a task that is given is a function and a whole state in
 * turns, and so is the way in which an approval is asked for.
 */
const combinations = given.flatMap((preCheck) =>
  given.flatMap((finish) =>
    given.flatMap((cleanUp) =>
      given.flatMap((report) =>
        given.map((approval, index) => {
          const turn = [preCheck, finish, cleanUp].filter(Boolean).length;
          const own = (is: boolean, shift: number) => (is ? ownTasks[(index + shift) % 2] : undefined);
          return {
            functionArn,
            preCheck: own(preCheck, 0),
            finish: own(finish, 1),
            cleanUp: own(cleanUp, 0),
            report: own(report, 1),
            approval: approval ? approvals[1 + (turn % 3)] : undefined,
          };
        }),
      ),
    ),
  ),
);
const everything = {
  functionArn,
  preCheck: ownArn,
  finish: ownArn,
  cleanUp: ownArn,
  report: ownArn,
} as const;

/** The validator changes its argument. */
function isValid(definition: object): boolean {
  return aslValidator(structuredClone(definition)).isValid;
}

/** All tasks of a definition by their names. */
function tasksOf(options: StepFunctionsDefinitionOptions): [string, StateDefinition][] {
  const { States } = stepFunctionsDefinition(options);
  return Object.entries(States).filter(([, { Type }]) => Type === 'Task');
}

function retriersOf(options: StepFunctionsDefinitionOptions, name: string): readonly Retrier[] {
  return stepFunctionsDefinition(options).States[name]?.['Retry'] as Retrier[];
}

describe('stepFunctionsDefinition', () => {
  test('returns plain JSON below the size limit', () => {
    const definition = stepFunctionsDefinition({ functionArn });

    expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
    expect(Object.keys(definition.States).length).toBeLessThan(24);
    // The limit is a mebibyte.
    expect(
      JSON.stringify(stepFunctionsDefinition({ ...everything, approval: approvals[1] })).length,
    ).toBeLessThan(20_000);
  });

  test('returns a new definition for each call', () => {
    const retriers = retriersOf({ functionArn }, 'Advance') as Retrier[];
    retriers.pop();

    expect(retriersOf({ functionArn }, 'Advance')).toHaveLength(2);
  });

  test('sets no TimeoutSeconds on the machine, which would stop a shift without a rollback', () => {
    expect(stepFunctionsDefinition({ functionArn })).not.toHaveProperty('TimeoutSeconds');
  });

  test.each(combinations.filter((_, index) => index % 10 === 0))(
    'sets a time-out, retries and a Catch on each task: %#',
    (options) => {
      for (const [name, task] of tasksOf(options)) {
        expect('TimeoutSeconds' in task || 'TimeoutSecondsPath' in task, name).toBe(true);
        expect(task, name).toHaveProperty('Catch');
        if (task['Resource'] !== ownState.Resource) expect(task, name).toHaveProperty('Retry[0].ErrorEquals');
      }
    },
  );

  test("leaves the retries of a user's state unchanged, and adds a time-out when it has none", () => {
    const [, preCheck] =
      tasksOf({ functionArn, preCheck: ownState }).find(([name]) => name === 'PreCheck') ?? [];
    const patient = { ...ownState, TimeoutSeconds: 7200, Retry: [{ ErrorEquals: ['States.ALL'] }] };
    const [, own] = tasksOf({ functionArn, preCheck: patient }).find(([name]) => name === 'PreCheck') ?? [];

    expect(preCheck).toMatchObject({ ...ownState, TimeoutSeconds: 86_400, Next: 'Begin', ResultPath: null });
    expect(own).toMatchObject({ ...patient, Next: 'Begin' });
  });

  test('accepts a Parallel state as a task', () => {
    const cleanUp = {
      Type: 'Parallel',
      Branches: [{ StartAt: 'Remove', States: { Remove: { Type: 'Pass', End: true } } }],
    };
    const definition = stepFunctionsDefinition({ functionArn, cleanUp });

    expect(isValid(definition)).toBe(true);
    expect(definition.States['CleanUp']).toMatchObject({ ...cleanUp, Next: 'RolledBack' });
  });

  test('retries passing errors, and no final ones', () => {
    for (const name of ['Begin', 'Advance', 'RollBack']) {
      expect(retriersOf({ functionArn }, name)).toMatchObject([
        { ErrorEquals: ['InvalidInputError', 'AccessDeniedError'], MaxAttempts: 0 },
        { ErrorEquals: ['States.ALL'] },
      ]);
    }
  });

  test('retries a rollback for hours', () => {
    const [, retrier] = retriersOf({ functionArn }, 'RollBack');
    const { IntervalSeconds = 0, BackoffRate = 0, MaxDelaySeconds = 0, MaxAttempts = 0 } = retrier ?? {};
    const maxSeconds = Array.from({ length: MaxAttempts }, (_, index) =>
      Math.min(IntervalSeconds * BackoffRate ** index, MaxDelaySeconds),
    ).reduce((sum, seconds) => sum + seconds, 0);

    // Full jitter halves it on average.
    expect(maxSeconds / 2).toBeGreaterThan(2 * 3600);
  });

  test("sets a longer task time-out than the function's, so that it never runs twice at a time", () => {
    const timeoutOf = (functionTimeoutSeconds?: number) =>
      tasksOf({ functionArn, functionTimeoutSeconds }).find(([name]) => name === 'Advance')?.[1][
        'TimeoutSeconds'
      ];

    expect(timeoutOf()).toBe(930);
    expect(timeoutOf(60)).toBe(90);
  });

  test.each([
    ['aws', 'eu-west-1'],
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-west-1'],
  ])("uses integrations of the function's partition: %s", (partition, region) => {
    const arn = `arn:${partition}:lambda:${region}:111122223333:function:shift`;
    const definition = stepFunctionsDefinition({
      functionArn: arn,
      finish: arn,
      approval: { functionArn: arn, timeoutSeconds: 60 },
    });
    const arns = JSON.stringify(definition).match(/arn:[^:]+:/g) ?? [];

    expect([...new Set(arns)]).toEqual([`arn:${partition}:`]);
    expect(isValid(definition)).toBe(true);
  });

  test('accepts substitutions that are resolved later, with the partition', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation resolves it
    const placeholders = { functionArn: '${ShiftFunctionArn}', partition: '${Partition}' };
    const definition = stepFunctionsDefinition(placeholders);

    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation resolves it
    expect(definition.States['Begin']).toMatchObject({ Resource: 'arn:${Partition}:states:::lambda:invoke' });
  });

  test('names the next execution equally in each attempt, with at most 80 characters', () => {
    const parameters = stepFunctionsDefinition({ functionArn }).States['Continue']?.['Parameters'];
    const name = (parameters as Record<string, string>)['Name.$'] ?? '';

    expect(name).toBe("States.Format('continued-{}', States.Hash($$.Execution.Id, 'SHA-256'))");
    expect('continued-'.length + 256 / 4).toBeLessThanOrEqual(80);
  });

  test.each<[string, object]>([
    ['shortest', { functionTimeoutSeconds: 1, continueAfterCalls: 10, approval: approvalOf(1) }],
    ['longest', { functionTimeoutSeconds: 900, continueAfterCalls: 900, approval: approvalOf(31_536_000) }],
  ])('accepts the %s times and the counts at the ends of their ranges', (_, options) => {
    expect(isValid(stepFunctionsDefinition({ functionArn, ...options }))).toBe(true);
  });

  test.each<[string, object, string, string]>([
    ['no function', { functionArn: undefined }, 'functionArn', 'a string'],
    ['a name for an ARN', { functionArn: 'shift' }, 'functionArn', 'an ARN'],
    ['an ARN without a service', { functionArn: 'arn:aws' }, 'functionArn', 'an ARN'],
    ['a text that contains an ARN', { functionArn: `see ${functionArn}` }, 'functionArn', 'an ARN'],
    [
      'a placeholder without a partition',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation resolves it
      { functionArn: '${Arn}' },
      'partition',
      'a value, because functionArn is not an ARN yet',
    ],
    ['no time-out', { functionTimeoutSeconds: 0 }, 'functionTimeoutSeconds', 'a whole number from 1 to 900'],
    [
      'a time-out that no function has',
      { functionTimeoutSeconds: 901 },
      'functionTimeoutSeconds',
      'a whole number from 1 to 900',
    ],
    [
      'half a second',
      { functionTimeoutSeconds: 1.5 },
      'functionTimeoutSeconds',
      'a whole number from 1 to 900',
    ],
    ['a name of a task', { finish: 'deploy' }, 'finish', 'an ARN'],
    ...reservedFields.map((field): [string, object, string, string] => [
      `a state with ${field}`,
      { cleanUp: { ...ownState, [field]: 'Advance' } },
      'cleanUp',
      'a state without Next, End, Catch, ResultPath, OutputPath, QueryLanguage',
    ]),
    ['a state that is no task', { report: { Type: 'Wait', Seconds: 5 } }, 'report.Type', 'Task'],
    ['an approval that is null', { approval: null }, 'approval', withRecipient],
    ['an approval that is a text', { approval: ownArn }, 'approval', withRecipient],
    ['an approval without a recipient', { approval: { timeoutSeconds: 5 } }, 'approval', withRecipient],
    ['an approval by two', { approval: { ...approvals[1], ...approvals[2] } }, 'approval.topicArn', ''],
    [
      'an approval by a FIFO queue',
      {
        approval: { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/a.fifo', timeoutSeconds: 5 },
      },
      'approval.queueUrl',
      'a topic or queue that is not FIFO',
    ],
    [
      'an approval by a FIFO topic',
      { approval: { topicArn: 'arn:aws:sns:eu-west-1:111122223333:a.fifo', timeoutSeconds: 5 } },
      'approval.topicArn',
      'a topic or queue that is not FIFO',
    ],
    ['an approval without end', { approval: { functionArn } }, 'approval.timeoutSeconds', 'a value'],
    [
      'an approval of more than a year',
      { approval: approvalOf(31_536_001) },
      'approval.timeoutSeconds',
      'a whole number from 1 to 31536000',
    ],
    [
      'more calls than fit',
      { continueAfterCalls: maxCallsPerExecution + 1 },
      'continueAfterCalls',
      'a whole number from 10 to 900',
    ],
    ['hardly any calls', { continueAfterCalls: 9 }, 'continueAfterCalls', 'a whole number from 10 to 900'],
  ])('throws InvalidInputError for %s', (_, wrong, field, expected) => {
    expect(() => stepFunctionsDefinition({ functionArn, ...wrong } as never)).toThrow(
      expect.objectContaining({
        name: 'InvalidInputError',
        message: expect.stringContaining('Invalid stepFunctionsDefinition options: '),
        problems: [expect.objectContaining({ field, expected: expect.stringContaining(expected) })],
      }),
    );
  });

  test('is valid for every combination of options', () => {
    const wrong = combinations.filter((options) => !isValid(stepFunctionsDefinition(options)));

    expect(combinations).toHaveLength(2 ** 5);
    expect(wrong).toEqual([]);
  });
});

describe('execution history', () => {
  const [, advanceRetrier] = retriersOf({ functionArn }, 'Advance');
  const [, rollBackRetrier] = retriersOf({ functionArn }, 'RollBack');
  const { MaxAttempts: retries = 0 } = advanceRetrier ?? {};
  const { MaxAttempts: rollbackRetries = 0 } = rollBackRetrier ?? {};

  test('has 9 events per call without retries: 2,777 calls would fit, 46 hours of one call each minute', () => {
    expect(eventsPerCall).toBe(9);
    expect(Math.floor(maxHistoryEvents / eventsPerCall)).toBe(2777);
    expect(Math.floor(2777 / 60)).toBe(46);
  });

  test('continues in another execution below the quota, with every retry used', () => {
    const worstCall = eventsPerCall + retries * eventsPerAttempt;
    // One call with every attempt failed, and its rollback, which counts twice.
    const worstTurn =
      (eventsPerState + (retries + 1) * eventsPerAttempt + (eventsPerCall - eventsPerState)) / 2;
    const worstRollback = eventsPerState + (rollbackRetries + 1) * eventsPerAttempt;

    expect(maxCallsPerExecution).toBe(900);
    expect(Math.max(worstCall, worstTurn) * maxCallsPerExecution + 10 * worstRollback).toBeLessThan(
      maxHistoryEvents,
    );
  });

  test('continues in another execution after 15 hours of one call each minute', () => {
    expect(maxCallsPerExecution / 60).toBe(15);
  });
});
