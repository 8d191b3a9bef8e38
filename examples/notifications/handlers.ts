import {
  type DurableShiftContext,
  type DurableShiftOptions,
  type DurableShiftRequest,
  type DurableShiftResult,
  shiftDurably,
} from 'aws-blue-green-toolkit/durable';
import {
  type StepFunctionsHandler,
  type StepFunctionsHandlerOptions,
  stepFunctionsHandler,
} from 'aws-blue-green-toolkit/step-functions';
import { canary, type ShiftResult, type TrafficShifter } from 'aws-blue-green-toolkit/traffic';
import { ShiftNotices, type ShiftNoticesOptions } from './shift-notices.js';

/** Runs a shift in this process: a script, or a Lambda with a short shift. */
export async function shiftHere(shifter: TrafficShifter, options: ShiftNoticesOptions): Promise<ShiftResult> {
  const notices = new ShiftNotices(options);
  const result = await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }), {
    onEvent: notices.notify,
  });
  // Waits for the last notices, because the shift waits for them only for a limited time.
  await notices.sent();
  return result;
}

/** Creates the handler of a state machine with notices. Each invocation is one step. */
export function notifyingStepFunctionsHandler(
  makeShifter: () => TrafficShifter,
  options: ShiftNoticesOptions,
  handlerOptions: StepFunctionsHandlerOptions = {},
): StepFunctionsHandler {
  const notices = new ShiftNotices(options);
  return stepFunctionsHandler(makeShifter, { ...handlerOptions, onEvent: notices.notify });
}

/** Runs a shift in a durable function with notices. */
export async function shiftDurablyWithNotices(
  context: DurableShiftContext,
  request: DurableShiftRequest,
  shifter: TrafficShifter,
  { durable = {}, ...options }: ShiftNoticesOptions & { durable?: DurableShiftOptions },
): Promise<DurableShiftResult> {
  const notices = new ShiftNotices(options);
  return shiftDurably(context, shifter, request, { ...durable, onEvent: notices.notify });
}
