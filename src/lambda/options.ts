import type { EventSourcePosition, FunctionResponseType } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { invalidInput } from '../core/errors.js';
import { matchOptionsEntries } from '../core/match-options.js';
import { copyPlainData } from '../core/plain-data.js';
import { nonEmptyString, seconds, stackPair, strictObject } from '../core/schemas.js';
import { toolOptionsEntries } from '../core/tool-options.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import { identityOf } from './function-names.js';
import type { EventSourceMappingParameters } from './types.js';

const unqualifiedName = v.pipe(
  nonEmptyString,
  v.check((value) => !value.includes(':'), 'a name without a qualifier, not an ARN'),
);

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  ...stackPair(strictObject({ functionName: unqualifiedName, alias: v.optional(unqualifiedName) })),
  eventBusNames: v.optional(
    v.pipe(
      v.array(nonEmptyString),
      v.check((names) => names.length > 0, 'at least one event bus'),
    ),
    ['default'],
  ),
});

/** @throws InvalidInputError when an option is missing or malformed, or when both stacks are the same function. */
export function parseOptions(options: unknown) {
  const parsed = parseInput('LambdaTools options', optionsSchema, options);
  requireDistinct(
    'LambdaTools options',
    'functionName',
    [identityOf(parsed.blue)],
    [identityOf(parsed.green)],
  );
  return parsed;
}

/** Options of a method that acts on all mappings. */
export const matchingOptionsSchema = strictObject({
  ...matchOptionsEntries,
  maxWaitSeconds: v.optional(seconds),
});

/** Options of a method that switches mappings. */
export const mappingSwitchSchema = strictObject({
  ...matchOptionsEntries,
  maxWaitSeconds: v.optional(seconds),
  only: v.optional(v.array(nonEmptyString)),
});

/** Options of a method that switches rules. */
export const ruleSwitchSchema = strictObject({
  ...matchOptionsEntries,
  maxWaitSeconds: v.optional(seconds),
  only: v.optional(v.array(strictObject({ eventBusName: nonEmptyString, name: nonEmptyString }))),
});

/** Options of a method that lists rules. */
export const matchOptionsSchema = strictObject(matchOptionsEntries);

export const mappingStateSchema = v.object({ state: v.picklist(['Enabled', 'Disabled']) });

export const uuidSchema = v.object({ uuid: nonEmptyString });

export const aliasNameSchema = v.object({ name: v.optional(nonEmptyString) });

const number = v.optional(v.number());
const flag = v.optional(v.boolean());
const text = v.optional(v.string());

/** A structure that only AWS reads. */
function structure<Key extends keyof EventSourceMappingParameters>() {
  return v.optional(
    v.custom<NonNullable<EventSourceMappingParameters[Key]>>(
      (value) => typeof value === 'object' && value !== null,
      'an object',
    ),
  );
}

function listOf<Item extends string>() {
  return v.optional(v.array(v.custom<Item>((item) => typeof item === 'string', 'a string')));
}

/** A newer SDK with another parameter does not compile here. */
const parametersEntries = {
  AmazonManagedKafkaEventSourceConfig: structure<'AmazonManagedKafkaEventSourceConfig'>(),
  BatchSize: number,
  BisectBatchOnFunctionError: flag,
  DestinationConfig: structure<'DestinationConfig'>(),
  DocumentDBEventSourceConfig: structure<'DocumentDBEventSourceConfig'>(),
  Enabled: flag,
  FilterCriteria: structure<'FilterCriteria'>(),
  FunctionResponseTypes: listOf<FunctionResponseType>(),
  KMSKeyArn: text,
  LoggingConfig: structure<'LoggingConfig'>(),
  MaximumBatchingWindowInSeconds: number,
  MaximumRecordAgeInSeconds: number,
  MaximumRetryAttempts: number,
  MetricsConfig: structure<'MetricsConfig'>(),
  ParallelizationFactor: number,
  ProvisionedPollerConfig: structure<'ProvisionedPollerConfig'>(),
  Queues: listOf<string>(),
  ScalingConfig: structure<'ScalingConfig'>(),
  SelfManagedEventSource: structure<'SelfManagedEventSource'>(),
  SelfManagedKafkaEventSourceConfig: structure<'SelfManagedKafkaEventSourceConfig'>(),
  SourceAccessConfigurations: structure<'SourceAccessConfigurations'>(),
  StartingPosition: v.optional(
    v.custom<EventSourcePosition>((value) => typeof value === 'string', 'a string'),
  ),
  StartingPositionTimestamp: v.optional(v.date()),
  Tags: structure<'Tags'>(),
  Topics: listOf<string>(),
  TumblingWindowInSeconds: number,
} satisfies Record<keyof EventSourceMappingParameters, v.GenericSchema>;

const parametersSchema = strictObject(parametersEntries);

const sourceSchema = v.object({
  eventSourceArn: v.pipe(
    nonEmptyString,
    v.check((value) => value.startsWith('arn:'), 'an ARN'),
  ),
});

/** Brokers of a self-managed Kafka cluster, which has no ARN. */
const selfManagedSchema = v.object({
  Endpoints: v.object({
    KAFKA_BOOTSTRAP_SERVERS: v.pipe(
      v.array(nonEmptyString),
      v.check((servers) => servers.length > 0, 'at least one broker, such as kafka.example.com:9092'),
    ),
  }),
});

/** The settings of a new mapping besides its function. A self-managed Kafka cluster has no ARN. */
export type EventSource = EventSourceMappingParameters & { readonly EventSourceArn?: string };

/** @throws InvalidInputError also for a source with both an ARN and brokers, or with neither. */
export function parseEventSource(eventSourceArn: unknown, parameters: unknown): EventSource {
  const subject = 'LambdaTools.createEventSourceMapping';
  const parsed = parseInput(`${subject} parameters`, parametersSchema, parameters);
  const { StartingPositionTimestamp, ...data } = parsed;
  const settings = {
    ...copyPlainData(`${subject} parameters`, data),
    ...(StartingPositionTimestamp && { StartingPositionTimestamp: new Date(StartingPositionTimestamp) }),
  };
  const field = selfManagedFields.find((it) => parsed[it] !== undefined);
  if (eventSourceArn === undefined && field !== undefined) {
    const { SelfManagedEventSource } = parsed;
    parseInput(`${subject} parameters`, v.object({ SelfManagedEventSource: selfManagedSchema }), {
      SelfManagedEventSource,
    });
    return settings;
  }
  const source = parseInput(subject, sourceSchema, { eventSourceArn });
  if (field !== undefined) refuseSelfManaged(subject, field);
  return { ...settings, EventSourceArn: source.eventSourceArn };
}

const selfManagedFields = ['SelfManagedEventSource', 'SelfManagedKafkaEventSourceConfig'] as const;

/** Lambda identifies a self-managed Kafka cluster by its brokers instead of an ARN. */
function refuseSelfManaged(subject: string, field: string): never {
  throw invalidInput(subject, {
    field: `parameters.${field}`,
    expected: 'no ARN (pass undefined) beside the brokers of a self-managed Kafka cluster',
    actual: field,
  });
}

/** Describes the source of a mapping for errors and log lines. */
export function describeSource({ EventSourceArn, SelfManagedEventSource, Topics = [] }: EventSource): string {
  if (EventSourceArn !== undefined) return EventSourceArn;
  const servers = SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS ?? [];
  return `${servers.join(',')}/${Topics.join(',')}`;
}
