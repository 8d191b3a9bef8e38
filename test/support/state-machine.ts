import { type ExecutionError, StateMachine } from 'aws-local-stepfunctions';
import type { StateDefinition, StateMachineDefinition } from '../../src/step-functions/index.js';
import type { VirtualClock } from '../../src/testing/index.js';

/** Environment of a state machine. */
export interface Dependencies {
  /** Clock of waits, retries and task time-outs. */
  readonly clock: VirtualClock;
  /** The functions by their ARNs. */
  readonly functions: Readonly<Record<string, (payload: unknown) => unknown>>;
  /** Answers a question with a task token: the result is the token's success, an error its failure. */
  readonly answer?: (question: AskedQuestion) => unknown;
  /** Fault of another execution: before or after its start, or at its end. */
  readonly onStart?: (name: string, moment: 'before' | 'after' | 'ended') => void;
}

/** A question with a task token. */
export interface AskedQuestion {
  /** `lambda:invoke`, `sns:publish` or `sqs:sendMessage`. */
  readonly by: string;
  readonly [parameter: string]: unknown;
}

/** Result of an execution. */
export interface Execution {
  readonly name: string;
  readonly input: unknown;
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly cause?: string;
  /** Every state that was entered. */
  readonly states: readonly string[];
  /** Input of the last state. */
  readonly lastState: Readonly<Record<string, unknown>>;
  /** Events in the history of a standard execution. */
  readonly historyEvents: number;
  /** The largest JSON output of a state, in bytes. */
  readonly maxBytes: number;
  /** The executions that continued this one, in their order. */
  readonly continuations: readonly Execution[];
}

/** An error of a task, in the form of Step Functions. */
export class TaskError extends Error {
  override readonly name: string;

  constructor(name: string, cause = '') {
    super(cause);
    this.name = name;
  }
}

interface Run {
  readonly definition: StateMachineDefinition;
  readonly dependencies: Dependencies;
  readonly executions: Map<string, Promise<Execution>>;
}

/**
 * Runs an execution, and those that continue it, in an interpreter of the Amazon States Language, with the
 * unchanged definition. The interpreter's timers use the virtual clock meanwhile, so that its waits are the
 * definition's and take no real time.
 */
export async function execute(
  definition: StateMachineDefinition,
  input: unknown,
  dependencies: Dependencies,
): Promise<Execution> {
  const restore = setTimersBy(dependencies.clock);
  try {
    return await start({ definition, dependencies, executions: new Map() }, 'first', input);
  } finally {
    restore();
  }
}

/** Step Functions starts no second execution of the same name. */
function start(run: Run, name: string, input: unknown): Promise<Execution> {
  const execution = run.executions.get(name) ?? carryOut(run, name, input);
  run.executions.set(name, execution);
  return execution;
}

async function carryOut(run: Run, name: string, input: unknown): Promise<Execution> {
  const { definition } = run;
  const continuations: Execution[] = [];
  const tasks = Object.entries(definition.States).filter(([, { Type }]) => Type === 'Task');
  const handlers = tasks.map(([state, task]) => [state, handlerOf(task, run, continuations)]);
  const { result, eventLogs } = new StateMachine(withTimeoutsAtHand(definition), {
    // The unit tests validate the definition.
    validationOptions: { noValidate: true },
  }).run(copy(input), {
    overrides: { taskResourceLocalHandlers: Object.fromEntries(handlers) },
    context: {
      Execution: { Id: `arn:aws:states:eu-west-1:123456789012:execution:shift:${name}`, Name: name },
      StateMachine: { Id: 'arn:aws:states:eu-west-1:123456789012:stateMachine:shift', Name: 'shift' },
      State: { RetryCount: 0 },
      Task: { Token: `token of ${name}` },
    },
  });
  const end = await result.then(
    (output) => ({ status: 'SUCCEEDED' as const, output: output as Record<string, unknown> }),
    (error: ExecutionError) => {
      const { name: errorName, message } = error.cause as Error;
      return { status: 'FAILED' as const, error: errorName, cause: message };
    },
  );
  const states: string[] = [];
  let lastState = {};
  let historyEvents = 2;
  let maxBytes = 0;
  for await (const event of eventLogs) {
    if (event.type === 'StateEntered') {
      const resource = String(definition.States[event.state.name]?.['Resource'] ?? '');
      states.push(event.state.name);
      lastState = event.state.input as object;
      historyEvents += 1 + eventsOfAttempt(resource);
      maxBytes = Math.max(maxBytes, Buffer.byteLength(JSON.stringify(event.state.input)));
    }
    if (event.type === 'StateExited') historyEvents += 1;
    if (event.type === 'StateRetried') historyEvents += 3;
  }
  return { name, input, ...end, states, lastState, historyEvents, maxBytes, continuations };
}

