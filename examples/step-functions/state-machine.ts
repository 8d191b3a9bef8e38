import type { Clock } from 'aws-blue-green-toolkit/core';
import type { StateDefinition, StateMachineDefinition } from 'aws-blue-green-toolkit/step-functions';
import { ExecutionError, StateMachine } from 'aws-local-stepfunctions';

/** What stands behind the tasks of a state machine. */
export interface StateMachineSurroundings {
  /** Waits, and pauses before a retry, take their time there. */
  readonly clock: Clock;
  /** What runs for a task, by what comes after `states:::` in its `Resource`. It gets the task's parameters. */
  readonly integrations: Readonly<Record<string, Integration>>;
  /** Is told of each state that is entered, in order. */
  readonly onState?: (name: string) => void;
}

/** A service that a task calls; it gives what the service would answer. */
export type Integration = (parameters: Readonly<Record<string, unknown>>) => unknown;

/** How an execution ended. */
export type Execution =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED'; readonly error: string; readonly cause: string };

/** A retrier of a task, as far as it is needed here. */
interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly MaxAttempts?: number;
}

/** Of the real time that the interpreter allows a task; timers hold 24 days at most. */
const taskTimeoutSeconds = 2_000_000;

/**
 * Carries an execution out in an interpreter of the Amazon States Language. Its own waits and pauses would take real time,
 * so a wait becomes a task that waits on the clock, and so does a task that is about to be retried.
 */
export async function execute(
  definition: StateMachineDefinition,
  input: object,
  dependencies: StateMachineSurroundings,
): Promise<Execution> {
  fillInForNode20();
  const handlers: Record<string, Handler> = {};
  const States = onTheClock(definition.States, dependencies, handlers);
  const machine = new StateMachine(json({ ...definition, States }), {
    // Parts of it are tasks of this program.
    validationOptions: { checkArn: false },
  });
  const { result, eventLogs } = machine.run(json(input), {
    context: {
      Execution: { Id: arnOf('execution:shift:1'), Name: '1' },
      StateMachine: { Id: arnOf('stateMachine:shift'), Name: 'shift' },
    },
    overrides: {
      taskResourceLocalHandlers: handlers,
      retryIntervalOverrides: Object.fromEntries(Object.keys(handlers).map((name) => [name, 0])),
    },
  });
  const ended = result.then((output): Execution => ({ status: 'SUCCEEDED', output }), failed);
  for await (const event of eventLogs) {
    if (event.type === 'StateEntered') dependencies.onState?.(event.state.name);
  }
  return ended;
}

/** Invokes functions by their ARNs, as the integration `lambda:invoke` does. */
export function lambdaInvoke(
  functions: Readonly<Record<string, (event: unknown) => unknown>>,
): Readonly<Record<string, Integration>> {
  return {
    'lambda:invoke': async ({ FunctionName, Payload }) => {
      const invoke = functions[String(FunctionName)];
      if (invoke === undefined) throw new Error(`There is no function ${FunctionName}`);
      return { Payload: await invoke(Payload) };
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: as the interpreter types its handlers; what goes in and out is JSON of any kind
type Handler = (input: any) => Promise<any>;

function onTheClock(
  states: Readonly<Record<string, StateDefinition>>,
  dependencies: StateMachineSurroundings,
  handlers: Record<string, Handler>,
): Record<string, StateDefinition> {
  const entries = Object.entries(states).map(([name, state]) => {
    if (state.Type === 'Task') {
      handlers[name] = taskOf(state, dependencies);
      const { TimeoutSecondsPath: _path, ...rest } = state;
      return [name, { ...rest, TimeoutSeconds: taskTimeoutSeconds }] as const;
    }
    if (state.Type === 'Wait') {
      handlers[name] = waitOf(state, dependencies);
      const { Next, End, Comment } = state;
      const Resource = arnOf('function:wait');
      return [
        name,
        json({ Type: 'Task', Resource, TimeoutSeconds: taskTimeoutSeconds, Next, End, Comment }),
      ] as const;
    }
    if (!Array.isArray(state['Branches'])) return [name, state] as const;
    const Branches = state['Branches'].map((branch: StateMachineDefinition) => ({
      ...branch,
      States: onTheClock(branch.States, dependencies, handlers),
    }));
    return [name, { ...state, Branches }] as const;
  });
  return Object.fromEntries(entries);
}

function waitOf({ Seconds, SecondsPath }: StateDefinition, { clock }: StateMachineSurroundings): Handler {
  return async (input) => {
    const seconds = Seconds ?? input[String(SecondsPath).replace('$.', '')];
    await clock.sleep(Number(seconds) * 1000);
    return input;
  };
}

function taskOf(state: StateDefinition, { clock, integrations }: StateMachineSurroundings): Handler {
  const service = String(state['Resource']).replace(/^arn:[^:]+:states:::/, '');
  const pauses = pausesOf((state['Retry'] ?? []) as readonly Retrier[]);
  return async (parameters) => {
    const call = integrations[service];
    if (call === undefined) throw new Error(`Nothing stands behind ${state['Resource']}`);
    try {
      const answer = json(await call(json(parameters)));
      pauses.reset();
      return answer;
    } catch (error) {
      await clock.sleep(pauses.after(error) * 1000);
      throw error;
    }
  };
}

/** How long Step Functions would pause, without the jitter, before it runs a task again that has failed. */
function pausesOf(retriers: readonly Retrier[]) {
  const attempts = new Map<Retrier, number>();
  return {
    reset: () => attempts.clear(),
    after(error: unknown): number {
      const name = error instanceof Error ? error.name : '';
      const retrier = retriers.find(({ ErrorEquals }) =>
        ErrorEquals.some((it) => it === name || it === 'States.ALL'),
      );
      const before = (retrier && attempts.get(retrier)) ?? 0;
      if (retrier === undefined || before >= (retrier.MaxAttempts ?? 3)) {
        attempts.clear();
        return 0;
      }
      attempts.set(retrier, before + 1);
      const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
      return Math.min(IntervalSeconds * BackoffRate ** before, MaxDelaySeconds);
    },
  };
}

function failed(error: unknown): Execution {
  const reason = error instanceof ExecutionError ? error.cause : error;
  const { name, message } = reason instanceof Error ? reason : new Error(String(reason));
  return { status: 'FAILED', error: name, cause: message };
}

function arnOf(resource: string): string {
  return `arn:aws:states:eu-west-1:123456789012:${resource}`;
}

/** What Step Functions hands on is JSON, and nothing of it is shared. */
function json(value: unknown) {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

/** The interpreter needs `Promise.withResolvers`, which Node.js has since 22. */
function fillInForNode20(): void {
  if ('withResolvers' in Promise) return;
  Reflect.set(Promise, 'withResolvers', () => {
    let resolve: unknown;
    let reject: unknown;
    const promise = new Promise((...settle) => {
      [resolve, reject] = settle;
    });
    return { promise, resolve, reject };
  });
}
