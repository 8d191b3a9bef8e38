import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { callAws } from '../../core/aws-call.js';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import { UnexpectedResponseError } from '../../core/errors.js';
import { fromJson } from '../../core/from-json.js';
import { requireFound } from '../../core/not-found.js';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { clientOptionsEntries, clientOptionsOf } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { Check, CheckContext, CheckResult, TrafficWeights } from '../types.js';
import { type CheckOptions, namedCheckEntries } from './check-options.js';
import { checkPermissions } from './permissions.js';

/** Clients of {@link lambdaCheck}. */
export interface LambdaCheckClients {
  /** AWS Lambda. */
  readonly lambda: LambdaClient;
}

/** Options of {@link lambdaCheck}. */
export type LambdaCheckOptions = Omit<CheckOptions, 'name'> &
  ClientOptions<LambdaCheckClients> & {
    /**
     * Unique among the checks of a shift.
     * @default the function's name
     */
    readonly name?: string | undefined;
    /** Name or ARN of the function. */
    readonly functionName: string;
    /**
     * Version or alias of the function.
     * @default the unpublished version
     */
    readonly qualifier?: string | undefined;
    /**
     * The `payload` of the function's event: a JSON value, copied when the check is created.
     * @default nothing
     */
    readonly payload?: unknown;
  };

/** Event of a health-check function. */
export interface LambdaCheckEvent {
  /** Name of the check. */
  readonly check: string;
  /** Stack that receives the traffic. */
  readonly incoming: StackReference;
  /** Stack that had the traffic before. */
  readonly outgoing: StackReference;
  /** Verified weights, in percent. */
  readonly weights: TrafficWeights;
  /** Time at which these weights were verified: milliseconds since 1970. */
  readonly weightsSince: number;
  /** Time at which the shift began: milliseconds since 1970. */
  readonly startedAt: number;
  /** Current time: milliseconds since 1970. */
  readonly now: number;
  /** Payload of the check's options. */
  readonly payload?: unknown;
}

const optionsSchema = strictObject({
  ...namedCheckEntries,
  ...clientOptionsEntries,
  functionName: nonEmptyString,
  qualifier: v.optional(nonEmptyString),
  payload: v.optional(
    v.pipe(
      v.unknown(),
      v.check((value) => isJson(value), 'a JSON value'),
      v.transform((value): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))),
    ),
  ),
});

/** Response with either field: one with both could contradict itself. */
const responseSchema = v.union([
  v.object({
    healthy: v.optional(v.never()),
    outcome: v.picklist(['pass', 'fail', 'inconclusive']),
    undecided: v.optional(v.boolean()),
    detail: v.optional(v.string()),
    value: v.optional(v.number()),
  }),
  v.object({
    healthy: v.boolean(),
    outcome: v.optional(v.never()),
    undecided: v.optional(v.never()),
    detail: v.optional(v.string()),
    value: v.optional(v.number()),
  }),
]);

/**
 * Invokes a Lambda function that decides. It receives a {@link LambdaCheckEvent} and must return `{ healthy: boolean }` or
 * `{ outcome: 'pass' | 'fail' | 'inconclusive' }`, each with an optional `detail` and `value`, the latter also with `undecided`. A
 * failed function, and any other response, are errors of the check. The function can be invoked more than once for one evaluation.
 *
 * @remarks IAM: lambda:InvokeFunction
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function lambdaCheck(options: LambdaCheckOptions): Check {
  const settings = parseInput('lambdaCheck options', optionsSchema, options);
  const { functionName, qualifier, payload, dryRun } = settings;
  const resource = qualifier === undefined ? functionName : `${functionName}:${qualifier}`;
  const name = settings.name ?? resource;
  const missing = {
    errorName: 'ResourceNotFoundException',
    kind: 'Lambda function',
    resource,
    remedy: 'Check functionName and qualifier of the check, its Region and its account',
  };
  const { lambda } = resolveClients<LambdaCheckClients>(clientOptionsOf(settings), { lambda: LambdaClient });
  return {
    name,
    dryRun,
    permissions: checkPermissions.lambdaCheck,
    async evaluate(context) {
      const call = { action: 'lambda:InvokeFunction', resource: functionName, signal: context.signal };
      const command = new InvokeCommand({
        FunctionName: functionName,
        Qualifier: qualifier,
        Payload: JSON.stringify(eventOf(name, context, payload)),
      });
      const send = () => callAws(call, (http) => lambda.send(command, http));
      return toResult(await requireFound([missing], send), functionName);
    },
  };
}

function eventOf(
  check: string,
  { incoming, outgoing, weights, weightsSince, startedAt, now }: CheckContext,
  payload: unknown,
): LambdaCheckEvent {
  return {
    check,
    incoming,
    outgoing,
    weights,
    weightsSince,
    startedAt,
    now,
    ...(payload !== undefined && { payload }),
  };
}

function toResult({ FunctionError, Payload }: InvokeCommandOutput, resource: string): CheckResult {
  const text = Payload?.transformToString() ?? '';
  const unexpected = (actual: string) =>
    new UnexpectedResponseError({
      action: 'lambda:InvokeFunction',
      resource,
      field: 'healthy (a boolean) or outcome (pass, fail or inconclusive)',
      actual,
    });
  if (FunctionError !== undefined) throw unexpected(`the error ${shorten(text) || FunctionError}`);
  const response = v.safeParse(responseSchema, fromJson(text));
  if (!response.success) throw unexpected(shorten(text) || 'nothing');
  const { output } = response;
  const outcome = output.outcome ?? (output.healthy ? 'pass' : 'fail');
  const { detail = `${resource} returned ${shorten(text)}`, value, undecided } = output;
  return { outcome, detail, ...(value !== undefined && { value }), ...(undecided === true && { undecided }) };
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function isJson(value: unknown): boolean {
  try {
    return value === undefined || JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
