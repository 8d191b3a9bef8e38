import { describe, expect, test } from 'vitest';
import { accessDenied, FaultPlan, noResponse, SimulatedCrash } from '../../../../src/testing/cloud/faults.js';

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
