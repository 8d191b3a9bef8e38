import { beforeEach, describe, expect, test } from 'vitest';
import { AuroraTools } from '../../../../src/aurora/index.js';
import { replicaLag, streamCaughtUp } from '../../../../src/gates/index.js';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { checkContext } from '../../../support/check-context.js';

let cloud: SimulatedCloud;

beforeEach(() => {
  cloud = new SimulatedCloud();
});

const evaluateLag = (options: { source?: 'readers' | 'binlog'; maxLagSeconds?: number } = {}) =>
  replicaLag({
    clusterIdentifier: 'orders',
    maxLagSeconds: 0.1,
    clients: cloud.clients,
    ...options,
  }).evaluate(checkContext(cloud));

describe('SimulatedCloud.addReplicaLag', () => {
  test('reports the lag of each reader every minute, one minute late', async () => {
    cloud.rds.addCluster({ name: 'orders', readers: 2 });
    let lag = 0.02;
    cloud.addReplicaLag({ cluster: 'orders', seconds: () => lag });

    expect(await evaluateLag()).toMatchObject({ outcome: 'inconclusive' });
    await cloud.clock.sleep(120_000);
    expect(await evaluateLag()).toMatchObject({ outcome: 'pass', value: 0.02 });
    lag = 4;
    await cloud.clock.sleep(120_000);
    expect(await evaluateLag()).toMatchObject({ outcome: 'inconclusive', undecided: true, value: 4 });
  });

  test('reports the readers of a database that is created later, once they are available', async () => {
    cloud.rds.addCluster({ name: 'live', readers: 1 });
    cloud.addReplicaLag({ cluster: 'orders', seconds: 0.02, metricDelaySeconds: 0 });
    const tools = new AuroraTools({
      blue: { clusterIdentifier: 'live' },
      green: { clusterIdentifier: 'orders' },
      clients: cloud.clients,
      clock: cloud.clock,
    });
    await tools.createDatabase('green', { from: 'clone' });

    expect(await evaluateLag()).toMatchObject({ outcome: 'inconclusive' });
    await tools.waitForClusterState('green', 'available');
    await cloud.clock.sleep(60_000);
    expect(await evaluateLag()).toMatchObject({ outcome: 'pass' });
  });

  test('reports the lag of the writer behind a binary log source in seconds', async () => {
    cloud.rds.addCluster({ name: 'orders' });
    cloud.addReplicaLag({ cluster: 'orders', source: 'binlog', seconds: 3, metricDelaySeconds: 0 });
    await cloud.clock.sleep(1000);

    expect(await evaluateLag({ source: 'binlog', maxLagSeconds: 5 })).toMatchObject({ value: 3 });
  });

  test('ends with stop', async () => {
    cloud.rds.addCluster({ name: 'orders' });
    cloud.addReplicaLag({ cluster: 'orders', seconds: 0.02, metricDelaySeconds: 0 }).stop();
    await cloud.clock.sleep(600_000);

    expect(await evaluateLag()).toMatchObject({ outcome: 'inconclusive' });
  });
});

describe('SimulatedCloud.addIteratorAge', () => {
  test.each([undefined, 'live'])(
    'reports the age, except for a minute without a record (alias: %s)',
    async (alias) => {
      cloud.lambda.addFunction({ name: 'reader', versions: ['1'] });
      cloud.lambda.addAlias({ functionName: 'reader', name: 'live', version: '1' });
      cloud.lambda.addMapping({
        functionName: alias === undefined ? 'reader' : `reader:${alias}`,
        eventSourceArn: cloud.kinesis.addStream({ name: 'orders' }).arn,
        parameters: { LastProcessingResult: 'OK' },
      });
      let seconds: number | undefined = 2;
      cloud.addIteratorAge({
        functionName: 'reader',
        ...(alias !== undefined && { alias }),
        seconds: () => seconds,
        metricDelaySeconds: 0,
      });
      const gate = streamCaughtUp({
        functionName: 'reader',
        ...(alias !== undefined && { alias }),
        maxAgeSeconds: 10,
        clients: cloud.clients,
      });
      await cloud.clock.sleep(1000);

      expect(await gate.evaluate(checkContext(cloud))).toMatchObject({ outcome: 'pass', value: 2 });
      seconds = undefined;
      await cloud.clock.sleep(300_000);
      expect(await gate.evaluate(checkContext(cloud))).toMatchObject({ outcome: 'inconclusive' });
    },
  );
});

test.each([
  [() => cloud.addReplicaLag({ cluster: '', seconds: 1 }), /cluster/],
  [() => cloud.addReplicaLag({ cluster: 'orders', seconds: Number.NaN }), /seconds/],
  [() => cloud.addIteratorAge({ functionName: 'reader', second: 1 } as never), /did you mean seconds/],
])('throws InvalidInputError for invalid options (%#)', (add, message) => {
  expect(add).toThrowError(message);
});
