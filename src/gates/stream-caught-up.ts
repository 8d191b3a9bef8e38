import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EventSourceMappingConfiguration, LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { collectPages } from '../core/aws-call.js';
import type { ClientOptions } from '../core/clients.js';
import { type Loaded, lazyClient, readyClients } from '../core/lazy-client.js';
import { nonEmptyString, strictObject } from '../core/schemas.js';
import { lambdaModule } from '../core/sdk-modules-of-gates.js';
import { clientOptionsEntries } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import {
  describeNumber,
  describePerStack,
  ofStack,
  type PerStack,
  perStack,
} from '../traffic/checks/check-options.js';
import type { Check } from '../traffic/types.js';
import { createGate, type GateReading, stackOf } from './gate.js';
import { gateEntries, lagSeconds, type StackGateOptions, stackEntry, windowEntry } from './gate-options.js';
import { gatePermissions } from './permissions.js';
import { highestOf, type MetricValues, metricReader, periodSeconds } from './read-metrics.js';

/** Clients of {@link streamCaughtUp}. */
export interface StreamCaughtUpClients {
  /** AWS Lambda. */
  readonly lambda: LambdaClient;
  /** Amazon CloudWatch. */
  readonly cloudWatch: CloudWatchClient;
}

/** Options of {@link streamCaughtUp}. */
export type StreamCaughtUpOptions = StackGateOptions &
  ClientOptions<StreamCaughtUpClients> & {
    /** Name (not the ARN) of the function that reads the stream, or that of each stack. */
    readonly functionName: PerStack<string>;
    /**
     * Alias through which the mappings invoke the function.
     * @default the function itself
     */
    readonly alias?: string | undefined;
    /** Highest age of the last record of a batch, in seconds. */
    readonly maxAgeSeconds: number;
    /**
     * Seconds of the metric that are judged, from now back: 60 to 86400. Every minute of them must be below the limit, and one must
     * have data.
     * @default 180
     */
    readonly windowSeconds?: number | undefined;
  };

const optionsSchema = strictObject({
  ...gateEntries,
  ...stackEntry,
  ...windowEntry,
  ...clientOptionsEntries,
  functionName: perStack(
    v.pipe(
      nonEmptyString,
      v.check((name) => !name.includes(':'), 'the name of a function, not its ARN'),
    ),
  ),
  alias: v.optional(nonEmptyString),
  maxAgeSeconds: lagSeconds,
});

type LambdaModule = typeof import('@aws-sdk/client-lambda');

