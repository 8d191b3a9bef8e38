import type { Resumable } from 'aws-blue-green-toolkit/resumable';
import { stepFunctionsDefinition, stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
import {
  canary,
  type ShiftEvent,
  type ShiftProgress,
  type ShiftRequest,
  type ShiftState,
  type TrafficShifter,
} from 'aws-blue-green-toolkit/traffic';
import {
  type CanaryDocument,
  countEach,
  type Frame,
  iso,
  metricOf,
  type ShiftListener,
} from '../canary/run.js';
import { makeShifter } from '../canary/shifter.js';
import { makeWorld } from '../canary/world.js';
import { execute, lambdaInvoke } from './state-machine.js';

/** Result of a shift by the state machine. Every `at` is virtual time in ISO 8601. */
export interface StateMachineDocument
  extends Pick<CanaryDocument, 'outcome' | 'strategy' | 'startedAt' | 'endedAt' | 'weights' | 'events'> {
  /** The execution's error and its cause, when it failed. */
  readonly reason?: string;
  /** Hours of virtual time from the start of the execution to its end. */
  readonly hours: number;
  readonly requests: Omit<CanaryDocument['requests'], 'wouldHaveFailedAllAtOnce'>;
  readonly stateMachine: {
    /** Number of entries of each state. */
    readonly entered: Readonly<Record<string, number>>;
    /** Number of invocations of the function. Nothing runs between them. */
    readonly invocations: number;
  };
  readonly awsCalls: number;
  readonly awsCallsByAction: Readonly<Record<string, number>>;
}

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:traffic-shift';
const frameSeconds = 300;
const sixHours = 6 * 3600;
const strategy = { type: 'canary', percent: 10, holdSeconds: sixHours, bakeSeconds: 600 } as const;

/** Runs a canary of six hours with its state machine while users send requests. */
export async function runStateMachine({
  listener,
}: {
  readonly listener?: ShiftListener;
} = {}): Promise<StateMachineDocument> {
  const { cloud, settings, traffic, weightsInForce } = makeWorld({ greenIsBad: false });
  const { clock } = cloud;
  const startedAt = clock.now();
  const events: ShiftEvent[] = [];
  const weights = [{ at: startedAt, ...weightsInForce() }];
  const entered: string[] = [];
  let invocations = 0;
  let metric: Frame['metric'];

  const emit = ({ events: newEvents }: Pick<ShiftProgress, 'events'>) => {
    for (const event of newEvents) {
      metric = metricOf(event)[0] ?? metric;
      events.push(event);
      listener?.event(event, startedAt);
    }
  };
  const handler = stepFunctionsHandler(() => withEvents(makeShifter(settings, cloud), emit), { clock });
  const stopRecording = clock.every(1, () => {
    const { blue, green } = weightsInForce();
    if (weights.at(-1)?.green !== green) weights.push({ at: clock.now(), blue, green });
  });
  const stopFrames = clock.every(frameSeconds, () =>
    clock.busy(async () => {
      const { requests } = traffic;
      const state = entered.at(-1) ?? '';
      await listener?.frame({
        at: clock.now(),
        startedAt,
        weights: weightsInForce(),
        metric,
        requests,
        state,
      });
    }),
  );

  // CloudWatch gets the first minutes of steady traffic.
  await clock.sleep(140_000);
  const callsBefore = cloud.calls.length;
  const begunAt = clock.now();
  const execution = await execute(
    stepFunctionsDefinition({ functionArn }),
    { request: { incoming: 'green', strategy } },
    {
      clock,
      integrations: lambdaInvoke({
        [functionArn]: (event) => {
          invocations += 1;
          const endsAt = clock.now() + 60_000;
          return handler(event, { getRemainingTimeInMillis: () => endsAt - clock.now() });
        },
      }),
      onState: (name) => entered.push(name),
    },
  );
  const endedAt = clock.now();
  const actions = cloud.calls.slice(callsBefore).map(({ action }) => action);
  await clock.sleep(5000);
  stopRecording();
  stopFrames();
  const { requests } = traffic;
  const isRolledBack = execution.status === 'FAILED' && execution.error === 'ShiftRolledBack';
  return {
    outcome: execution.status === 'SUCCEEDED' ? 'succeeded' : isRolledBack ? 'rolledBack' : 'halted',
    ...(execution.status === 'FAILED' && { reason: `${execution.error}: ${execution.cause}` }),
    strategy: canary({ percent: strategy.percent, holdSeconds: strategy.holdSeconds }).name,
    startedAt: iso(begunAt),
    endedAt: iso(endedAt),
    hours: Math.round((endedAt - begunAt) / 36_000) / 100,
    weights: weights.map(({ at, blue, green }) => ({ at: iso(at), blue, green })),
    events: events.map((event) => ({ ...event, at: iso(event.at) })),
    requests: { ...requests, failedTotal: requests.blue.failed + requests.green.failed },
    stateMachine: { entered: countEach(entered), invocations },
    awsCalls: actions.length,
    awsCallsByAction: countEach(actions),
  };
}

/** Wraps the shifter and emits its events. */
function withEvents(
  shifter: TrafficShifter,
  emit: (progress: Pick<ShiftProgress, 'events'>) => void,
): Resumable<ShiftRequest, ShiftState, ShiftEvent> {
  const emitted = (progress: ShiftProgress) => {
    emit(progress);
    return progress;
  };
  return {
    description: shifter.description,
    parseRequest: (value) => shifter.parseRequest(value),
    parseState: (value) => shifter.parseState(value),
    summarize: (state) => shifter.summarize(state),
    begin: async (...args) => {
      const state = await shifter.begin(...args);
      emit({ events: shifter.startEvents(state) });
      return state;
    },
    advance: async (...args) => emitted(await shifter.advance(...args)),
    rollBack: async (...args) => emitted(await shifter.rollBack(...args)),
  };
}
