import * as v from 'valibot';
import { invalidInput } from '../core/errors.js';
import { nonEmptyString, strictObject, wholeFrom } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { maxCallsPerExecution } from './history-events.js';
import type { ExecutionInput } from './types.js';

/** A state in the Amazon States Language, with JSONPath. */
export interface StateDefinition {
  /** `Task`, `Choice`, … */
  readonly Type: string;
  /** The other fields of the type. */
  readonly [field: string]: unknown;
}

/** A state machine in the Amazon States Language: plain JSON. */
export interface StateMachineDefinition {
  /** Description for readers. */
  readonly Comment: string;
  /** The first state. */
  readonly StartAt: string;
  /** The states by their names. */
  readonly States: Readonly<Record<string, StateDefinition>>;
}

/**
 * A task of your own: the ARN of a function, which receives an {@link OwnTaskEvent}, or a whole `Task`, `Parallel` or `Map` state
 * in JSONPath. The state must not have the fields that the definition sets (`Next`, `End`, `Catch`, `ResultPath`, `OutputPath`).
 * Its input is the state of the machine, with the execution's input in `$.input`. The result is discarded; an error fails the
 * task. A `Task` without `TimeoutSeconds` times out after a day.
 */
export type OwnTask = string | StateDefinition;

/** End of an execution. */
export interface ExecutionEnd {
  /** Outcome of the change. */
  readonly outcome: 'succeeded' | 'rolledBack' | 'halted' | 'notBegun';
  /** Error of a failed execution. Absent when the execution succeeds. */
  readonly error?: string;
  /** Cause of the error. */
  readonly cause?: string;
}

/** Event of a function that runs as a task of your own. */
export interface OwnTaskEvent {
  /** The task. */
  readonly task: 'preCheck' | 'finish' | 'cleanUp' | 'report';
  /** The execution's input. */
  readonly input: ExecutionInput;
  /**
   * Facts about the change, for `finish` and `cleanUp`. A shift has its `phase`, the `incoming` stack, and `incomingPercent`.
   */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The end, for `report`. */
  readonly end?: ExecutionEnd;
}

/** Requests an approval with a task token. `SendTaskSuccess` and `SendTaskFailure` answer it. */
export type ApprovalByToken = {
  /** Seconds to wait for the answer, 1 or more. Then the change is rolled back. */
  readonly timeoutSeconds: number;
} & (
  | {
      /** The function that is invoked with `{ taskToken, key, detail, input, execution }`. */
      readonly functionArn: string;
    }
  | {
      /** The topic to which the same message is published; not a FIFO topic. */
      readonly topicArn: string;
    }
  | {
      /** The queue to which the same message is sent; not a FIFO queue. */
      readonly queueUrl: string;
    }
);

/** Options of `stepFunctionsDefinition`. */
export interface StepFunctionsDefinitionOptions {
  /** The function with the `stepFunctionsHandler`. */
  readonly functionArn: string;
  /**
   * The function's time-out, 1 to 900. A task times out some seconds after it, so that the function never runs twice at a time.
   * @default 900
   */
  readonly functionTimeoutSeconds?: number | undefined;
  /**
   * The AWS partition. Required where `functionArn` is a token or a substitution that is resolved later.
   * @default the partition of functionArn
   */
  readonly partition?: string | undefined;
  /** Task before the change, to deploy the new version for example. When it fails, nothing is changed. */
  readonly preCheck?: OwnTask | undefined;
  /**
   * Task after a complete success, to remove the old version and to record the new one: a shift has moved all the traffic. Skipped
   * after a partial change.
   */
  readonly finish?: OwnTask | undefined;
  /**
   * Task after a complete rollback, to remove the new version: the incoming stack of a shift has no traffic. Skipped after a halt
   * and after a failed rollback.
   */
  readonly cleanUp?: OwnTask | undefined;
  /**
   * Task that reports the end in `$.end`, after every outcome. A function that fails is retried, so it can receive the same end
   * twice.
   */
  readonly report?: OwnTask | undefined;
  /**
   * Requests the approvals of the change. While the machine waits for an answer the change is not advanced: no check of a shift
   * runs, and drift is detected only after the answer. Use the handler's `isApproved` instead to keep both running.
   * @default the handler's `isApproved`
   */
  readonly approval?: ApprovalByToken | undefined;
  /**
   * Calls of the handler after which the machine continues in a new execution of itself, so that its history stays
   * below 25,000 events: 10 to 900.
   * @default 900
   */
  readonly continueAfterCalls?: number | undefined;
}

