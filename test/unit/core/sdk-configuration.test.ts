import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { callAws } from '../../../src/core/aws-call.js';
import { describeError, messageOf } from '../../../src/core/describe-error.js';
import { ResourceStateError } from '../../../src/core/errors.js';
import { classifyFailure } from '../../../src/core/failures.js';
import { runToEnd } from '../../../src/resumable/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { AlbListenerRuleTarget, canary, TrafficShifter } from '../../../src/traffic/index.js';
import { SwapWorld } from '../../support/swap-world.js';

const regionRemedy = 'Set the environment variable AWS_REGION, or pass clients that have a region';
const credentialsRemedy =
  'Give this process an IAM role, set AWS_PROFILE, or pass clients that have credentials';
const credentials = { accessKeyId: 'one', secretAccessKey: 'two' };

beforeEach(() => {
  for (const name of ['AWS_REGION', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
    vi.stubEnv(name, undefined);
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/none');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const call = { action: 'sqs:ListQueues', resource: 'orders' };

/** Error of a call without a configuration, as the SDK throws it. */
async function thrownBy(client: SQSClient, wrap = false): Promise<unknown> {
  const send = () => client.send(new ListQueuesCommand({}));
  return (wrap ? callAws(call, send) : send()).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a client without a Region', () => {
  test('fails for good, with a remedy', async () => {
    const raw = await thrownBy(new SQSClient({ credentials }));
    const wrapped = await thrownBy(new SQSClient({ credentials }), true);

    expect([classifyFailure(raw), classifyFailure(wrapped)]).toEqual(['final', 'final']);
    expect(messageOf(raw)).toBe(`Region is missing. ${regionRemedy}`);
    expect(wrapped).toBeInstanceOf(ResourceStateError);
    expect(messageOf(wrapped)).toBe(`Cannot call sqs:ListQueues: Region is missing. ${regionRemedy}`);
  });

  test('ends a shift before it begins', async () => {
    const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
    const target = new AlbListenerRuleTarget({
      ruleArns: [`${arn}:listener-rule/app/web/1/2/3`],
      blue: { targetGroupArn: `${arn}:targetgroup/blue/1` },
      green: { targetGroupArn: `${arn}:targetgroup/green/2` },
      clients: { elasticLoadBalancing: new ElasticLoadBalancingV2Client({ credentials }) },
    });
    const shifter = new TrafficShifter({ target, clock: new VirtualClock() });
    const strategy = canary({ percent: 10, holdSeconds: 60 });

    await expect(runToEnd(shifter, { incoming: 'green', strategy })).rejects.toThrowError(regionRemedy);
  });

  test('rolls a swap back after one attempt', async () => {
    const world = new SwapWorld();
    const run = vi.fn(() => new SQSClient({ credentials }).send(new ListQueuesCommand({})));
    const step = { name: 'queues', run, undo: 'none' as const };

    const { outcome, reason } = await world.swap({ ...world.plan(), test: [step] }).run();

    expect([outcome, run.mock.calls.length]).toEqual(['rolledBack', 1]);
    expect(reason).toContain(regionRemedy);
  });

  test('does not classify another error by a part of the message', () => {
    const named = Object.assign(new Error('Region is missing'), { name: 'ServiceUnavailable' });

    expect(classifyFailure(named)).toBe('passing');
    expect(classifyFailure(new Error('The Region is missing a zone'))).toBe('passing');
  });
});

describe('a client without credentials', () => {
  test('fails for now, with a remedy where the error is described', async () => {
    const raw = await thrownBy(new SQSClient({ region: 'eu-west-1' }));

    expect(classifyFailure(raw)).toBe('passing');
    expect(messageOf(raw)).toBe(`Could not load credentials from any providers. ${credentialsRemedy}`);
    expect(describeError(raw).error).toContain(credentialsRemedy);
    expect(await thrownBy(new SQSClient({ region: 'eu-west-1' }), true)).toHaveProperty(
      'name',
      'CredentialsProviderError',
    );
  });
});