/**
 * Passes when the function has caught up with its Kinesis and DynamoDB streams: every mapping of a stream is enabled and its last
 * result is OK, and the iterator age is at most the limit. It fails when the last result is a problem. A stream without a new record
 * has no iterator age, so the gate stays inconclusive: send a record as a heartbeat. So it does without an age since a mapping was last
 * changed. The age is that of the function: with several streams, a stream without a new record is not seen.
 *
 * @example
 * ```ts
 * import { streamCaughtUp } from 'aws-blue-green-toolkit/gates';
 * import { check } from 'aws-blue-green-toolkit/swap';
 *
 * const caughtUp = check(
 *   streamCaughtUp({ functionName: { blue: 'reader-blue', green: 'reader-green' }, maxAgeSeconds: 10 }),
 * );
 * ```
 *
 * @remarks IAM: lambda:ListEventSourceMappings, cloudwatch:GetMetricData
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function streamCaughtUp(options: StreamCaughtUpOptions): Check {
  const settings = parseInput('streamCaughtUp options', optionsSchema, options);
  const { functionName, alias, stack, windowSeconds, maxAgeSeconds } = settings;
  const names = ['lambda', 'cloudWatch'] as const;
  const clients = readyClients<StreamCaughtUpClients>(settings, names);
  const { ready, config } = clients;
  const load = lazyClient(lambdaModule, { ready: ready.lambda, config }, (sdk) => sdk.LambdaClient);
  const readMetrics = metricReader(clients);
  return createGate({
    name: settings.name ?? `streamCaughtUp ${describePerStack(functionName)}`,
    settings,
    permissions: gatePermissions.streamCaughtUp,
    async read(context) {
      const name = ofStack<string>(functionName, stackOf(stack, context));
      const resource = alias === undefined ? name : `${name}:${alias}`;
      const { now, signal } = context;
      const mappings = (await listMappings(await load(), { resource, signal })).filter(isOfStream);
      const obstacle = judgeMappings(mappings, resource);
      if (obstacle !== undefined) return obstacle;
      const metric = {
        namespace: 'AWS/Lambda',
        metricName: 'IteratorAge',
        dimensions: { FunctionName: name, ...(alias !== undefined && { Resource: resource }) },
      };
      const window = { start: now - windowSeconds * 1000, end: now };
      const [read] = await readMetrics([metric], window, { resource, signal });
      const milliseconds = hasRecentAge(read, mappings)
        ? highestOf(read, windowSeconds)
        : 'no data since its mappings were last changed';
      if (typeof milliseconds === 'string')
        return { state: 'unknown', detail: `the iterator age of ${resource} is unknown: ${milliseconds}` };
      const value = milliseconds / 1000;
      const detail = `the iterator age of ${resource} is ${describeNumber(value)} s (max ${maxAgeSeconds} s)`;
      return { state: value <= maxAgeSeconds ? 'open' : 'closed', detail, value };
    },
  });
}

/** An age from before the last change of a mapping, such as its disabling, says nothing about the time since. */
function hasRecentAge(
  read: MetricValues | undefined,
  mappings: readonly EventSourceMappingConfiguration[],
): boolean {
  if (read === undefined || 'unknown' in read || read.values.length === 0) return true;
  const changedAt = Math.max(...mappings.map(({ LastModified }) => LastModified?.getTime() ?? 0));
  return read.values.some(({ at }) => at + periodSeconds * 1000 >= changedAt);
}

async function listMappings(
  { sdk, client }: Loaded<LambdaModule, LambdaClient>,
  { resource, signal }: { readonly resource: string; readonly signal: AbortSignal },
): Promise<EventSourceMappingConfiguration[]> {
  const all = await collectPages(
    { action: 'lambda:ListEventSourceMappings', resource, signal },
    (http) => sdk.paginateListEventSourceMappings({ client }, { FunctionName: resource }, http),
    ({ EventSourceMappings }) => EventSourceMappings,
  );
  // The name of a function can also find the mappings of its aliases.
  return all.filter(({ FunctionArn = '' }) => FunctionArn.split(':').slice(6).join(':') === resource);
}

function isOfStream({ EventSourceArn = '' }: EventSourceMappingConfiguration): boolean {
  return /^arn:[^:]*:(kinesis|dynamodb):/.test(EventSourceArn);
}

/** Returns the reading of the worst mapping; undefined when every mapping reads its stream without a problem. */
function judgeMappings(
  mappings: readonly EventSourceMappingConfiguration[],
  resource: string,
): GateReading | undefined {
  if (mappings.length === 0)
    return { state: 'unknown', detail: `${resource} has no event source mapping of a stream` };
  const readings = mappings.flatMap((mapping) => judgeMapping(mapping) ?? []);
  return readings.find(({ state }) => state === 'broken') ?? readings[0];
}

/** The results are free text, so they are compared loosely. */
function judgeMapping({
  EventSourceArn: source = '',
  State: state = 'unknown',
  LastProcessingResult: result = 'unknown',
}: EventSourceMappingConfiguration): GateReading | undefined {
  if (/^\s*problem/i.test(result)) return { state: 'broken', detail: `the mapping of ${source}: ${result}` };
  if (state !== 'Enabled') return { state: 'closed', detail: `the mapping of ${source} is ${state}` };
  if (/^\s*ok\s*$/i.test(result)) return undefined;
  return { state: 'unknown', detail: `the last result of the mapping of ${source} is ${result}` };
}
