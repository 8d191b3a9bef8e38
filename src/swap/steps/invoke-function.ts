import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import type { ClientOptions } from '../../core/clients.js';
import { functionOf, nonEmptyString, secondsFrom, strictObject } from '../../core/schemas.js';
import { clientOptionsEntries } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { JsonValue, StepContext, SwapStep } from '../plan/step.js';
import { FunctionInvoker, type SwapFunction } from './function-invoker.js';
import { invokeFunctionPermissions } from './permissions.js';
import { type StepOptions, stepEntries } from './step-options.js';

/** Clients of {@link invokeFunction}. */
export interface InvokeFunctionClients {
  /** AWS Lambda. */
  readonly lambda: LambdaClient;
}

/** Options of {@link invokeFunction}. */
export type InvokeFunctionOptions = StepOptions &
  ClientOptions<InvokeFunctionClients> &
  SwapFunction & {
    /** Name of the step, unique in the plan. */
    readonly name: string;
    /** True when the function deletes data of the stack. It is then invoked only for a stack that is proven not to be live. */
    readonly deletes: boolean;
    /** Takes the effect back: another function, or code. `'none'`: there is nothing to take back. */
    readonly undo: 'none' | SwapFunction | ((context: StepContext) => unknown);
    /**
     * Returns true when the work of the function is complete, for a function that only starts it. Reads only.
     * @default the work is complete when the function has returned
     */
    readonly isDone?: ((context: StepContext) => boolean | Promise<boolean>) | undefined;
    /**
     * True for a function that may be invoked again when its response was lost.
     * @default false: a lost response turns the swap back
     */
    readonly repeatable?: boolean | undefined;
    /**
     * Time limit of one invocation in seconds, 1 to 300.
     * @default 60
     */
    readonly timeoutSeconds?: number | undefined;
  };

const functionEntries = {
  functionName: nonEmptyString,
  qualifier: v.optional(nonEmptyString),
  payload: v.optional(
    v.pipe(
      v.unknown(),
      v.check((value) => isJson(value), 'a JSON value'),
      v.transform((value): JsonValue | undefined =>
        value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as JsonValue),
      ),
    ),
  ),
};

const undoFunctionSchema = strictObject(functionEntries);

const noUndoSchema = v.custom<'none'>(
  (value) => value === 'none',
  "'none', a function, or an object with functionName",
);

const optionsSchema = strictObject({
  ...stepEntries,
  ...clientOptionsEntries,
  ...functionEntries,
  name: nonEmptyString,
  deletes: v.boolean(),
  // Not a union, whose message would not name the wrong key.
  undo: v.lazy((value): v.GenericSchema<unknown, InvokeFunctionOptions['undo']> => {
    if (typeof value === 'function') return functionOf<(context: StepContext) => unknown>();
    return typeof value === 'object' && value !== null ? undoFunctionSchema : noUndoSchema;
  }),
  isDone: v.optional(functionOf<(context: StepContext) => boolean | Promise<boolean>>()),
  repeatable: v.optional(v.boolean(), false),
  timeoutSeconds: v.optional(secondsFrom(1, 300), 60),
});

const clientSchema = v.object({
  clients: v.optional(
    v.object({
      lambda: v.optional(
        v.custom<LambdaClient>((value) => typeof Object(value).send === 'function', 'an SDK client'),
      ),
    }),
  ),
});

/**
 * Creates a step that invokes a Lambda function with `{ stack, swapId, step, attempt, payload }`, and waits for its response.
 * One run makes one attempt: the SDK does not retry it. A function that fails fails the step for good. A response that was lost
 * or that is late leaves the outcome unknown: the swap rolls back, unless `repeatable` is true.
 *
 * For longer work, invoke a function that starts it, and pass `isDone`.
 *
 * @remarks IAM: lambda:InvokeFunction
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 *
 * @example
 * ```ts
 * import { invokeFunction } from 'aws-blue-green-toolkit/swap';
 *
 * const schema = invokeFunction({ name: 'schema', functionName: 'orders-schema', deletes: true, undo: 'none' });
 * ```
 */
export function invokeFunction(options: InvokeFunctionOptions): SwapStep {
  const settings = parseInput('invokeFunction options', optionsSchema, options);
  const { functionName, qualifier, payload, undo, isDone, timeoutSeconds, clients, clientConfig, ...step } =
    settings;
  const ready = parseInput('invokeFunction options', clientSchema, { clients }).clients;
  const invoker = new FunctionInvoker({
    lambda: ready?.lambda,
    clientConfig,
    step: step.name,
    timeoutSeconds,
  });
  return {
    ...step,
    ...(isDone !== undefined && { isDone }),
    permissions: invokeFunctionPermissions.invokeFunction,
    run: (context) => invoker.invoke({ functionName, qualifier, payload }, context),
    undo: typeof undo === 'object' ? (context) => invoker.invoke(undo, context) : undo,
  };
}

function isJson(value: unknown): boolean {
  try {
    return value === undefined || JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
