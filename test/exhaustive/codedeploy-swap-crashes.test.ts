import { describe, expect, test } from 'vitest';
import { stopAtCalls } from '../support/codedeploy-swap-matrix.js';

describe('codeDeploySwapHooks › a process that dies at any AWS call', () => {
  test.each([false, true])('ends all old or all new (failing test: %s)', async (testFails) => {
    expect(await stopAtCalls(testFails, 1)).toBeGreaterThan(100);
  });
});
