import type { CallOptions } from '../../core/aws-call.js';
import { propagationTimes } from '../../core/propagation-times.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SwapStep } from '../plan/step.js';
import { readOptions, requireMethods, type StepOptions, stepOptionsSchema } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Part of `SqsTools` that `purgeQueues` calls. */
export interface SwapQueues {
  /** Purges the stack's queues. */
  purgeQueues(
    stack: StackReference,
    options: CallOptions & { readonly purgeAgain?: boolean | undefined },
  ): Promise<unknown>;
}

/** Key in the memory of the step: the time at which SQS accepted the purge. */
const purgedKey = 'purgedAt';

/**
 * Creates a step that purges the stack's queues. It is done when this swap has purged them and the 60 seconds are over in which
 * SQS may still delete new messages. An empty queue counts for nothing, because SQS counts approximately; messages that arrive
 * afterwards do not matter.
 *
 * While another purge of a queue is under way, the step waits for its end and purges again. There is no undo: the messages are
 * lost.
 *
 * @param options - `name` is `'purge queues'`, and `intervalSeconds` is 5 by default.
 * @remarks IAM: the actions of `SqsTools.purgeQueues`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html
 */
export function purgeQueues(queues: SwapQueues, options: StepOptions = {}): SwapStep {
  requireMethods('purgeQueues', queues, ['purgeQueues']);
  const {
    name = 'purge queues',
    intervalSeconds = 5,
    ...settings
  } = parseInput('purgeQueues options', stepOptionsSchema, options);
  return {
    name,
    intervalSeconds,
    ...settings,
    deletes: true,
    undo: 'none',
    permissions: stepPermissions.purgeQueues,
    isDone({ memory, clock }) {
      const purgedAt = memory[purgedKey];
      return typeof purgedAt === 'number' && clock.now() - purgedAt >= propagationTimes.purge * 1000;
    },
    async run(context) {
      // A purge that is under way may have begun before the last messages arrived.
      await queues.purgeQueues(context.stack, { ...readOptions(context), purgeAgain: true });
      context.memory[purgedKey] = context.clock.now();
    },
  };
}
