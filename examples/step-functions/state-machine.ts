import type { Clock } from 'aws-blue-green-toolkit/core';
import type { StateDefinition, StateMachineDefinition } from 'aws-blue-green-toolkit/step-functions';
import { ExecutionError, StateMachine } from 'aws-local-stepfunctions';

/** Clock and services of a simulated execution. */
export interface StateMachineDependencies {
  /** Clock for waits and for delays before a retry. */
  readonly clock: Clock;
  /** Integrations by the part of a task's `Resource` after `states:::`. Each gets the task's parameters. */
  readonly integrations: Readonly<Record<string, Integration>>;
  /** Called for each entered state, in order. */
  readonly onState?: (name: string) => void;
}

/** Returns the response of a service to a task. */
export type Integration = (parameters: Readonly<Record<string, unknown>>) => unknown;

/** Result of an execution. */
export type Execution =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED'; readonly error: string; readonly cause: string };

/** A retrier of a task, reduced to the supported fields. */
interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly MaxAttempts?: number;
}

/** Real seconds that the interpreter allows a task. Timers hold at most 24 days. */
const taskTimeoutSeconds = 2_000_000;

/**
 * Runs an execution in an interpreter of the Amazon States Language. The interpreter waits in real time. So a wait becomes a task
 * that waits on the clock, and so does the delay before a retry.
 */
export async function execute(
  definition: StateMachineDefinition,
  input: object,
  dependencies: StateMachineDependencies,
): Promise<Execution> {
  polyfillForNode20();
  const handlers: Record<string, Handler> = {};
  const States = onTheClock(definition.States, dependencies, handlers);
  const machine = new StateMachine(json({ ...definition, States }), {
    // Local tasks have no ARNs.
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
      if (invoke === undefined) throw new Error(`Function ${FunctionName} not found`);
      return { Payload: await invoke(Payload) };
    },
  };
}

/** Local handler of a task: receives and returns JSON. */
type Handler = (input: Json) => Promise<Json>;

type Json = Parameters<StateMachine['run']>[0];

function onTheClock(
  states: Readonly<Record<string, StateDefinition>>,
  dependencies: StateMachineDependencies,
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

function waitOf({ Seconds, SecondsPath }: StateDefinition, { clock }: StateMachineDependencies): Handler {
  return async (input) => {
    const fields = Object(input) as Readonly<Record<string, unknown>>;
    const seconds = Seconds ?? fields[String(SecondsPath).replace('$.', '')];
    await clock.sleep(Number(seconds) * 1000);
    return input;
  };
}

function taskOf(state: StateDefinition, { clock, integrations }: StateMachineDependencies): Handler {
  const service = String(state['Resource']).replace(/^arn:[^:]+:states:::/, '');
  const delays = retryDelaysOf((state['Retry'] ?? []) as readonly Retrier[]);
  return async (parameters) => {
    const call = integrations[service];
    if (call === undefined) throw new Error(`No integration for ${state['Resource']}`);
    try {
      const response = json(await call(json(parameters)));
      delays.reset();
      return response;
    } catch (error) {
      await clock.sleep(delays.after(error) * 1000);
      throw error;
    }
  };
}

/** Computes the seconds before each retry of a failed task, without Step Functions' jitter. */
function retryDelaysOf(retriers: readonly Retrier[]) {
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

/** Copies a value as JSON, as Step Functions does between states. */
function json(value: unknown) {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

/** Adds `Promise.withResolvers`, which the interpreter needs and Node 20 lacks. */
function polyfillForNode20(): void {
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
