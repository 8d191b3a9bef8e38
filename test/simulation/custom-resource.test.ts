import { describe, expect, test } from 'vitest';
import { addUsers, testFaultsOfOperations, type World, watched } from '../support/custom-resource-faults.js';
import { managedRule } from '../support/managed-rule.js';

const answerCounts = ({ stack }: World) => stack.requests.map(({ responses }) => responses.length);
const requestTypes = ({ stack }: World) =>
  stack.requests.map(({ event, outcome }) => `${event.RequestType} ${outcome}`);

describe('managedListenerRuleHandler › life of a stack', () => {
  test('sends one response to each creation, update, failed update, rollback and deletion', async () => {
    const world = managedRule();
    const { cloud, stack, template, weights, listenerArn } = world;

    const created = await stack.create(template({ blue: 100, green: 0 }, watched(world, 'green')));
    const ruleArn = stack.physicalResourceId;
    const good = addUsers(world, 0.001);
    const updated = await stack.update(template({ blue: 0, green: 100 }, watched(world, 'green')));
    const back = await stack.update(template({ blue: 100, green: 0 }, watched(world, 'blue')));
    good.stop();
    addUsers(world, 0.3);
    const badlyUpdated = await stack.update(template({ blue: 0, green: 100 }, watched(world, 'green')));
    const inTheEnd = weights();
    const idInTheEnd = stack.physicalResourceId;
    const deleted = await stack.delete();

    expect([created, updated, back, badlyUpdated, deleted]).toEqual([
      'CREATE_COMPLETE',
      'UPDATE_COMPLETE',
      'UPDATE_COMPLETE',
      'UPDATE_ROLLBACK_COMPLETE',
      'DELETE_COMPLETE',
    ]);
    expect(requestTypes(world)).toEqual([
      'Create SUCCESS',
      'Update SUCCESS',
      'Update SUCCESS',
      'Update FAILED',
      'Update SUCCESS',
      'Delete SUCCESS',
    ]);
    expect(answerCounts(world)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(stack.requests[3]?.reason).toMatch(
      /rolled back to blue 100 %, green 0 %.*CloudWatchMetric failed once: .* is above the maximum of 5/,
    );
    expect(inTheEnd).toEqual({ blue: 100, green: 0 });
    expect(idInTheEnd).toBe(ruleArn);
    expect(cloud.elasticLoadBalancing.rulesOf(listenerArn)).toEqual([]);
  });

  test('rolls back when another resource of the stack fails after it', async () => {
    const world = managedRule();
    const { stack, template, weights } = world;
    await stack.create(template({ blue: 0, green: 100 }));

    const status = await stack.update(template({ blue: 100, green: 0 }), { failsAfterwards: true });

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(weights()).toEqual({ blue: 0, green: 100 });
    expect(answerCounts(world)).toEqual([1, 1, 1]);
  });

  test('creates another rule in another listener, and restores the old one in a rollback of the stack', async () => {
    const world = managedRule();
    const { cloud, stack, template, listenerArn, addListener } = world;
    const rulesOf = (listener: string) => cloud.elasticLoadBalancing.rulesOf(listener);
    await stack.create(template({ blue: 0, green: 100 }));
    const first = stack.physicalResourceId;
    const otherListener = addListener(8443);

    const failed = await stack.update(template({ blue: 0, green: 100 }, { ListenerArn: otherListener }), {
      failsAfterwards: true,
    });
    const afterRollback = [
      rulesOf(listenerArn).length,
      rulesOf(otherListener).length,
      stack.physicalResourceId,
    ];
    const moved = await stack.update(template({ blue: 0, green: 100 }, { ListenerArn: otherListener }));

    expect(failed).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(afterRollback).toEqual([1, 0, first]);
    expect(moved).toBe('UPDATE_COMPLETE');
    expect([rulesOf(listenerArn).length, rulesOf(otherListener).length]).toEqual([0, 1]);
    expect(requestTypes(world).every((it) => it.endsWith('SUCCESS'))).toBe(true);
  });
});

// `npm run test:exhaustive` has every call.
testFaultsOfOperations(4);