/** The options with every default filled in. */
export interface DefinitionSettings extends StepFunctionsDefinitionOptions {
  readonly functionTimeoutSeconds: number;
  readonly partition: string;
  readonly continueAfterCalls: number;
}

/** Tokens of the CDK and substitutions of CloudFormation are resolved later. */
const arn = v.pipe(
  v.string(),
  v.check((value) => /^arn:[^:]+:[^:]+:/.test(value) || value.includes('${'), 'an ARN'),
);

/** Includes `QueryLanguage`, because JSONata has no `ResultPath`. */
const reservedFields = ['Next', 'End', 'Catch', 'ResultPath', 'OutputPath', 'QueryLanguage'] as const;

const ownState = v.pipe(
  v.looseObject({ Type: v.picklist(['Task', 'Parallel', 'Map']) }),
  v.check(
    (state) => reservedFields.every((field) => !(field in state)),
    `a state without ${reservedFields.join(', ')}`,
  ),
);

const ownTask = v.optional(v.lazy((task) => (typeof task === 'string' ? arn : ownState)));

/** An execution ends after a year. Step Functions accepts up to 99,999,999 s. */
const timeoutSeconds = wholeFrom(1, 31_536_000);

/** The message has no message group ID, which FIFO topics and queues require. */
const notFifo = v.check((name: string) => !name.endsWith('.fifo'), 'a topic or queue that is not FIFO');

const approvalKinds = {
  functionArn: strictObject({ functionArn: arn, timeoutSeconds }),
  topicArn: strictObject({ topicArn: v.pipe(arn, notFifo), timeoutSeconds }),
  queueUrl: strictObject({ queueUrl: v.pipe(nonEmptyString, notFifo), timeoutSeconds }),
} as const;

const approvalSchema = v.optional(
  v.lazy((approval): v.GenericSchema => {
    const fields = typeof approval === 'object' && approval !== null ? Object.keys(approval) : [];
    const kinds = Object.entries(approvalKinds).filter(([field]) => fields.includes(field));
    return kinds[0]?.[1] ?? unknownApprovalKind;
  }),
);

const unknownApprovalKind = v.custom(() => false, 'an object with functionArn, topicArn or queueUrl');

const optionsSchema = strictObject({
  functionArn: arn,
  functionTimeoutSeconds: v.optional(wholeFrom(1, 900), 900),
  partition: v.optional(nonEmptyString),
  preCheck: ownTask,
  finish: ownTask,
  cleanUp: ownTask,
  report: ownTask,
  approval: approvalSchema,
  continueAfterCalls: v.optional(wholeFrom(10, maxCallsPerExecution), maxCallsPerExecution),
});

/** @throws InvalidInputError that names every wrong option. */
export function parseDefinitionOptions(options: StepFunctionsDefinitionOptions): DefinitionSettings {
  const { partition, functionTimeoutSeconds, continueAfterCalls } = parseInput(
    'stepFunctionsDefinition options',
    optionsSchema,
    options,
  );
  return {
    ...options,
    functionTimeoutSeconds,
    continueAfterCalls,
    partition: partition ?? partitionOf(options.functionArn),
  };
}

function partitionOf(functionArn: string): string {
  const partition = /^arn:([^:]+):/.exec(functionArn)?.[1];
  if (partition !== undefined) return partition;
  throw invalidInput('stepFunctionsDefinition options', {
    field: 'partition',
    expected: 'a value, because functionArn is not an ARN yet',
    actual: 'nothing',
  });
}
