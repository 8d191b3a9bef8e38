import type {
  ExecutionState,
  StateMachineDefinition,
  StepFunctionsHandler,
} from 'aws-blue-green-toolkit/step-functions';
import type { VirtualClock } from 'aws-blue-green-toolkit/testing';
import type { ShiftState } from 'aws-blue-green-toolkit/traffic';

/** State of the machine between two calls of the handler. */
export type MachineState = ExecutionState<ShiftState>;

/** Environment of an execution. */
export interface ExecutionDependencies {
  readonly definition: StateMachineDefinition;
  readonly handler: StepFunctionsHandler<ShiftState>;
  readonly clock: VirtualClock;
  /** Numbers from 0 to below 1, for the jitter of the retries. */
  readonly random: () => number;
  /** Receives the state after each call. */
  readonly onState: (state: MachineState) => void;
  /** Called when a task has failed and Step Functions retries it. */
  readonly onRetry: () => void;
}

/** End of an execution. */
export type ExecutionEnd = 'succeeded' | 'rolledBack' | 'halted' | 'notBegun';

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds?: number;
}

const timeoutSeconds = 120;

/**
 * Runs one execution of `stepFunctionsDefinition` on the virtual clock: its tasks with their `Retry`, its `Catch`, its waits. It
 * follows the transitions directly, because an interpreter of the language takes too long for a thousand executions.
 */
export async function execute(input: unknown, dependencies: ExecutionDependencies): Promise<ExecutionEnd> {
  const { clock, onState } = dependencies;
  let state: MachineState;
  try {
    state = await runTask('Begin', { action: 'begin', state: { input } }, dependencies);
  } catch {
    return 'notBegun';
  }
  for (;;) {
    onState(state);
    const { outcome, waitSeconds } = state;
    if (outcome !== 'inProgress') return outcome;
    if (waitSeconds > 0) await clock.sleep(waitSeconds * 1000);
    try {
      state = await runTask('Advance', { action: 'advance', state }, dependencies);
    } catch (error) {
      const failure = { Error: nameOf(error), Cause: String(error) };
      try {
        state = await runTask('RollBack', { action: 'rollBack', state: { ...state, failure } }, dependencies);
      } catch {
        return 'halted';
      }
    }
  }
}

async function runTask(
  name: 'Begin' | 'Advance' | 'RollBack',
  payload: object,
  { definition, handler, clock, random, onRetry }: ExecutionDependencies,
): Promise<MachineState> {
  const retriers = definition.States[name]?.['Retry'] as readonly Retrier[];
  const attempts = new Map<Retrier, number>();
  for (;;) {
    const endsAt = clock.now() + timeoutSeconds * 1000;
    try {
      const result = await handler(structuredClone(payload), {
        getRemainingTimeInMillis: () => endsAt - clock.now(),
      });
      return JSON.parse(JSON.stringify(result)) as MachineState;
    } catch (error) {
      const retrier = retriers.find(({ ErrorEquals }) =>
        ErrorEquals.some((it) => it === 'States.ALL' || it === nameOf(error)),
      );
      const attempt = retrier === undefined ? 0 : (attempts.get(retrier) ?? 0);
      if (retrier === undefined || attempt >= retrier.MaxAttempts) throw error;
      attempts.set(retrier, attempt + 1);
      onRetry();
      const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
      // JitterStrategy FULL.
      const delay = random() * Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds);
      await clock.sleep(delay * 1000);
    }
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
