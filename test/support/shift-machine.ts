import { makeShifter } from '../../examples/canary/shifter.js';
import { makeWorld, type Release, type World } from '../../examples/canary/world.js';
import { silentLogger } from '../../src/core/logger.js';
import {
  type OwnTaskEvent,
  type StepFunctionsDefinitionOptions,
  type StepFunctionsHandler,
  type StepFunctionsHandlerOptions,
  stepFunctionsDefinition,
  stepFunctionsHandler,
} from '../../src/step-functions/index.js';
import type { ShiftRequest } from '../../src/traffic/shift/shift-request.js';
import type { TrafficShifter } from '../../src/traffic/traffic-shifter.js';
import { type Dependencies, type Execution, execute, TaskError } from './state-machine.js';

/** The function with the handler. */
export const shiftFunctionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:shift';

/** A function of the user's. */
export const ownFunctionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:own';

/** A shop whose traffic a state machine shifts to green. */
export interface ShiftMachineScenario {
  readonly request: Omit<ShiftRequest, 'incoming'>;
  /** @default a good green */
  readonly release?: Release;
  readonly definition?: Omit<StepFunctionsDefinitionOptions, 'functionArn'>;
  readonly handler?: Omit<StepFunctionsHandlerOptions, 'parseInput'>;
  /** @default the canary example's */
  readonly shifter?: (world: World) => TrafficShifter;
  /** Anything that befalls the world. */
  readonly prepare?: (world: World) => void;
  /** What the user's function does. */
  readonly own?: (payload: OwnTaskEvent, world: World) => unknown;
  /** What becomes of a question with a task token. */
  readonly answer?: (...question: [...Parameters<NonNullable<Dependencies['answer']>>, World]) => unknown;
  readonly onStart?: Dependencies['onStart'];
  /** What happens to an invocation instead of, or after, what the handler does. */
  readonly invoke?: (invocation: () => Promise<unknown>, index: number) => Promise<unknown>;
  /** @default 120 */
  readonly timeoutSeconds?: number;
  /** @default the request, and what the shifter is made of */
  readonly input?: (usual: Readonly<Record<string, unknown>>) => unknown;
}

/** What became of it. */
export interface ShiftMachineRun {
  readonly world: World;
  readonly execution: Execution;
  /** What green had of the traffic, one after the other. */
  readonly greenPercents: readonly number[];
  /** What it has in the end. */
  readonly greenPercent: number;
  /** What the user's function was given. */
  readonly ownCalls: readonly OwnTaskEvent[];
  readonly invocations: number;
  readonly seconds: number;
}

/** Runs a shift in a state machine, over a simulated load balancer with traffic and metrics. */
export async function runShiftMachine(scenario: ShiftMachineScenario): Promise<ShiftMachineRun> {
  const world = makeWorld(scenario.release ?? { greenIsBad: false });
  const { cloud, settings } = world;
  scenario.prepare?.(world);
  const startedAt = cloud.clock.now();
  const ownCalls: OwnTaskEvent[] = [];
  let invocations = 0;
  const handler = stepFunctionsHandler(
    ({ ['settings']: given }) =>
      scenario.shifter?.(world) ??
      makeShifter(given as typeof settings, { clients: cloud.clients, clock: cloud.clock }),
    { clock: cloud.clock, logger: silentLogger, ...scenario.handler },
  );
  const invoke = scenario.invoke ?? ((invocation) => invocation());
  const { answer, own } = scenario;
  const usualInput = { request: { incoming: 'green', ...scenario.request }, settings };
  const execution = await execute(
    stepFunctionsDefinition({
      functionArn: shiftFunctionArn,
      functionTimeoutSeconds: scenario.timeoutSeconds ?? 120,
      ...scenario.definition,
    }),
    scenario.input?.(usualInput) ?? usualInput,
    {
      clock: cloud.clock,
      functions: {
        [shiftFunctionArn]: (payload) =>
          invoke(() => invokeLambda(world, handler, payload, scenario.timeoutSeconds ?? 120), ++invocations),
        [ownFunctionArn]: (payload) => {
          ownCalls.push(payload as OwnTaskEvent);
          return own?.(payload as OwnTaskEvent, world);
        },
      },
      ...(answer && { answer: (question) => answer(question, world) }),
      ...(scenario.onStart && { onStart: scenario.onStart }),
    },
  );
  const seconds = (cloud.clock.now() - startedAt) / 1000;
  // The load balancer takes its time with the last change, too.
  await cloud.clock.sleep(60_000);
  return {
    world,
    execution,
    greenPercents: writtenPercents(world),
    greenPercent: world.weightsInForce().green,
    ownCalls,
    invocations,
    seconds,
  };
}

/** Invokes the handler as Lambda does: cut off at its time-out, and an error when its process has died. */
async function invokeLambda(
  { cloud }: World,
  handler: StepFunctionsHandler,
  payload: unknown,
  timeoutSeconds: number,
): Promise<unknown> {
  const { clock } = cloud;
  const deadline = clock.now() + timeoutSeconds * 1000;
  const before = cloud.calls.length;
  const timer = new AbortController();
  const timeout = clock.sleep(timeoutSeconds * 1000, timer.signal).then(() => {
    throw new TaskError('Sandbox.Timedout', `Task timed out after ${timeoutSeconds} seconds`);
  });
  timeout.catch(() => {});
  try {
    const running = handler(payload, { getRemainingTimeInMillis: () => Math.max(0, deadline - clock.now()) });
    return await Promise.race([running, timeout]);
  } finally {
    timer.abort();
    if (cloud.calls.slice(before).some(({ outcome }) => outcome === 'SimulatedCrash')) {
      cloud.restart();
      // biome-ignore lint/correctness/noUnsafeFinally: whatever it was about to answer, its process is gone
      throw new TaskError('Lambda.Unknown', 'The process has exited');
    }
  }
}

function writtenPercents({ cloud, settings }: World): number[] {
  return cloud.calls
    .filter(({ action, outcome }) => action === 'elasticloadbalancing:ModifyRule' && outcome === 'ok')
    .map(({ input }) => {
      const { Actions } = input as {
        Actions: { ForwardConfig: { TargetGroups: { TargetGroupArn: string; Weight: number }[] } }[];
      };
      const groups = Actions.at(-1)?.ForwardConfig.TargetGroups ?? [];
      const total = groups.reduce((sum, { Weight }) => sum + Weight, 0);
      const green = groups.find(({ TargetGroupArn }) => TargetGroupArn === settings.targetGroupArns.green);
      return ((green?.Weight ?? 0) / total) * 100;
    });
}
