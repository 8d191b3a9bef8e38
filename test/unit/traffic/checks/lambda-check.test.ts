import { beforeEach, describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { type LambdaCheckOptions, lambdaCheck } from '../../../../src/traffic/index.js';
import { checkContext } from '../../../support/check-context.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

function evaluate(handler: (event: unknown) => unknown, options: Partial<LambdaCheckOptions> = {}) {
  cloud.lambda.addFunction({ name: 'health', handler, versions: ['1'] });
  return lambdaCheck({
    functionName: 'health',
    clients: cloud.clients,
    ...options,
  } as LambdaCheckOptions).evaluate(checkContext(cloud));
}

describe('Function: lambdaCheck', () => {
  test('passes the check context to the function', async () => {
    const events: unknown[] = [];
    const { incoming, outgoing, weights, weightsSince, startedAt, now } = checkContext(cloud);

    await evaluate(
      (event) => {
        events.push(event);
        return { healthy: true };
      },
      { name: 'my health', payload: { threshold: 5 } },
    );

    expect(events).toEqual([
      {
        check: 'my health',
        incoming,
        outgoing,
        weights,
        weightsSince,
        startedAt,
        now,
        payload: { threshold: 5 },
      },
    ]);
  });

  test.each([
    [{ healthy: true }, { outcome: 'pass', detail: 'health returned {"healthy":true}' }],
    [
      { healthy: false, detail: '7 errors', value: 7 },
      { outcome: 'fail', detail: '7 errors', value: 7 },
    ],
    [
      { outcome: 'pass', detail: 'well' },
      { outcome: 'pass', detail: 'well' },
    ],
    [{ outcome: 'fail' }, { outcome: 'fail', detail: 'health returned {"outcome":"fail"}' }],
    [
      { outcome: 'inconclusive', value: 0 },
      { outcome: 'inconclusive', value: 0, detail: expect.any(String) },
    ],
  ])('accepts the response %o', async (answer, result) => {
    expect(await evaluate(() => answer)).toEqual(result);
  });

  test.each([
    [null],
    [true],
    ['HEALTHY'],
    [{}],
    [{ healthy: 'true' }],
    [{ outcome: 'good' }],
    [{ outcome: 'bad', healthy: true }],
    [{ outcome: 'pass', healthy: false }],
    [{ outcome: 'pass', value: '7' }],
    [{ statusCode: 200, body: '{"healthy":true}' }],
  ])('throws UnexpectedResponseError for the response %o', async (answer) => {
    await expect(evaluate(() => answer)).rejects.toMatchObject({
      name: 'UnexpectedResponseError',
      resource: 'health',
      message: expect.stringMatching(/lambda:InvokeFunction.*healthy \(a boolean\) or outcome \(pass, fail/),
      actual: JSON.stringify(answer),
    });
  });

  test.each([
    [{}, 'health'],
    [{ qualifier: 'live' }, 'health:live'],
  ])('throws ResourceNotFoundError for a function that does not exist: %j', async (options, resource) => {
    const check = lambdaCheck({ functionName: 'health', clients: cloud.clients, ...options });

    await expect(check.evaluate(checkContext(cloud))).rejects.toMatchObject({
      name: 'ResourceNotFoundError',
      message: expect.stringContaining(`Lambda function ${resource} not found`),
      resource,
      remedy: 'Check functionName and qualifier of the check, its Region and its account',
    });
  });

  test('sends no payload when there is none', async () => {
    const events: object[] = [];

    await evaluate(
      (event) => {
        events.push(event as object);
        return { healthy: true };
      },
      { payload: undefined },
    );

    expect(events).toHaveLength(1);
    expect(events[0]).not.toHaveProperty('payload');
  });

  test('throws with the error of a failed function', async () => {
    const failing = () => {
      throw new Error('no database');
    };

    await expect(evaluate(failing)).rejects.toMatchObject({
      name: 'UnexpectedResponseError',
      actual: expect.stringContaining('no database'),
    });
  });

  test('truncates a long response', async () => {
    await expect(evaluate(() => 'x'.repeat(5000))).rejects.toMatchObject({
      actual: expect.stringMatching(/^.{301}$/),
    });
  });

  test('invokes the given version synchronously', async () => {
    await evaluate(() => ({ healthy: true }), { qualifier: '1' });

    expect(cloud.calls[0]).toMatchObject({
      action: 'lambda:Invoke',
      input: { FunctionName: 'health', Qualifier: '1' },
    });
  });

  test('throws AccessDeniedError without the permission to invoke the function', async () => {
    // The operation Invoke requires the permission lambda:InvokeFunction.
    const message = 'User is not authorized to perform: lambda:InvokeFunction on resource: health';
    cloud.injectFault({ kind: Object.assign(new Error(message), { name: 'AccessDeniedException' }) });

    await expect(evaluate(() => ({ healthy: true }))).rejects.toMatchObject({
      name: 'AccessDeniedError',
      action: 'lambda:InvokeFunction',
    });
  });

  test('is named after the function and its qualifier, or by the option name', () => {
    const nameOf = (options: object) =>
      lambdaCheck({ functionName: 'health', clients: cloud.clients, ...options } as LambdaCheckOptions).name;

    expect([nameOf({}), nameOf({ qualifier: '1' }), nameOf({ name: 'mine' })]).toEqual([
      'health',
      'health:1',
      'mine',
    ]);
  });

  test.each([
    ['no function', { functionName: '' }],
    ['a payload that is not JSON', { payload: 1n }],
    ['a payload that JSON omits', { payload: () => 1 }],
  ])('throws InvalidInputError for %s', (_case, options) => {
    expect(() =>
      lambdaCheck({ functionName: 'health', clients: cloud.clients, ...options } as LambdaCheckOptions),
    ).toThrowError('Invalid lambdaCheck options');
  });
});
