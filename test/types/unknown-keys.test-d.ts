import { describe, test } from 'vitest';
import { AuroraTools } from '../../src/aurora/index.js';
import { codeDeployHook } from '../../src/hooks/index.js';
import { iamPolicyFor } from '../../src/iam/index.js';
import { LambdaTools } from '../../src/lambda/index.js';
import { SqsTools } from '../../src/sqs/index.js';
import { invokeFunction } from '../../src/swap/index.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import {
  AlbListenerRuleTarget,
  albTargetGroup5xxRate,
  canary,
  customCheck,
  httpCheck,
  steps,
  TrafficShifter,
  type TrafficTarget,
} from '../../src/traffic/index.js';

declare const target: TrafficTarget;
const stacks = { blue: { queue: 'blue' }, green: { queue: 'green' } };
const check = customCheck('always', () => true);
const group = { targetGroupArn: 'arn' };
const strategy = canary({ percent: 10, holdSeconds: 60 });

// test/package/unknown-keys.test.ts tries every options type; these are the mistakes that users have made.
describe('an object literal with an unknown key', () => {
  test('is refused by a constructor', () => {
    // @ts-expect-error: the option is called checks
    new TrafficShifter({ target, check: [check] });
    // @ts-expect-error: SQS has no option of this name
    new SqsTools({ ...stacks, region: 'eu-west-1' });
    // @ts-expect-error: there are two stacks
    new SqsTools({ ...stacks, red: { queue: 'red' } });
    // @ts-expect-error: the simulated cloud has no such option
    new SimulatedCloud({ latency: 5 });
  });

  test('is refused below the first level', () => {
    // @ts-expect-error: the field is called failureThreshold
    new TrafficShifter({ target, checks: [check], policy: { failureLimits: 5 } });
    // @ts-expect-error: a queue has no alias
    new SqsTools({ blue: { queue: 'blue', alias: 'live' }, green: { queue: 'green' } });
    // @ts-expect-error: clients have no such setting
    new SqsTools({ ...stacks, clientConfig: { retries: 5 } });
    // @ts-expect-error: a target group has no name here
    new AlbListenerRuleTarget({ ruleArns: ['arn'], blue: { ...group, name: 'blue' }, green: group });
    // @ts-expect-error: a step is held for seconds
    steps([{ percent: 100, holdMinutes: 5 }]);
  });

  test('is refused by a function', () => {
    // @ts-expect-error: the option is called expectedStatus
    httpCheck({ name: 'health', url: 'https://example.com/health', expectStatus: 500 });
    // @ts-expect-error: the option is called holdSeconds
    canary({ percent: 10, holdSeconds: 60, hold: 5 });
    const window = { maxPercent: 1, windowSeconds: 180 };
    const names = { loadBalancerArn: 'a', targetGroupArn: { blue: 'b', green: 'c' } };
    // @ts-expect-error: the option is called minimumRequests
    albTargetGroup5xxRate({ ...window, ...names, minimalRequests: 5 });
    // @ts-expect-error: a hook has no time-out of its own
    codeDeployHook(async () => {}, { timeoutSeconds: 5 });
    // @ts-expect-error: a policy has no such option
    iamPolicyFor(['DynamoTools.deleteTable'], { table: '*', backup: '*' }, { except: ['backup'] });
  });

  test('is refused by a method', () => {
    const lambda = new LambdaTools({ blue: { functionName: 'blue' }, green: { functionName: 'green' } });
    const aurora = new AuroraTools({ blue: { clusterIdentifier: 'b' }, green: { clusterIdentifier: 'g' } });

    // @ts-expect-error: the option is called maxWaitSeconds
    void lambda.waitForEventMappingState('green', 'Enabled', { maximumWaitSeconds: 5 });
    // @ts-expect-error: the option is called signal
    void aurora.startDatabase('green', { abortSignal: new AbortController().signal });
    // @ts-expect-error: the option is called acceptLiveWeights
    void new TrafficShifter({ target }).shiftTo('green', strategy, { accept: true });
  });

  test('is refused in the undo of invokeFunction', () => {
    const step = { name: 'schema', functionName: 'create', deletes: false };
    // @ts-expect-error: the function of the undo has no such option
    invokeFunction({ ...step, undo: { functionName: 'drop', alias: 'live' } });
  });
});
