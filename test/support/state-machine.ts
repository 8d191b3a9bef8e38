import { type ExecutionError, StateMachine } from 'aws-local-stepfunctions';
import type { StateDefinition, StateMachineDefinition } from '../../src/step-functions/index.js';
import type { VirtualClock } from '../../src/testing/index.js';

/** What stands behind the tasks of a state machine. */
export interface Dependencies {
  /** Waits, pauses before retries and time-outs of tasks take their time there. */
  readonly clock: VirtualClock;
  /** The functions, by their ARNs. */
  readonly functions: Readonly<Record<string, (payload: unknown) => unknown>>;
  /** Answers a question with a task token: what it gives is the token's success, what it throws its failure. */
  readonly answer?: (question: AskedQuestion) => unknown;
  /** What befalls another execution, before or after it has been started, or when it has ended. */
  readonly onStart?: (name: string, moment: 'before' | 'after' | 'ended') => void;
}

/** A question with a task token. */
export interface AskedQuestion {
  /** `lambda:invoke`, `sns:publish` or `sqs:sendMessage`. */
  readonly by: string;
  readonly [parameter: string]: unknown;
}

/** How an execution went. */
export interface Execution {
  readonly name: string;
  readonly input: unknown;
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly cause?: string;
  /** Every state that was entered. */
  readonly states: readonly string[];
  /** What was handed to the last of them. */
  readonly lastState: Readonly<Record<string, unknown>>;
  /** The events that the history of a standard execution would have. */
  readonly historyEvents: number;
  /** The largest JSON that a state handed on, in bytes. */
  readonly maxBytes: number;
  /** The executions that continued this one, the first one first. */
  readonly continuations: readonly Execution[];
}

/** An error of a task, as Step Functions tells it. */
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
 * Carries an execution out, and those that continue it, in an interpreter of the Amazon States Language, with the
 * definition as it is. The interpreter's timers are set by the virtual clock meanwhile, so that its waits are the
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

/** Step Functions starts no second execution with a name that there has been. */
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
    // The unit tests do that, and once is enough.
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

/** Step Functions finds `TimeoutSecondsPath` in the input of the state, the interpreter in the parameters of the task. */
function withTimeoutsAtHand(definition: StateMachineDefinition) {
  const result = copy(definition);
  for (const { TimeoutSecondsPath: path, Parameters } of Object.values<StateDefinition>(result.States)) {
    if (typeof path === 'string')
      Object.assign(Parameters as object, { [`${path.replace('$.', '')}.$`]: path });
  }
  return result;
}

/** TaskScheduled, TaskStarted, TaskSucceeded; TaskSubmitted where the end is waited for. */
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

/** What a task gives has at most 256 KiB. */
function withinLimit<Result>(result: Result): Result {
  if (Buffer.byteLength(JSON.stringify(result)) <= 256 * 1024) return result;
  throw new TaskError('States.DataLimitExceeded');
}

function asLambdaTells(error: unknown): TaskError {
  const { name, message } = error as Error;
  return new TaskError(name, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
}

/** What Step Functions hands on is JSON, and nothing of it is shared. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of any kind
function copy(value: unknown): any {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

/** Lets the global timers go by the virtual clock. Gives a function which puts the real ones back. */
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
  // The interpreter needs what Node.js has since 22.
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
