import {
  type DurableChangeContext,
  type DurableOptions,
  type DurableRequest,
  type DurableResult,
  runDurably,
} from 'aws-blue-green-toolkit/durable';
import {
  type ExecutionInput,
  type StepFunctionsHandler,
  type StepFunctionsHandlerOptions,
  stepFunctionsHandler,
} from 'aws-blue-green-toolkit/step-functions';
import type { ShiftEvent, ShiftRequest, ShiftState } from 'aws-blue-green-toolkit/traffic';
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
  handlerOptions: StepFunctionsHandlerOptions<ExecutionInput, ShiftState, ShiftEvent> = {},
): StepFunctionsHandler<ShiftState> {
  const notices = new ShiftNotices(options);
  return stepFunctionsHandler(makeShifter, { ...handlerOptions, onEvent: notices.notify });
}

/** Runs a shift in a durable function with notices. */
export async function runDurablyWithNotices(
  context: DurableChangeContext,
  request: DurableRequest<ShiftRequest, ShiftState>,
  shifter: TrafficShifter,
  { durable = {}, ...options }: ShiftNoticesOptions & { durable?: DurableOptions<ShiftState, ShiftEvent> },
): Promise<DurableResult<ShiftState>> {
  const notices = new ShiftNotices(options);
  return runDurably(context, shifter, request, { ...durable, onEvent: notices.notify });
}
