import { describe, expect, test } from 'vitest';
import { managedRule } from '../support/managed-rule.js';

describe('a stack with a managed listener rule', () => {
  test('is created, updated and deleted; each request is answered once', async () => {
    const { cloud, stack, template, weights, listenerArn } = managedRule();

    const created = await stack.create(template({ blue: 0, green: 100 }));
    expect(created, JSON.stringify(stack.requests, undefined, 1)).toBe('CREATE_COMPLETE');
    expect(weights()).toEqual({ blue: 0, green: 100 });
    const updated = await stack.update(template({ blue: 100, green: 0 }));
    expect(updated, JSON.stringify(stack.requests, undefined, 1)).toBe('UPDATE_COMPLETE');
    expect(weights()).toEqual({ blue: 100, green: 0 });
    const deleted = await stack.delete();

    expect(deleted).toBe('DELETE_COMPLETE');
    expect(cloud.elasticLoadBalancing.rulesOf(listenerArn)).toEqual([]);
    expect(stack.requests.map(({ answers }) => answers.length)).toEqual([1, 1, 1]);
  });
});
