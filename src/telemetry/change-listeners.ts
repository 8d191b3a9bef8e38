import { isRecord } from '../core/is-record.js';
import { copyPlainData } from '../core/plain-data.js';
import type { RolloutEvent } from '../ecs-rollout/events.js';
import type { SwapEvent } from '../swap/engine/swap-events.js';
import type { ShiftEvent } from '../traffic/shift/shift-events.js';
import type { ShiftState } from '../traffic/shift/shift-state.js';
import {
  type ChangeEvent,
  type ChangeFields,
  changeFieldsOf,
  isBeginning,
  type KnownChange,
  parseEvent,
} from './change-fields.js';

/** Listeners for `onEvent`, one for each kind of change. They return at once, and keep no connection. */
export interface ChangeListeners {
  /**
   * For `TrafficShifter.shiftTo`, and for `stepFunctionsHandler` and `runDurably` of a shift. A program that calls `advance` itself
   * passes each of its events with the state.
   */
  readonly onShiftEvent: (event: ShiftEvent, state: ShiftState) => void;
  /** For `EcsRollout.up` and `EcsRollout.rollOut`. One rollout at a time. */
  readonly onRolloutEvent: (event: RolloutEvent) => void;
  /** For `StackSwap.run`, `codeDeploySwapHooks` and `ecsSwapHook`, and for the drivers of a swap. */
  readonly onSwapEvent: (event: SwapEvent) => void;
}

/** Destination of parsed events. */
export type Sink = (fields: ChangeFields, event: ChangeEvent) => void;

/** Creates the listeners that pass the stable fields of every event to a sink. */
export function listenersFor(sink: Sink): ChangeListeners {
  // The events of a rollout do not repeat its beginning, and one process runs it from the beginning to the end.
  let rolloutStartedAt: number | undefined;
  return {
    onShiftEvent: (given, state) => {
      const event = parseEvent('shift', given);
      sink(changeFieldsOf('shift', event, knownOf(state)), event);
    },
    onRolloutEvent: (given) => {
      const event = parseEvent('rollout', given);
      if (isBeginning(changeFieldsOf('rollout', event, {}))) rolloutStartedAt = event.at;
      sink(changeFieldsOf('rollout', event, { startedAt: rolloutStartedAt }), event);
    },
    onSwapEvent: (given) => {
      const event = parseEvent('swap', given);
      sink(changeFieldsOf('swap', event, {}), event);
    },
  };
}

/** A listener can run in another process than the beginning of its shift, so the state has its beginning and the incoming stack. */
function knownOf(given: unknown): KnownChange {
  const state = copyPlainData('state of a shift', given);
  if (!isRecord(state)) return {};
  const { startedAt, incoming } = state;
  return {
    ...(typeof startedAt === 'number' && { startedAt }),
    ...((incoming === 'blue' || incoming === 'green') && { incoming }),
  };
}
