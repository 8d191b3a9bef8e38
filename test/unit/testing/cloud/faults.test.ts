import { describe, expect, test } from 'vitest';
import { accessDenied, FaultPlan, noResponse, SimulatedCrash } from '../../../../src/testing/cloud/faults.js';

/** What befalls each of a row of calls. */
function befall(plan: FaultPlan, ...actions: string[]) {
  return actions.map((action) => plan.next(action));
}

describe('Class: FaultPlan', () => {
  test('lets every call pass when no fault is set', () => {
    expect(befall(new FaultPlan(), 'sqs:PurgeQueue')).toEqual([undefined]);
  });

  test('befalls the next call, once, unless told otherwise', () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'throttle' });

    expect(befall(plan, 'a:A', 'a:A')).toEqual(['throttle', undefined]);
  });

  test('counts only the calls of its operation', () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'throttle', action: 'a:A', atCall: 2 });

    expect(befall(plan, 'a:A', 'b:B', 'b:B', 'a:A', 'a:A')).toEqual([
      undefined,
      undefined,
      undefined,
      'throttle',
      undefined,
    ]);
  });

  test('befalls as many calls in a row as told', () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'timeout', atCall: 2, times: 2 });

    expect(befall(plan, 'a:A', 'a:A', 'a:A', 'a:A')).toEqual([undefined, 'timeout', 'timeout', undefined]);
  });

  test('counts from the moment at which the fault is set', () => {
    const plan = new FaultPlan();
    befall(plan, 'a:A', 'a:A');
    plan.add({ kind: 'timeout', atCall: 2 });

    expect(befall(plan, 'a:A', 'a:A')).toEqual([undefined, 'timeout']);
  });

  test('lets the first of several faults befall a call, while all of them count it', () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'throttle' });
    plan.add({ kind: 'timeout', atCall: 2 });
    plan.add({ kind: 'serverError' });

    expect(befall(plan, 'a:A', 'a:A', 'a:A')).toEqual(['throttle', 'timeout', undefined]);
  });

  test('forgets every fault', () => {
    const plan = new FaultPlan();
    plan.add({ kind: 'throttle', times: Number.POSITIVE_INFINITY });
    plan.clear();

    expect(befall(plan, 'a:A')).toEqual([undefined]);
  });
});

describe('the errors', () => {
  test('are named as the SDK names them', () => {
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
