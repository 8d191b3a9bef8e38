import { CodeDeployClient, DeploymentDoesNotExistException } from '@aws-sdk/client-codedeploy';
import type { Handler } from 'aws-lambda';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AccessDeniedError, DeadlineError, InvalidInputError } from '../../../src/core/index.js';
import {
  type CodeDeployHookFunction,
  type CodeDeployHookInvocation,
  codeDeployHook,
} from '../../../src/hooks/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';

let cloud: SimulatedCloud;
let logger: ReturnType<typeof makeLogger>;

beforeEach(() => {
  cloud = new SimulatedCloud();
  logger = makeLogger();
});

function makeLogger() {
  return { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
}

function makeHandler(run: CodeDeployHookFunction, deadlineMarginSeconds?: number) {
  return codeDeployHook(run, { clients: cloud.clients, clock: cloud.clock, logger, deadlineMarginSeconds });
}

/** A Lambda context whose time runs with the virtual clock. */
function makeContext(timeoutSeconds = 900) {
  const endsAt = cloud.clock.now() + timeoutSeconds * 1000;
  return { getRemainingTimeInMillis: () => endsAt - cloud.clock.now() };
}

/** Responses that CodeDeploy received, with the seconds since the start. */
function responses() {
  const start = new Date('2026-01-01T00:00:00Z').getTime();
  return cloud.codeDeploy.responses.map(({ status, at }) => ({ status, after: (at - start) / 1000 }));
}

const hangs = () => new Promise<never>(() => {});

describe('codeDeployHook', () => {
  describe('options', () => {
    test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
      'throws InvalidInputError for a margin of %s s',
      (margin) => {
        expect(() => makeHandler(() => {}, margin)).toThrowError(InvalidInputError);
      },
    );

    test('throws InvalidInputError when run is not a function', () => {
      // @ts-expect-error a string is no function
      expect(() => makeHandler('run')).toThrowError(/run: expected a function/);
    });

    test('creates its client from clientConfig, and throws for an unknown client', () => {
      const clientConfig = { region: 'eu-west-1' };

      expect(codeDeployHook(() => {}, { clientConfig })).toBeTypeOf('function');
      expect(codeDeployHook(() => {})).toBeTypeOf('function');
      expect(() =>
        // @ts-expect-error no client is left to be made
        codeDeployHook(() => {}, { clients: { codeDeploy: new CodeDeployClient({}) }, clientConfig }),
      ).toThrowError(InvalidInputError);
    });

    test('returns a handler that fits the types of Lambda', () => {
      const handler: Handler = makeHandler(() => {});

      expect(handler).toBeTypeOf('function');
    });
  });

  describe('event', () => {
    test.each([
      [undefined, ['']],
      ['an event', ['']],
      [{}, ['DeploymentId', 'LifecycleEventHookExecutionId']],
      [
        { DeploymentId: '', LifecycleEventHookExecutionId: 7 },
        ['DeploymentId', 'LifecycleEventHookExecutionId'],
      ],
    ])('rejects with an InvalidInputError for the malformed event %j', async (event, fields) => {
      const run = vi.fn();

      const handled = makeHandler(run)(event, makeContext());

      await expect(handled).rejects.toMatchObject({
        name: 'InvalidInputError',
        problems: fields.map((field) => expect.objectContaining({ field })),
      });
      expect(run).not.toHaveBeenCalled();
      expect(cloud.calls).toEqual([]);
    });

    test('accepts additional fields', async () => {
      const event = { ...cloud.codeDeploy.openHookExecution(), Hook: 'AfterInstall' };

      await expect(makeHandler(() => {})(event, makeContext())).resolves.toMatchObject({
        status: 'Succeeded',
      });
    });

    test('rejects with an InvalidInputError without a Lambda context', async () => {
      const event = cloud.codeDeploy.openHookExecution();

      // @ts-expect-error the remaining time is missing
      await expect(makeHandler(() => {})(event, {})).rejects.toThrowError(InvalidInputError);
    });
  });

  describe('function', () => {
    test('receives the identifiers, the time left, a signal and the logger', async () => {
      const event = cloud.codeDeploy.openHookExecution();
      let given: CodeDeployHookInvocation | undefined;
      let left: number | undefined;

      await makeHandler((invocation) => {
        given = invocation;
        left = invocation.remainingSeconds();
        invocation.logger.info('Looked around', { resource: 'orders' });
      })(event, makeContext(100));

      expect(given).toMatchObject({
        deploymentId: event.DeploymentId,
        lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
        signal: { aborted: false },
      });
      expect(left).toBe(70);
      expect(logger.info).toHaveBeenCalledWith('Looked around', { resource: 'orders' });
    });

    test('responds Succeeded when the function resolves', async () => {
      const event = cloud.codeDeploy.openHookExecution();

      const result = await makeHandler(() => cloud.clock.sleep(60_000))(event, makeContext());

      expect(result).toEqual({
        deploymentId: event.DeploymentId,
        lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
        status: 'Succeeded',
        alreadyAnswered: false,
      });
      expect(responses()).toEqual([{ status: 'Succeeded', after: 60 }]);
    });

    test.each<[string, unknown, string]>([
      ['an error', new Error('the tests failed'), 'Error: the tests failed'],
      ['undefined', undefined, 'undefined'],
      ['a string', 'nope', 'nope'],
      ['an object', { secret: 'hush' }, '[object Object]'],
    ])('responds Failed when the function throws %s', async (_, thrown, reason) => {
      const synchronously = () => {
        throw thrown;
      };
      const later = async () => {
        await cloud.clock.sleep(60_000);
        throw thrown;
      };

      const results = [
        await makeHandler(synchronously)(cloud.codeDeploy.openHookExecution(), makeContext()),
        await makeHandler(later)(cloud.codeDeploy.openHookExecution(), makeContext()),
      ];

      expect(results).toMatchObject([
        { status: 'Failed', reason },
        { status: 'Failed', reason },
      ]);
      expect(responses()).toEqual([
        { status: 'Failed', after: 0 },
        { status: 'Failed', after: 60 },
      ]);
    });

    test('leaves no timer behind', async () => {
      await makeHandler(() => {})(cloud.codeDeploy.openHookExecution(), makeContext());
      const passes = vi.fn();
      cloud.clock.schedule(1, passes);

      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));

      expect(passes).not.toHaveBeenCalled();
    });
  });

  describe('logger', () => {
    test('logs a failure with all its causes', async () => {
      const event = cloud.codeDeploy.openHookExecution();
      const cause = new TypeError('the schema is old', { cause: new Error('no connection') });

      await makeHandler(() => {
        throw new Error('the tests failed', { cause });
      })(event, makeContext());

      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Hook failed',
        expect.objectContaining({
          resource: event.DeploymentId,
          error: 'Error: the tests failed',
          causes: ['TypeError: the schema is old', 'Error: no connection'],
          stack: expect.stringContaining('codedeploy-hook.test.ts'),
        }),
      );
    });

    test('defaults to the console', async () => {
      const consoleError = vi.spyOn(console, 'error').mockReturnValue();
      vi.spyOn(console, 'info').mockReturnValue();
      const handler = codeDeployHook(() => Promise.reject(new Error('the tests failed')), {
        clients: cloud.clients,
        clock: cloud.clock,
      });

      await handler(cloud.codeDeploy.openHookExecution(), makeContext());

      expect(consoleError).toHaveBeenCalledOnce();
      vi.restoreAllMocks();
    });

    test('responds when the logger throws', async () => {
      for (const level of Object.values(logger)) {
        level.mockImplementation(() => {
          throw new Error('the disk is full');
        });
      }

      await makeHandler(() => Promise.reject(new Error('the tests failed')))(
        cloud.codeDeploy.openHookExecution(),
        makeContext(),
      );

      expect(responses()).toEqual([{ status: 'Failed', after: 0 }]);
    });

    test('causes no unhandled rejection when the logger rejects', async () => {
      const unhandled = vi.fn();
      process.on('unhandledRejection', unhandled);
      for (const level of Object.values(logger)) level.mockRejectedValue(new Error('the disk is full'));

      await makeHandler(() => Promise.reject(new Error('the tests failed')))(
        cloud.codeDeploy.openHookExecution(),
        makeContext(),
      );

      await new Promise((resolve) => setImmediate(resolve));
      process.off('unhandledRejection', unhandled);
      expect(responses()).toEqual([{ status: 'Failed', after: 0 }]);
      expect(unhandled).not.toHaveBeenCalled();
    });

    test('logs an error that cannot be read', async () => {
      const hostile = Object.defineProperty(new Error(), 'message', {
        get: () => {
          throw new Error('hands off');
        },
      });

      const result = await makeHandler(() => Promise.reject(hostile))(
        cloud.codeDeploy.openHookExecution(),
        makeContext(),
      );

      expect(result).toMatchObject({ status: 'Failed', reason: 'an error that cannot be read' });
    });
  });

  describe('deadline', () => {
    test('aborts the signal with the margin left, and waits for the clean-up before the response', async () => {
      const log: unknown[] = [];
      const seconds = () => (cloud.clock.now() - Date.parse('2026-01-01T00:00:00Z')) / 1000;
      const run: CodeDeployHookFunction = async ({ signal, remainingSeconds }) => {
        await cloud.clock.sleep(3_600_000, signal).catch((reason) => log.push([seconds(), reason]));
        log.push(remainingSeconds());
        await cloud.clock.sleep(5_000);
        log.push('cleaned up');
      };

      const result = await makeHandler(run)(cloud.codeDeploy.openHookExecution(), makeContext(900));

      expect(log).toEqual([[870, expect.any(DeadlineError)], 0, 'cleaned up']);
      expect(log[0]).toMatchObject([870, { code: 'DEADLINE_EXCEEDED', remainingSeconds: 30 }]);
      expect(responses()).toEqual([{ status: 'Failed', after: 875 }]);
      expect(result).toMatchObject({
        status: 'Failed',
        reason: expect.stringMatching(/^DeadlineError: .*30 s are left.*time-out/),
      });
    });

    test('responds Failed in time when the function ignores the signal', async () => {
      await makeHandler(hangs)(cloud.codeDeploy.openHookExecution(), makeContext(900));

      expect(responses()).toEqual([{ status: 'Failed', after: 885 }]);
      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Hook ran out of time',
        expect.objectContaining({ hasEnded: false }),
      );
    });

    test('logs the error with which the function ended after the abort', async () => {
      const run: CodeDeployHookFunction = ({ signal }) => cloud.clock.sleep(3_600_000, signal);

      await makeHandler(run)(cloud.codeDeploy.openHookExecution(), makeContext(900));

      expect(responses()).toEqual([{ status: 'Failed', after: 870 }]);
      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Hook ran out of time',
        expect.objectContaining({ hasEnded: true, endedWith: expect.stringMatching(/^DeadlineError/) }),
      );
    });

    test.each([
      ['resolves', () => undefined],
      [
        'throws',
        () => {
          throw new Error('late');
        },
      ],
    ])('responds once when the function %s later', async (_, end) => {
      const unhandled = vi.fn();
      process.on('unhandledRejection', unhandled);
      const run = async () => {
        await cloud.clock.sleep(1_000_000);
        end();
      };

      await makeHandler(run)(cloud.codeDeploy.openHookExecution(), makeContext(900));

      await cloud.clock.sleep(2_000_000);
      await new Promise((resolve) => setImmediate(resolve));
      process.off('unhandledRejection', unhandled);
      expect(responses()).toEqual([{ status: 'Failed', after: 885 }]);
      expect(unhandled).not.toHaveBeenCalled();
    });

    test('leaves half of a short time-out to the function', async () => {
      await makeHandler(hangs)(cloud.codeDeploy.openHookExecution(), makeContext(20));

      expect(responses()).toEqual([{ status: 'Failed', after: 15 }]);
      expect(logger.warn).toHaveBeenCalledExactlyOnceWith(
        expect.stringContaining('short'),
        expect.objectContaining({ deadlineMarginSeconds: 30, remainingSeconds: 20 }),
      );
    });

    test('responds when it has passed already', async () => {
      await makeHandler(hangs)(cloud.codeDeploy.openHookExecution(), makeContext(0));

      expect(responses()).toEqual([{ status: 'Failed', after: 0 }]);
    });

    test('uses deadlineMarginSeconds', async () => {
      await makeHandler(hangs, 100)(cloud.codeDeploy.openHookExecution(), makeContext(900));

      expect(responses()).toEqual([{ status: 'Failed', after: 850 }]);
    });
  });

  describe('response', () => {
    const action = 'codedeploy:PutLifecycleEventHookExecutionStatus';
    const always = Number.POSITIVE_INFINITY;

    test.each(['throttle', 'serverError', 'timeout'] as const)(
      "is retried after %s, also when the SDK's retries are exhausted",
      async (kind) => {
        cloud.injectFault({ kind, times: 8 });

        const result = await makeHandler(() => {})(cloud.codeDeploy.openHookExecution(), makeContext());

        expect(result).toMatchObject({ status: 'Succeeded', alreadyAnswered: false });
        expect(responses()).toEqual([{ status: 'Succeeded', after: 3 }]);
      },
    );

    test('reports alreadyAnswered when the confirmation was lost', async () => {
      cloud.injectFault({ kind: 'lostResponse' });

      const result = await makeHandler(() => {})(cloud.codeDeploy.openHookExecution(), makeContext());

      expect(result).toMatchObject({ status: 'Succeeded', alreadyAnswered: true });
      expect(responses()).toHaveLength(1);
    });

    test('leaves the response of another invocation unchanged', async () => {
      const event = cloud.codeDeploy.openHookExecution();
      await makeHandler(() => Promise.reject(new Error('the first invocation failed')))(event, makeContext());

      const result = await makeHandler(() => {})(event, makeContext());

      expect(result).toMatchObject({ status: 'Succeeded', alreadyAnswered: true });
      expect(responses()).toEqual([{ status: 'Failed', after: 0 }]);
    });

    test('rejects at once when the permission is missing, so that Lambda retries the hook', async () => {
      cloud.injectFault({ kind: 'accessDenied', times: always });

      const handled = makeHandler(() => {})(cloud.codeDeploy.openHookExecution(), makeContext());

      await expect(handled).rejects.toThrowError(AccessDeniedError);
      await expect(handled).rejects.toMatchObject({ action });
      expect(cloud.calls).toHaveLength(1);
      expect(logger.error).toHaveBeenCalledExactlyOnceWith(
        'Could not send response to CodeDeploy',
        expect.objectContaining({ status: 'Succeeded', error: expect.stringContaining('AccessDeniedError') }),
      );
    });

    test('rejects at once for an unknown deployment', async () => {
      const event = { DeploymentId: 'd-UNKNOWN00', LifecycleEventHookExecutionId: '1' };

      const handled = makeHandler(() => {})(event, makeContext());

      await expect(handled).rejects.toThrowError(DeploymentDoesNotExistException);
      expect(cloud.calls).toHaveLength(1);
    });

    test('rejects at once for an unknown hook execution', async () => {
      const event = { ...cloud.codeDeploy.openHookExecution(), LifecycleEventHookExecutionId: 'unknown' };

      const handled = makeHandler(() => {})(event, makeContext());

      await expect(handled).rejects.toMatchObject({ name: 'InvalidLifecycleEventHookExecutionIdException' });
    });

    test("is retried until the Lambda's end is near, and then rejects", async () => {
      cloud.injectFault({ kind: 'serverError', times: always });
      const context = makeContext(900);

      const handled = makeHandler(() => {})(cloud.codeDeploy.openHookExecution(), context);

      await expect(handled).rejects.toMatchObject({ name: 'InternalFailure' });
      expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
      expect(context.getRemainingTimeInMillis()).toBeLessThan(1_000);
      expect(cloud.calls.length).toBeGreaterThan(40);
      expect(responses()).toEqual([]);
    });

    test('is retried when an attempt hangs', async () => {
      const event = cloud.codeDeploy.openHookExecution();
      const { clients } = cloud;
      const send = vi.spyOn(clients.codeDeploy, 'send').mockImplementationOnce(hangs);

      const result = await makeHandler(() => {})(event, makeContext());

      expect(result).toMatchObject({ status: 'Succeeded' });
      expect(responses()).toEqual([{ status: 'Succeeded', after: 11 }]);
      expect(send.mock.calls[0]?.[1]).toMatchObject({ abortSignal: { aborted: true } });
    });

    test('rejects with a WaitTimeoutError when every attempt hangs', async () => {
      const event = cloud.codeDeploy.openHookExecution();
      vi.spyOn(cloud.clients.codeDeploy, 'send').mockImplementation(hangs);
      const context = makeContext(60);

      const handled = makeHandler(() => {})(event, context);

      await expect(handled).rejects.toMatchObject({ name: 'WaitTimeoutError' });
      expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0);
    });

    test('is retried after a value that is not an error', async () => {
      const event = cloud.codeDeploy.openHookExecution();
      vi.spyOn(cloud.clients.codeDeploy, 'send').mockImplementationOnce(() => Promise.reject('no error'));

      const result = await makeHandler(() => {})(event, makeContext());

      expect(result).toMatchObject({ status: 'Succeeded' });
    });
  });
});
