import { describe, expect, test } from 'vitest';
import { accessDenied, FaultPlan, noResponse, SimulatedCrash } from '../../../../src/testing/cloud/faults.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { planOf } from '../../../../src/testing/services/lambda/lambda-delivery.js';

/** Returns the fault of each of several calls. */
function faultsOf(plan: FaultPlan, ...actions: string[]) {
  return actions.map((action) => plan.next(action));
}

describe('FaultPlan', () => {
  test('returns no fault when none is set', () => {
    expect(faultsOf(new FaultPlan(), 'sqs:PurgeQueue')).toEqual([undefined]);
  });

  test('applies a fault to the next call, once, by default', () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'throttle' });

    expect(faultsOf(plan, 'a:A', 'a:A')).toEqual(['throttle', undefined]);
  });

  test("counts only the calls of the fault's operation", () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'throttle', action: 'a:A', atCall: 2 });

    expect(faultsOf(plan, 'a:A', 'b:B', 'b:B', 'a:A', 'a:A')).toEqual([
      undefined,
      undefined,
      undefined,
      'throttle',
      undefined,
    ]);
  });

  test('applies a fault to as many calls in a row as times says', () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'timeout', atCall: 2, times: 2 });

    expect(faultsOf(plan, 'a:A', 'a:A', 'a:A', 'a:A')).toEqual([undefined, 'timeout', 'timeout', undefined]);
  });

  test('counts calls from the time at which the fault is set', () => {
    const plan = new FaultPlan();
    faultsOf(plan, 'a:A', 'a:A');
    plan.add({ kind: 'timeout', atCall: 2 });

    expect(faultsOf(plan, 'a:A', 'a:A')).toEqual([undefined, 'timeout']);
  });

  test('applies the first of several faults to a call that all of them count', () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'throttle' });
    plan.add({ kind: 'timeout', atCall: 2 });
    plan.add({ kind: 'serverError' });

    expect(faultsOf(plan, 'a:A', 'a:A', 'a:A')).toEqual(['throttle', 'timeout', undefined]);
  });

  test('removes every fault with clear', () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'throttle', times: Number.POSITIVE_INFINITY });
    plan.clear();

    expect(faultsOf(plan, 'a:A')).toEqual([undefined]);
  });
});

describe('the errors', () => {
  test('have the names that the SDK uses', () => {
    expect(noResponse()).toMatchObject({ name: 'TimeoutError' });
    expect(accessDenied('a:A')).toMatchObject({
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 403 },
      message: expect.stringContaining('a:A'),
    });
    expect(accessDenied('rds:StartDBCluster')).toMatchObject({ name: 'AccessDenied' });
    expect(accessDenied('sns:Publish')).toMatchObject({ name: 'AuthorizationErrorException' });
    expect(new SimulatedCrash()).toMatchObject({ name: 'SimulatedCrash' });
  });
});

describe('a fault that would never apply', () => {
  test.each<[string, (cloud: SimulatedCloud) => unknown, string]>([
    ['kind of a task', (cloud) => cloud.ecs.failTasks({}, { kind: 'exit' } as never), 'kind: expected'],
    [
      'member of a task failure',
      (cloud) => cloud.ecs.failTasks({}, { kind: 'exits', afterSecond: 5 } as never),
      'afterSecond: unknown option; did you mean afterSeconds?',
    ],
    [
      'selection of tasks',
      (cloud) => cloud.ecs.failTasks({ images: 'web' } as never, { kind: 'exits' }),
      'images: unknown option; did you mean image?',
    ],
    [
      'delivery of an event',
      (cloud) => {
        cloud.eventBridge.deliverEvents(() => [Number.NaN]);
        cloud.eventBridge.emit({ source: 'aws.ecs', detailType: 'a', resources: [], detail: {} });
      },
      'expected a number, got NaN',
    ],
  ])('is refused with InvalidInputError: %s', (_name, inject, message) => {
    expect(() => inject(new SimulatedCloud())).toThrowError(
      expect.objectContaining({ name: 'InvalidInputError', message: expect.stringContaining(message) }),
    );
  });

  test.each<[delivery: object, message: RegExp]>([
    [{ killAfterSecond: 30 }, /did you mean killAfterSeconds/],
    [{ killAfterSeconds: '30' }, /expected a number, got "30"/],
    [[-1], /expected a number of seconds/],
  ])('is refused with InvalidInputError: the delivery %j', (delivery, message) => {
    expect(() => planOf(delivery as never)).toThrowError(message);
  });
});
