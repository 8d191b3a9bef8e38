import { describe, test } from 'vitest';
import { expectNoViolations } from '../support/overlapping-requests/violations.js';
import { factor, seed } from '../support/properties.js';

describe('managedListenerRuleHandler › overlapping requests', () => {
  test('writes nothing for an older request after a newer one has its response', async () => {
    await expectNoViolations({ first: seed, count: Math.ceil(10_000 * factor) });
  });
});
