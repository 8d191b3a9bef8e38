import type { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import { describe, expectTypeOf, test } from 'vitest';
import type { Logger } from '../../src/core/index.js';

describe('Logger', () => {
  test('is what the console is', () => {
    expectTypeOf<Console>().toExtend<Logger>();
  });

  test('is what the Logger of Powertools for AWS Lambda is', () => {
    expectTypeOf<PowertoolsLogger>().toExtend<Logger>();
  });
});
