import { LambdaClient } from '@aws-sdk/client-lambda';
import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/errors.js';
import { classifyFailure } from '../../../../src/core/failures.js';
import { invokeFunction } from '../../../../src/swap/steps/invoke-function.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { hostileNumbers, hostileValues } from '../../../support/hostile-values.js';
import { invalidOptions, invalidTexts } from '../../../support/method-options.js';
import { stepContext } from '../../../support/step-context.js';

let cloud: SimulatedCloud;
let events: unknown[];

beforeEach(() => {
  cloud = new SimulatedCloud();
  events = [];
  cloud.lambda.addFunction({
    name: 'schema',
    versions: ['1'],
    handler: (event) => {
      events.push(event);
      return { ok: true };
    },
  });
});

const required = { name: 'schema', functionName: 'schema', deletes: false, undo: 'none' } as const;

function create(options: Partial<Parameters<typeof invokeFunction>[0]> = {}) {
  const clients = { lambda: cloud.clients.lambda };
  return invokeFunction({ ...required, clients, ...options } as Parameters<typeof invokeFunction>[0]);
}

const invocations = () => cloud.calls.filter(({ action }) => action === 'lambda:Invoke').length;

describe('invokeFunction', () => {
  test('passes the stack, the swap, the step, the attempt and the payload to the function', async () => {
    await create({ payload: { version: 7 } }).run(stepContext({ attempt: 2 }, cloud));

    expect(events).toEqual([
      { stack: 'green', swapId: 'swap-1', step: 'schema', attempt: 2, payload: { version: 7 } },
    ]);
  });

  test.each(['serverError', 'throttle', 'lostResponse', 'timeout'] as const)(
    'makes one attempt when the call ends in %s',
    async (kind) => {
      cloud.injectFault({ kind, times: 5 });

      await expect(create().run(stepContext({}, cloud))).rejects.toThrow();

      expect(invocations()).toBe(1);
    },
  );

  test('makes one attempt with a client that retries everything', async () => {
    const retryAll = {
      acquireInitialRetryToken: async () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
      refreshRetryTokenForRetry: async () => ({ getRetryCount: () => 1, getRetryDelay: () => 0 }),
      recordSuccess: () => {},
    };
    const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
    let retries = 0;
    const lambda = cloud.connect(
      new LambdaClient({
        region: 'eu-west-1',
        credentials,
        retryStrategy: {
          ...retryAll,
          refreshRetryTokenForRetry: async () => {
            retries += 1;
            if (retries > 3) throw new Error('enough');
            return retryAll.refreshRetryTokenForRetry();
          },
        },
      }),
    );
    cloud.injectFault({ kind: 'lostResponse', times: 5 });

    await expect(create({ clients: { lambda } }).run(stepContext({}, cloud))).rejects.toThrow(
      'Connection timed out',
    );

    expect(invocations()).toBe(1);
    expect(events).toHaveLength(1);
  });

  test('throws a final StepFailedError with the response when the function fails', async () => {
    cloud.lambda.addFunction({
      name: 'broken',
      handler: () => {
        throw new Error('no such table');
      },
    });

    const error = await Promise.resolve(create({ functionName: 'broken' }).run(stepContext({}, cloud))).catch(
      (it: unknown) => it,
    );

    expect(error).toMatchObject({ name: 'StepFailedError', code: 'STEP_FAILED', resource: 'broken' });
    expect(String(error)).toContain('no such table');
    expect(classifyFailure(error)).toBe('final');
  });

  test('throws ResourceNotFoundError when the function does not exist', async () => {
    const run = create({ functionName: 'gone', qualifier: '9' }).run(stepContext({}, cloud));

    await expect(run).rejects.toMatchObject({ name: 'ResourceNotFoundError', resource: 'gone:9' });
  });

  test('throws WaitTimeoutError when the function does not respond in time', async () => {
    cloud.lambda.addFunction({
      name: 'slow',
      timeoutSeconds: 900,
      handler: async () => cloud.clock.sleep(400_000),
    });
    const start = cloud.clock.now();

    const run = create({ functionName: 'slow', timeoutSeconds: 90 }).run(stepContext({}, cloud));

    await expect(run).rejects.toMatchObject({ name: 'WaitTimeoutError', maxWaitSeconds: 90 });
    expect(cloud.clock.now() - start).toBe(90_000);
  });

  test('throws OperationAbortedError when the signal is aborted', async () => {
    const run = create().run(stepContext({ signal: AbortSignal.abort() }, cloud));

    await expect(run).rejects.toMatchObject({ name: 'OperationAbortedError' });
    expect(events).toEqual([]);
  });

  test('invokes the function of the undo', async () => {
    cloud.lambda.addFunction({ name: 'drop', handler: (event) => void events.push(event) });
    const { undo } = create({ undo: { functionName: 'drop', payload: { keep: false } } });

    if (undo !== 'none') await undo(stepContext({}, cloud), undefined);

    expect(events).toMatchObject([{ stack: 'green', step: 'schema', payload: { keep: false } }]);
  });

  test('passes the context to an undo and an isDone of code', async () => {
    const context = stepContext({}, cloud);
    const { undo, isDone } = create({ undo: (it) => it.stack, isDone: (it) => it.stack === 'green' });

    expect(undo === 'none' ? undefined : undo(context, undefined)).toBe('green');
    expect(isDone?.(context)).toBe(true);
  });

  test('is not repeatable, unless the options say so', () => {
    expect(create()).toMatchObject({ repeatable: false, deletes: false, undo: 'none' });
    expect(create({ repeatable: true, deletes: true })).toMatchObject({ repeatable: true, deletes: true });
  });

  test.each(invalidOptions)('throws InvalidInputError when the options are %s', (_, options) => {
    expect(() => invokeFunction(options as never)).toThrow(InvalidInputError);
  });

  test.each(['name', 'functionName'] as const)('throws InvalidInputError for an invalid %s', (option) => {
    for (const [, value] of invalidTexts)
      expect(() => create({ [option]: value } as never)).toThrow(InvalidInputError);
  });

  test('throws InvalidInputError without a statement about deletes and undo', () => {
    const { deletes: _, ...noDeletes } = required;
    const { undo: __, ...noUndo } = required;

    expect(() => invokeFunction(noDeletes as never)).toThrow(/deletes/);
    expect(() => invokeFunction(noUndo as never)).toThrow(/undo/);
    expect(() => create({ undo: 'nothing' } as never)).toThrow(InvalidInputError);
    expect(() => create({ undo: { functionNam: 'drop' } } as never)).toThrow('did you mean functionName?');
  });

  test('throws InvalidInputError for invalid values of each option', () => {
    for (const [, value] of hostileValues) {
      expect(() => create({ deletes: value } as never)).toThrow(InvalidInputError);
      expect(() => create({ repeatable: value } as never)).toThrow(InvalidInputError);
      expect(() => create({ qualifier: value } as never)).toThrow(InvalidInputError);
    }
    for (const value of [...hostileNumbers, 0, 301, '60', null])
      expect(() => create({ timeoutSeconds: value } as never)).toThrow(InvalidInputError);
    for (const value of [5n, () => 1, Symbol('payload')])
      expect(() => create({ payload: value } as never)).toThrow(InvalidInputError);
    for (const value of [null, 5, 'lambda', {}])
      expect(() => create({ clients: { lambda: value } } as never)).toThrow(InvalidInputError);
  });
});
