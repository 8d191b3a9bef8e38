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

/** The settings of a new mapping besides its function. */
export type EventSource = EventSourceMappingParameters & { readonly EventSourceArn: string };

/** @throws InvalidInputError also for a source without an ARN, which is not supported yet. */
export function parseEventSource(eventSourceArn: unknown, parameters: unknown): EventSource {
  const subject = 'LambdaTools.createEventSourceMapping';
  const parsed = parseInput(`${subject} parameters`, parametersSchema, parameters);
  refuseSelfManaged(subject, parsed);
  const { StartingPositionTimestamp, ...data } = parsed;
  const settings = {
    ...copyPlainData(`${subject} parameters`, data),
    ...(StartingPositionTimestamp && { StartingPositionTimestamp: new Date(StartingPositionTimestamp) }),
  };
  const source = parseInput(subject, sourceSchema, { eventSourceArn });
  return { ...settings, EventSourceArn: source.eventSourceArn };
}

/** Lambda identifies a self-managed Kafka source by its brokers and topic instead of an ARN. */
function refuseSelfManaged(subject: string, parameters: EventSourceMappingParameters): void {
  const fields = ['SelfManagedEventSource', 'SelfManagedKafkaEventSourceConfig'] as const;
  const field = fields.find((it) => parameters[it] !== undefined);
  if (field === undefined) return;
  const text =
    'a self-managed Kafka cluster is not supported yet. Create its mapping with the AWS SDK or CloudFormation; the other methods of LambdaTools work with that mapping';
  throw invalidInput(subject, {
    field: `parameters.${field}`,
    expected: 'an event source with an ARN',
    actual: field,
    text,
  });
}
