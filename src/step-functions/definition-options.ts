import * as v from 'valibot';
import { InvalidInputError } from '../core/errors.js';
import { nonEmptyString, strictObject } from '../core/schemas.js';
import type { StackReference } from '../core/stack-reference.js';
import { parseInput } from '../core/validate.js';
import { maxCallsPerExecution } from './history-events.js';
import type { ShiftExecutionInput } from './types.js';

/** A state in the Amazon States Language, with JSONPath. */
export interface StateDefinition {
  /** `Task`, `Choice`, … */
  readonly Type: string;
  /** The other fields of the type. */
  readonly [field: string]: unknown;
}

/** A state machine in the Amazon States Language: plain JSON. */
export interface StateMachineDefinition {
  /** For people. */
  readonly Comment: string;
  /** The first state. */
  readonly StartAt: string;
  /** The states by their names. */
  readonly States: Readonly<Record<string, StateDefinition>>;
}

/**
 * A task of your own: the ARN of a function, which gets an {@link OwnTaskEvent}, or a whole `Task`, `Parallel` or `Map` state
 * in JSONPath and without what comes next (`Next`, `End`, `Catch`, `ResultPath`, `OutputPath`). Its input is what the machine
 * holds: the execution's input is in `$.input`. What it returns is not kept; it fails by an error. A `Task` without
 * `TimeoutSeconds` is given up after a day.
 */
export type OwnTask = string | StateDefinition;

/** How an execution has ended. */
export interface ShiftExecutionEnd {
  /** What became of the traffic. */
  readonly outcome: 'succeeded' | 'rolledBack' | 'halted' | 'notBegun';
  /** The error with which the execution fails; none: it succeeds. */
  readonly error?: string;
  /** Why. */
  readonly cause?: string;
}

/** The event of a function that is a task of yours. */
export interface OwnTaskEvent {
  /** Which task it is. */
  readonly task: 'preCheck' | 'finish' | 'cleanUp' | 'report';
  /** What the execution was started with. */
  readonly input: ShiftExecutionInput;
  /** The stack that gets the traffic, for `finish` and `cleanUp`. */
  readonly incoming?: StackReference;
  /** The end, for `report`. */
  readonly end?: ShiftExecutionEnd;
}

/** How an approval is asked for: with a task token, by which it is given or refused. */
export type ApprovalByToken = {
  /** How long the answer may take, 1 or more; then the shift is rolled back. */
  readonly timeoutSeconds: number;
} & (
  | {
      /** The function that is invoked with `{ taskToken, percent, incoming, input, execution }`. */
      readonly functionArn: string;
    }
  | {
      /** The topic to which that is published; no FIFO topic. */
      readonly topicArn: string;
    }
  | {
      /** The queue to which that is sent; no FIFO queue. */
      readonly queueUrl: string;
    }
);

/** How a state machine is made. */
export interface StepFunctionsDefinitionOptions {
  /** The function with the `stepFunctionsHandler`. */
  readonly functionArn: string;
  /**
   * The function's time-out, 1 to 900. A task is given up some seconds later, and not before: the function must not run
   * twice at a time.
   * @default 900
   */
  readonly functionTimeoutSeconds?: number | undefined;
  /**
   * The partition of AWS. Give it where `functionArn` is a token or a substitution that is filled in later.
   * @default that of functionArn
   */
  readonly partition?: string | undefined;
  /** What is done before the shift, to deploy the new version for example. When it fails, nothing is shifted. */
  readonly preCheck?: OwnTask | undefined;
  /**
   * What is done when the incoming stack has all the traffic, to remove the old version and to record the new one. It is
   * left out after a partial strategy.
   */
  readonly finish?: OwnTask | undefined;
  /**
   * What is done after a rollback, to remove the new version: only when the weights were read back, and the incoming stack
   * has no traffic at all. Not after a halt, and not when routing back has failed.
   */
  readonly cleanUp?: OwnTask | undefined;
  /**
   * What is told the end, whatever it is: it finds it in `$.end`. A function that fails is called again, so it may hear it
   * twice.
   */
  readonly report?: OwnTask | undefined;
  /**
   * Asks for the approvals of the request's `approvalPercents`. While the machine waits for an answer no check is made, and a
   * change of the weights by another program is not noticed before the answer; let the handler ask (`isApproved`) if both are
   * to go on.
   * @default none: the handler asks
   */
  readonly approval?: ApprovalByToken | undefined;
  /**
   * Calls of the handler after which the machine starts itself anew with the shift as it stands, so that its history stays
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

const wholeBetween = (least: number, most: number) =>
  v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= least && value <= most,
      `a whole number from ${least} to ${most}`,
    ),
  );

/** Tokens of the CDK and substitutions of CloudFormation are filled in later. */
const arn = v.pipe(
  v.string(),
  v.check((value) => /^arn:[^:]+:[^:]+:/.test(value) || value.includes('${'), 'an ARN'),
);

/** `QueryLanguage` as well: in JSONata there is no `ResultPath`. */
const ofTheMachine = ['Next', 'End', 'Catch', 'ResultPath', 'OutputPath', 'QueryLanguage'] as const;

const ownState = v.pipe(
  v.looseObject({ Type: v.picklist(['Task', 'Parallel', 'Map']) }),
  v.check(
    (state) => ofTheMachine.every((field) => !(field in state)),
    `a state without ${ofTheMachine.join(', ')}`,
  ),
);

const ownTask = v.optional(v.lazy((task) => (typeof task === 'string' ? arn : ownState)));

/** Step Functions counts to 99,999,999 s; an execution ends after a year. */
const timeoutSeconds = wholeBetween(1, 31_536_000);

/** It is published and sent without a message group. */
const notFifo = v.check((name: string) => !name.endsWith('.fifo'), 'no FIFO topic or queue');

const approvalKinds = {
  functionArn: strictObject({ functionArn: arn, timeoutSeconds }),
  topicArn: strictObject({ topicArn: v.pipe(arn, notFifo), timeoutSeconds }),
  queueUrl: strictObject({ queueUrl: v.pipe(nonEmptyString, notFifo), timeoutSeconds }),
} as const;

const approvalSchema = v.optional(
  v.lazy((approval): v.GenericSchema => {
    const fields = typeof approval === 'object' && approval !== null ? Object.keys(approval) : [];
    const kinds = Object.entries(approvalKinds).filter(([field]) => fields.includes(field));
    return kinds[0]?.[1] ?? noApproval;
  }),
);

const noApproval = v.custom(() => false, 'an object with functionArn, topicArn or queueUrl');

const optionsSchema = strictObject({
  functionArn: arn,
  functionTimeoutSeconds: v.optional(wholeBetween(1, 900), 900),
  partition: v.optional(nonEmptyString),
  preCheck: ownTask,
  finish: ownTask,
  cleanUp: ownTask,
  report: ownTask,
  approval: approvalSchema,
  continueAfterCalls: v.optional(wholeBetween(10, maxCallsPerExecution), maxCallsPerExecution),
});

/** @throws InvalidInputError which names every wrong option. */
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
  throw new InvalidInputError({
    subject: 'stepFunctionsDefinition options',
    problems: [
      { field: 'partition', expected: 'a value, because functionArn is none yet', actual: 'nothing' },
    ],
  });
}
