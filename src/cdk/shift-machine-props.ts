import type { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import * as v from 'valibot';
import { invalidInput } from '../core/errors.js';
import { strictObject } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { StateDefinition } from '../step-functions/definition-options.js';
import { type HandlerProps, handlerEntries, handlerPropsOf } from './function-props.js';
import { requireSource } from './handler-functions.js';
import { cdkObject, durationFrom, nameLike } from './props.js';

/** Task of your own: a function, which the machine may then call, or a state in JSONPath, whose permissions you add to `machineRole`. */
export type ShiftTask = IFunction | StateDefinition;

/** Requests approvals with a task token: through a function, a topic, or a queue. */
export type ShiftApproval = {
  /** Time to wait for the answer, 1 second to 365 days. Then the change is rolled back. */
  readonly timeout: Duration;
} & (
  | {
      /** Function that is invoked with the token. */
      readonly function: IFunction;
    }
  | {
      /** Topic to which the message with the token is published; not a FIFO topic. */
      readonly topic: ITopic;
    }
  | {
      /** Queue to which the message with the token is sent; not a FIFO queue. */
      readonly queue: IQueue;
    }
);

/** Props of {@link TrafficShiftStateMachine}. */
export interface TrafficShiftStateMachineProps extends HandlerProps {
  /**
   * Ready function with the `stepFunctionsHandler`, in place of `entry` and `code`.
   * @default the construct creates the function
   */
  readonly function?: IFunction | undefined;
  /**
   * Time-out of the function, 3 seconds to 15 minutes. Required for a `function` that is imported by its ARN.
   * @default 2 minutes; that of `function`
   */
  readonly timeout?: Duration | undefined;
  /**
   * Name of the state machine, at most 80 characters.
   * @default the path of the construct
   */
  readonly stateMachineName?: string | undefined;
  /**
   * Task before the change. When it fails, nothing is changed.
   * @default none
   */
  readonly preCheck?: ShiftTask | undefined;
  /**
   * Task after a complete success.
   * @default none
   */
  readonly finish?: ShiftTask | undefined;
  /**
   * Task after a complete rollback.
   * @default none
   */
  readonly cleanUp?: ShiftTask | undefined;
  /**
   * Task after every end.
   * @default none
   */
  readonly report?: ShiftTask | undefined;
  /**
   * Requests the approvals of the change.
   * @default the handler's `isApproved`
   */
  readonly approval?: ShiftApproval | undefined;
}

const aFunction = cdkObject<IFunction>('a function of aws-cdk-lib/aws-lambda', 'functionArn', 'node');
const task = v.optional(
  v.custom<ShiftTask>(
    (value) => typeof value === 'object' && value !== null && ('functionArn' in value || 'Type' in value),
    'a function of aws-cdk-lib/aws-lambda, or a state with a Type',
  ),
);
const timeout = durationFrom(1, 31_536_000);
/** AWS refuses a message without a group on a FIFO topic or queue. The name in the ARN is often a token, so the construct is asked. */
const notFifo = 'a topic or queue that is not FIFO';
const topic = v.pipe(
  cdkObject<ITopic>('a topic of aws-cdk-lib/aws-sns', 'topicArn'),
  v.check((it: ITopic) => !it.fifo, notFifo),
);
const queue = v.pipe(
  cdkObject<IQueue>('a queue of aws-cdk-lib/aws-sqs', 'queueArn'),
  v.check((it: IQueue) => !it.fifo, notFifo),
);
const approvalSchemas = {
  function: strictObject({ timeout, function: aFunction }),
  topic: strictObject({ timeout, topic }),
  queue: strictObject({ timeout, queue }),
} as const;
const unknownApproval = v.custom(() => false, 'an object with a function, a topic or a queue');

const propsSchema = strictObject({
  ...handlerEntries,
  function: v.optional(aFunction),
  timeout: v.optional(durationFrom(3, 900)),
  stateMachineName: v.optional(nameLike(/^[\w-]{1,80}$/, '1 to 80 letters, digits, hyphens or underscores')),
  preCheck: task,
  finish: task,
  cleanUp: task,
  report: task,
  approval: v.optional(
    v.lazy((approval): v.GenericSchema => {
      const kinds = Object.entries(approvalSchemas).filter(
        ([kind]) => typeof approval === 'object' && approval !== null && kind in approval,
      );
      return kinds[0]?.[1] ?? unknownApproval;
    }),
  ),
});

export const subject = 'TrafficShiftStateMachine props';

/** @throws InvalidInputError that names every wrong prop. */
export function requireMachineProps(props: TrafficShiftStateMachineProps): void {
  parseInput(subject, propsSchema, props);
  if (props.function === undefined) requireSource(subject, props);
  else requireNoSettings(props);
}

/** @throws InvalidInputError when a setting of a function is set beside a ready function, which would not get it. */
function requireNoSettings(props: TrafficShiftStateMachineProps): void {
  const shared = ['timeout', 'tracing', 'logRetention'];
  const set = Object.keys(handlerPropsOf(props)).find((name) => !shared.includes(name));
  if (set === undefined) return;
  const expected = 'no value beside function, which has its own';
  throw invalidInput(subject, { field: set, expected, actual: 'a value' });
}
