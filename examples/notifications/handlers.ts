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

/** In this process: a script, or a Lambda with a short shift. */
export async function shiftHere(shifter: TrafficShifter, options: ShiftNoticesOptions): Promise<ShiftResult> {
  const notices = new ShiftNotices(options);
  const result = await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }), {
    onEvent: notices.tell,
  });
  // The shift itself waits for its last notices, but only for a while.
  await notices.sent();
  return result;
}

/** The handler of a state machine: each invocation is one step. */
export function tellingStepFunctionsHandler(
  makeShifter: () => TrafficShifter,
  options: ShiftNoticesOptions,
  handlerOptions: StepFunctionsHandlerOptions = {},
): StepFunctionsHandler {
  const notices = new ShiftNotices(options);
  return stepFunctionsHandler(makeShifter, { ...handlerOptions, onEvent: notices.tell });
}

/** The work of a durable function. */
export async function shiftDurablyAndTell(
  context: DurableShiftContext,
  request: DurableShiftRequest,
  shifter: TrafficShifter,
  { durable = {}, ...options }: ShiftNoticesOptions & { durable?: DurableShiftOptions },
): Promise<DurableShiftResult> {
  const notices = new ShiftNotices(options);
  return shiftDurably(context, shifter, request, { ...durable, onEvent: notices.tell });
}
