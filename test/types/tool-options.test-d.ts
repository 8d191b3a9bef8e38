import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expectTypeOf, test } from 'vitest';
import type { StackPair, StackReference } from '../../src/core/index.js';
import { SqsTools, type SqsToolsOptions } from '../../src/sqs/index.js';

declare const sqs: SQSClient;
const stacks = { blue: { queue: 'blue' }, green: { queue: 'green' } };

describe('StackReference', () => {
  test('is one of two strings', () => {
    expectTypeOf<StackReference>().toEqualTypeOf<'blue' | 'green'>();
    expectTypeOf<StackPair<number>>().toEqualTypeOf<{ readonly blue: number; readonly green: number }>();
  });
});

describe('the options of a tool', () => {
  test('name the clients that are ready, or configure those that the tool makes, or neither', () => {
    expectTypeOf({ ...stacks }).toExtend<SqsToolsOptions>();
    expectTypeOf({ ...stacks, clients: { sqs } }).toExtend<SqsToolsOptions>();
    expectTypeOf({ ...stacks, clientConfig: { region: 'eu-west-1' } }).toExtend<SqsToolsOptions>();
  });

  test('refuse a configuration that no client is left for', () => {
    // @ts-expect-error: the only client is given ready
    new SqsTools({ ...stacks, clients: { sqs }, clientConfig: { region: 'eu-west-1' } });
  });

  test('refuse half a pair', () => {
    // @ts-expect-error: green is missing
    new SqsTools({ blue: stacks.blue });
  });
});

describe('the methods of a tool', () => {
  test('take the stack first', () => {
    expectTypeOf<SqsTools['purgeQueues']>().parameter(0).toEqualTypeOf<StackReference>();
  });

  test('refuse a stack that is none of the two', () => {
    const tools = new SqsTools(stacks);

    // @ts-expect-error: there is no red stack
    void tools.purgeQueues('red');
  });
});
