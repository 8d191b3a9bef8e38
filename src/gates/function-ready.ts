import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { callAws } from '../core/aws-call.js';
import type { ClientOptions } from '../core/clients.js';
import { type Loaded, lazyClient, readyClients } from '../core/lazy-client.js';
import { requireFound, unlessMissing } from '../core/not-found.js';
import { nonEmptyString, strictObject } from '../core/schemas.js';
import { lambdaModule } from '../core/sdk-modules-of-gates.js';
import { clientOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { describePerStack, ofStack, type PerStack, perStack } from '../traffic/checks/check-options.js';
import type { Check } from '../traffic/types.js';
import { createGate, type GateReading, stackOf } from './gate.js';
import { gateEntries, type StackGateOptions, stackEntry } from './gate-options.js';
import { gatePermissions } from './permissions.js';

/** Clients of {@link functionReady}. */
export interface FunctionReadyClients {
  /** AWS Lambda. */
  readonly lambda: LambdaClient;
}

/** Options of {@link functionReady}. */
export type FunctionReadyOptions = StackGateOptions &
  ClientOptions<FunctionReadyClients> & {
    /** Name or ARN of the function without a qualifier, or that of each stack. */
    readonly functionName: PerStack<string>;
    /**
     * Alias or version, or that of each stack.
     * @default the unpublished version, which has no provisioned concurrency
     */
    readonly qualifier?: PerStack<string> | undefined;
    /**
     * `'required'` keeps the gate closed while the alias or version has no provisioned concurrency. Needs `qualifier`.
     * @default 'ifConfigured'
     */
    readonly provisionedConcurrency?: 'ifConfigured' | 'required' | undefined;
  };

/** A qualifier in the name would be read, but not its provisioned concurrency. */
const unqualifiedName = v.pipe(
  nonEmptyString,
  v.check(
    (value) => /^((arn:[^:]+:lambda:[^:]*:[^:]*:|\d{12}:)?function:)?[^:]+$/.test(value),
    'the name or the ARN of a function without an alias or a version: set qualifier',
  ),
);

const optionsSchema = v.pipe(
  strictObject({
    ...gateEntries,
    ...stackEntry,
    ...clientOptionsEntries,
    functionName: perStack(unqualifiedName),
    qualifier: v.optional(perStack(nonEmptyString)),
    provisionedConcurrency: v.optional(v.picklist(['ifConfigured', 'required']), 'ifConfigured'),
  }),
  v.forward(
    v.check(
      ({ qualifier, provisionedConcurrency }) =>
        qualifier !== undefined || provisionedConcurrency === 'ifConfigured',
      'an alias or a version, because provisionedConcurrency is required',
    ),
    ['qualifier'],
  ),
);

type LambdaModule = typeof import('@aws-sdk/client-lambda');

/** Status of a function. AWS adds states, so they are read as text. */
interface ReadConfiguration {
  readonly State?: string | undefined;
  readonly StateReason?: string | undefined;
  readonly LastUpdateStatus?: string | undefined;
  readonly LastUpdateStatusReason?: string | undefined;
}

interface FunctionVersion {
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Passes when a function is active, its last update is successful, and its provisioned concurrency is ready. It fails when Lambda
 * reports the function, its update or its provisioned concurrency as failed.
 *
 * @example
 * ```ts
 * import { functionReady } from 'aws-blue-green-toolkit/gates';
 * import { check } from 'aws-blue-green-toolkit/swap';
 *
 * const warm = check(
 *   functionReady({
 *     functionName: { blue: 'orders-blue', green: 'orders-green' },
 *     qualifier: 'live',
 *     provisionedConcurrency: 'required',
 *   }),
 * );
 * ```
 *
 * @remarks IAM: lambda:GetFunctionConfiguration, and lambda:GetProvisionedConcurrencyConfig with the option `qualifier`
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function functionReady(options: FunctionReadyOptions): Check {
  const settings = parseInput('functionReady options', optionsSchema, options);
  const { functionName, qualifier, stack, provisionedConcurrency } = settings;
  const { ready, config } = readyClients<FunctionReadyClients>(settings, ['lambda']);
  const load = lazyClient(lambdaModule, { ready: ready.lambda, config }, (sdk) => sdk.LambdaClient);
  const shown = [functionName, qualifier].flatMap((it) => (it === undefined ? [] : [describePerStack(it)]));
  return createGate({
    name: settings.name ?? `functionReady ${shown.join(':')}`,
    settings,
    permissions: gatePermissions.functionReady,
    async read(context) {
      const loaded = await load();
      const reference = stackOf(stack, context);
      const version = {
        functionName: ofStack<string>(functionName, reference),
        qualifier: qualifier === undefined ? undefined : ofStack<string>(qualifier, reference),
        signal: context.signal,
      };
      const reading = await readConfiguration(loaded, version);
      if (reading.state !== 'open' || version.qualifier === undefined) return reading;
      const concurrency = await readConcurrency(loaded, version, provisionedConcurrency === 'required');
      return { ...concurrency, detail: `${reading.detail}, ${concurrency.detail}` };
    },
  });
}

async function readConfiguration(
  { sdk, client }: Loaded<LambdaModule, LambdaClient>,
  { functionName, qualifier, signal }: FunctionVersion,
): Promise<GateReading> {
  const resource = nameOf({ functionName, qualifier });
  const call = { action: 'lambda:GetFunctionConfiguration', resource, signal };
  const command = new sdk.GetFunctionConfigurationCommand({
    FunctionName: functionName,
    Qualifier: qualifier,
  });
  const remedy = 'Check its name and qualifier, the Region and the account';
  const missing = { errorName: 'ResourceNotFoundException', kind: 'Function', resource, remedy };
  const read = await requireFound([missing], () => callAws(call, (http) => client.send(command, http)));
  return judgeConfiguration(resource, read);
}

function judgeConfiguration(
  resource: string,
  {
    State: state = 'without a state',
    StateReason,
    LastUpdateStatus: update = 'without a status',
    LastUpdateStatusReason,
  }: ReadConfiguration,
): GateReading {
  const because = (reason: string | undefined) => (reason ? `: ${reason}` : '');
  if (/^(Failed|Deleting)$/.test(state))
    return { state: 'broken', detail: `${resource} is ${state}${because(StateReason)}` };
  if (update === 'Failed')
    return { state: 'broken', detail: `the update of ${resource} failed${because(LastUpdateStatusReason)}` };
  if (state === 'Inactive')
    return { state: 'closed', detail: `${resource} is Inactive: invoke it once, which activates it` };
  if (state === 'Active' && update === 'Successful')
    return { state: 'open', detail: `${resource} is Active` };
  const isKnown =
    /^(Active|Pending|Deactivat|ActiveNonInvocable)/.test(state) && /^(Successful|InProgress)$/.test(update);
  return {
    state: isKnown ? 'closed' : 'unknown',
    detail: `${resource} is ${state}${because(StateReason)}, its update is ${update}`,
  };
}

async function readConcurrency(
  { sdk, client }: Loaded<LambdaModule, LambdaClient>,
  { functionName, qualifier, signal }: FunctionVersion,
  isRequired: boolean,
): Promise<GateReading> {
  const resource = nameOf({ functionName, qualifier });
  const call = { action: 'lambda:GetProvisionedConcurrencyConfig', resource, signal };
  const command = new sdk.GetProvisionedConcurrencyConfigCommand({
    FunctionName: functionName,
    Qualifier: qualifier,
  });
  const found = await unlessMissing(
    callAws(call, (http) => client.send(command, http)),
    'ProvisionedConcurrencyConfigNotFoundException',
  );
  if (found === undefined)
    return { state: isRequired ? 'closed' : 'open', detail: 'without provisioned concurrency' };
  const {
    Status: status = 'without a status',
    StatusReason: reason = '',
    AvailableProvisionedConcurrentExecutions: available = 0,
    RequestedProvisionedConcurrentExecutions: requested,
  } = found;
  const detail = `${available} of ${requested ?? 'unknown'} provisioned executions are available (${status}${reason && `: ${reason}`})`;
  if (status === 'FAILED') return { state: 'broken', detail, value: available };
  if (status === 'READY') return { state: 'open', detail, value: available };
  return { state: status === 'IN_PROGRESS' ? 'closed' : 'unknown', detail, value: available };
}

function nameOf({ functionName, qualifier }: Omit<FunctionVersion, 'signal'>): string {
  return qualifier === undefined ? functionName : `${functionName}:${qualifier}`;
}
