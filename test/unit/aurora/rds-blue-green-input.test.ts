import { describe, expect, test } from 'vitest';
import { RdsBlueGreen, type RdsBlueGreenOptions } from '../../../src/aurora/index.js';
import { SimulatedCloud } from '../../../src/testing/index.js';
import { hostileValues } from '../../support/hostile-values.js';

const { clients, clock } = new SimulatedCloud();

const make = (options: object = {}) =>
  new RdsBlueGreen({ clusterIdentifier: 'orders', clients, clock, ...options } as RdsBlueGreenOptions);

function problemsOf(create: () => unknown): unknown {
  try {
    create();
    return 'no error';
  } catch (error) {
    return error;
  }
}

const invalid = { name: 'InvalidInputError' };

describe('RdsBlueGreen', () => {
  test.each<[string, object]>([
    ['clusterIdentifier', { clusterIdentifier: undefined }],
    ['clusterIdentifier', { clusterIdentifier: 'orders_1' }],
    ['clusterIdentifier', { instanceIdentifier: 'orders' }],
    ['intervalSeconds', { intervalSeconds: 0 }],
    ['intervalSecond', { intervalSecond: 30 }],
    ['clock', { clock: {} }],
  ])('throws InvalidInputError that names the option %s', (field, options) => {
    expect(problemsOf(() => make(options))).toMatchObject({
      ...invalid,
      problems: expect.arrayContaining([expect.objectContaining({ field })]),
    });
  });

  test.each<[string, object]>([
    ['name', { name: 'orders--17' }],
    ['green.engineversion', { green: { engineversion: '17.4' } }],
    ['green.engineVersion', { green: { engineVersion: '' } }],
    ['creationId', { creationId: '{}' }],
    ['switchoverTimeoutSeconds', { switchoverTimeoutSeconds: 30.5 }],
    ['maxReplicaLagSeconds', { maxReplicaLagSeconds: -1 }],
    ['maxGuardrailWaitSeconds', { maxGuardrailWaitSeconds: 1e9 }],
    ['deleteDeployment', { deleteDeployment: 'yes' }],
  ])('throws InvalidInputError that names the field %s of a request', (field, request) => {
    expect(problemsOf(() => make().parseRequest({ name: 'orders-to-17', ...request }))).toMatchObject({
      ...invalid,
      problems: [expect.objectContaining({ field })],
    });
  });

  test.each(hostileValues)('throws InvalidInputError for %s as any input', async (_name, value) => {
    const hostile = value as never;
    for (const option of ['clusterIdentifier', 'intervalSeconds', 'logger', 'clients', 'clientConfig'])
      expect(problemsOf(() => make({ [option]: value }))).toMatchObject(invalid);
    const blueGreen = make();
    for (const parse of [
      () => new RdsBlueGreen(hostile),
      () => blueGreen.parseRequest(value),
      () => blueGreen.parseState(value),
      () => blueGreen.summarize(hostile),
      () => blueGreen.halt(hostile, hostile),
    ])
      expect(problemsOf(parse)).toMatchObject(invalid);
    for (const call of [
      blueGreen.begin(hostile, hostile),
      blueGreen.begin({ name: 'orders-to-17' }, hostile),
      blueGreen.advance(hostile, hostile),
      blueGreen.rollBack(hostile, hostile, hostile),
      blueGreen.getDeployment(hostile),
      blueGreen.createDeployment(hostile),
      blueGreen.readGuardrails(hostile),
      blueGreen.switchOver(hostile),
      blueGreen.deleteGreenEnvironment(hostile),
      blueGreen.deleteCompletedDeployment(hostile),
    ])
      await expect(call).rejects.toMatchObject(invalid);
  });
});