/** Step Functions reads `TimeoutSecondsPath` from the input of the state, the interpreter from the parameters of the task. */
function withTimeoutsAtHand(definition: StateMachineDefinition) {
  const result = copy(definition);
  for (const { TimeoutSecondsPath: path, Parameters } of Object.values<StateDefinition>(result.States)) {
    if (typeof path === 'string')
      Object.assign(Parameters as object, { [`${path.replace('$.', '')}.$`]: path });
  }
  return result;
}

/** TaskScheduled, TaskStarted, TaskSucceeded; also TaskSubmitted for `.sync` and `.waitForTaskToken`. */
function eventsOfAttempt(resource: string): number {
  if (resource === '') return 0;
  return /\.(sync|waitForTaskToken)/.test(resource) ? 4 : 3;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of any kind, in and out
type Handler = (parameters: any) => Promise<any>;

function handlerOf({ Resource }: StateDefinition, run: Run, continuations: Execution[]): Handler {
  const { functions, answer, onStart } = run.dependencies;
  const service = String(Resource).replace(/^arn:[^:]+:states:::/, '');
  if (service === 'states:startExecution.sync:2') {
    return async ({ Name, Input }) => {
      onStart?.(Name, 'before');
      const started = start(run, Name, Input);
      onStart?.(Name, 'after');
      const { continuations: further, ...execution } = await started;
      continuations.push({ ...execution, continuations: [] }, ...further);
      onStart?.(Name, 'ended');
      if (execution.status === 'SUCCEEDED') {
        return withinLimit({ Status: 'SUCCEEDED', Name, Input: copy(Input), Output: copy(execution.output) });
      }
      throw new TaskError('States.TaskFailed', JSON.stringify(execution));
    };
  }
  if (service.endsWith('.waitForTaskToken')) {
    const by = service.replace('.waitForTaskToken', '');
    return async (parameters) => copy(await answer?.({ by, ...copy(parameters) }));
  }
  if (service !== 'lambda:invoke') throw new Error(`Nothing stands behind ${Resource}`);
  return async ({ FunctionName, Payload }) => {
    const invoke = functions[FunctionName];
    if (invoke === undefined) throw new TaskError('Lambda.ResourceNotFoundException', FunctionName);
    try {
      return { StatusCode: 200, Payload: copy(await invoke(copy(Payload))) };
    } catch (error) {
      throw error instanceof TaskError ? error : asLambdaTells(error);
    }
  };
}

/** The output of a task has at most 256 KiB. */
function withinLimit<Result>(result: Result): Result {
  if (Buffer.byteLength(JSON.stringify(result)) <= 256 * 1024) return result;
  throw new TaskError('States.DataLimitExceeded');
}

function asLambdaTells(error: unknown): TaskError {
  const { name, message } = error as Error;
  return new TaskError(name, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
}

/** Copies JSON, as Step Functions does between states. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of any kind
function copy(value: unknown): any {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

/** Switches the global timers to the virtual clock. Returns a function that restores the real ones. */
function setTimersBy(clock: VirtualClock): () => void {
  const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
  const withResolvers = Reflect.get(Promise, 'withResolvers');
  const timers = new Map<unknown, AbortController>();
  Reflect.set(globalThis, 'setTimeout', (run: () => void, milliseconds = 0) => {
    if (milliseconds < 1) return realSetTimeout(run, milliseconds);
    const timer = new AbortController();
    timers.set(timer, timer);
    clock.sleep(milliseconds, timer.signal).then(run, () => {});
    return timer;
  });
  Reflect.set(globalThis, 'clearTimeout', (timer: unknown) => {
    const virtual = timers.get(timer);
    if (virtual === undefined) realClearTimeout(timer as undefined);
    else virtual.abort();
  });
  // The interpreter needs a feature of Node.js 22.
  Reflect.set(Promise, 'withResolvers', withResolvers ?? makeResolvers);
  return () => {
    for (const timer of timers.values()) timer.abort();
    Object.assign(globalThis, { setTimeout: realSetTimeout, clearTimeout: realClearTimeout });
    if (withResolvers === undefined) Reflect.deleteProperty(Promise, 'withResolvers');
  };
}

function makeResolvers() {
  let resolve: unknown;
  let reject: unknown;
  const promise = new Promise((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}
