import {
  type DocumentDBEventSourceConfig,
  type EventSourceMappingConfiguration,
  InvalidParameterValueException,
} from '@aws-sdk/client-lambda';
import { awsError, clientFault } from '../../cloud/environment.js';
import type { SimulatedDynamoDb } from '../dynamo-db/simulated-dynamo-db.js';
import type { SimulatedKinesis } from '../kinesis/simulated-kinesis.js';
import type { SimulatedSqs } from '../sqs/simulated-sqs.js';

/** The services whose resources are event sources. */
export interface EventSourceServices {
  readonly sqs: SimulatedSqs;
  readonly kinesis: SimulatedKinesis;
  readonly dynamoDb: SimulatedDynamoDb;
}

type Parameters = Partial<EventSourceMappingConfiguration>;

/** A kind of event source and its limits. */
interface SourceKind {
  readonly name: string;
  /** The default size of a batch. */
  readonly batchSize: number;
  readonly maxBatchSize: number;
  /** True for a source with a starting position. */
  readonly hasPosition: boolean;
}

const kinds = {
  sqs: { name: 'SQS', batchSize: 10, maxBatchSize: 10_000, hasPosition: false },
  fifo: { name: 'SQS FIFO', batchSize: 10, maxBatchSize: 10, hasPosition: false },
  kinesis: { name: 'Kinesis', batchSize: 100, maxBatchSize: 10_000, hasPosition: true },
  dynamodb: { name: 'DynamoDB', batchSize: 100, maxBatchSize: 10_000, hasPosition: true },
  kafka: { name: 'Kafka', batchSize: 100, maxBatchSize: 10_000, hasPosition: true },
  mq: { name: 'MQ', batchSize: 100, maxBatchSize: 10_000, hasPosition: false },
  rds: { name: 'DocumentDB', batchSize: 100, maxBatchSize: 10_000, hasPosition: true },
} as const satisfies Readonly<Record<string, SourceKind>>;

type KindName = keyof typeof kinds;

const positions = ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'];

/** A larger batch of a queue needs a window. */
const maxBatchWithoutWindow = 10;
const maxWindowSeconds = 300;

/** The smallest and the largest value of a parameter. */
const ranges: Readonly<Partial<Record<keyof EventSourceMappingConfiguration, readonly [number, number]>>> = {
  MaximumRecordAgeInSeconds: [-1, 604_800],
  MaximumRetryAttempts: [-1, 10_000],
  ParallelizationFactor: [1, 10],
  TumblingWindowInSeconds: [0, 900],
};

/** Parameters that only some sources support. */
const supportedBy: Readonly<Partial<Record<keyof EventSourceMappingConfiguration, readonly KindName[]>>> = {
  BisectBatchOnFunctionError: ['kinesis', 'dynamodb', 'kafka'],
  DocumentDBEventSourceConfig: ['rds'],
  MaximumBatchingWindowInSeconds: ['sqs', 'kinesis', 'dynamodb', 'kafka', 'mq', 'rds'],
  MaximumRecordAgeInSeconds: ['kinesis', 'dynamodb', 'kafka'],
  MaximumRetryAttempts: ['kinesis', 'dynamodb', 'kafka'],
  ParallelizationFactor: ['kinesis', 'dynamodb'],
  Queues: ['mq'],
  ScalingConfig: ['sqs', 'fifo'],
  StartingPosition: ['kinesis', 'dynamodb', 'kafka', 'rds'],
  StartingPositionTimestamp: ['kinesis', 'kafka', 'rds'],
  Topics: ['kafka'],
  TumblingWindowInSeconds: ['kinesis', 'dynamodb'],
};

/** Begin of the internal name of a self-managed Kafka cluster, in the place of its ARN. */
const selfManaged = 'self:managed:kafka:';

/** Returns the internal name of a self-managed Kafka cluster. */
export function selfManagedSource(servers: readonly string[]): string {
  return `${selfManaged}${[...servers].sort().join(',')}`;
}

/** Returns the ARN of a source; undefined for a self-managed Kafka cluster. */
export function arnOfSource(eventSourceArn: string): string | undefined {
  return eventSourceArn.startsWith(selfManaged) ? undefined : eventSourceArn;
}

/** Returns the default size of a batch. */
export function defaultBatchSize(eventSourceArn: string): number {
  return kinds[kindOf(eventSourceArn) ?? 'sqs'].batchSize;
}

/** Identifies the source of a mapping. Lambda accepts one mapping of a function per topic, queue or collection. */
export function sourceIdentity(eventSourceArn: string, parameters: Parameters): string {
  const { Topics = [], Queues = [], DocumentDBEventSourceConfig: collection } = parameters;
  return JSON.stringify([eventSourceArn, Topics, Queues, collectionOf(collection)]);
}

function collectionOf({ DatabaseName, CollectionName }: DocumentDBEventSourceConfig = {}) {
  return [DatabaseName, CollectionName];
}

/**
 * Validates the starting position of a new mapping as Lambda does.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export function requirePosition(eventSourceArn: string, parameters: Parameters): void {
  const { StartingPosition, StartingPositionTimestamp } = parameters;
  if (StartingPosition !== undefined && !positions.includes(StartingPosition))
    throw awsError(
      'ValidationException',
      `startingPosition ${StartingPosition} is none of ${positions.join()}`,
    );
  const kind = requireKind(eventSourceArn);
  if (kinds[kind].hasPosition && StartingPosition === undefined)
    throw invalid('startingPosition must not be null for this event source');
  const hasTime = StartingPosition === 'AT_TIMESTAMP';
  if (hasTime && kind === 'dynamodb')
    throw invalid(`Unsupported starting position for the event source ${eventSourceArn}`);
  if (!hasTime && StartingPositionTimestamp !== undefined)
    throw invalid('A timestamp is only valid with the StartingPosition AT_TIMESTAMP');
  if (hasTime && StartingPositionTimestamp === undefined)
    throw invalid('AT_TIMESTAMP needs a StartingPositionTimestamp');
}

/** Validates the settings of a new or changed mapping as Lambda does. */
export function requireSettings(eventSourceArn: string, parameters: Parameters): void {
  const kind = requireKind(eventSourceArn);
  for (const [name, supporting] of Object.entries(supportedBy)) {
    const isGiven = Object.entries(parameters).some(([key, value]) => key === name && value !== undefined);
    if (isGiven && !supporting.includes(kind))
      throw invalid(`${name} is not valid for ${kinds[kind].name} event sources`);
  }
  requireOne(kind === 'kafka', 'Topics', parameters.Topics);
  requireOne(kind === 'mq', 'Queues', parameters.Queues);
  requireRanges(parameters);
  requireBatch(kind, parameters);
}

function requireOne(isNeeded: boolean, name: string, values: readonly string[] = []): void {
  if (isNeeded && values.length !== 1) throw invalid(`${name} has exactly one item`);
}

function requireRanges(parameters: Parameters): void {
  for (const [name, value] of Object.entries(parameters)) {
    const [min, max] = ranges[name as keyof Parameters] ?? [];
    if (min === undefined || max === undefined || typeof value !== 'number') continue;
    if (value < min || value > max)
      throw awsError('ValidationException', `${name} ${value} is not within ${min} and ${max}`);
  }
}

function requireBatch(kind: KindName, parameters: Parameters): void {
  const { maxBatchSize, batchSize } = kinds[kind];
  const { BatchSize = batchSize, MaximumBatchingWindowInSeconds = 0 } = parameters;
  if (BatchSize < 1 || BatchSize > 10_000)
    throw awsError('ValidationException', `batchSize ${BatchSize} is not within 1 and 10000`);
  if (BatchSize > maxBatchSize)
    throw invalid(
      `BatchSize ${BatchSize} is more than the ${maxBatchSize} of ${kinds[kind].name} event sources`,
    );
  if (MaximumBatchingWindowInSeconds < 0 || MaximumBatchingWindowInSeconds > maxWindowSeconds)
    throw awsError('ValidationException', `A batching window has 0 to ${maxWindowSeconds} seconds`);
  if (kind === 'sqs' && BatchSize > maxBatchWithoutWindow && MaximumBatchingWindowInSeconds === 0)
    throw invalid(
      `A batch of more than ${maxBatchWithoutWindow} needs a batching window of at least a second`,
    );
}

/** Refuses a source that does not exist, and a queue whose visibility timeout is shorter than the function's timeout. */
export function requireSource(
  eventSourceArn: string,
  { sqs, kinesis, dynamoDb }: EventSourceServices,
  { timeoutSeconds }: { readonly timeoutSeconds: number },
): void {
  const kind = kindOf(eventSourceArn);
  const [streamArn = ''] = eventSourceArn.split('/consumer/');
  const [tableArn = ''] = eventSourceArn.split('/stream/');
  if (kind === 'kinesis' && kinesis.findStream(streamArn) === undefined)
    throw invalid(`Stream not found: ${eventSourceArn}`);
  if (kind === 'dynamodb' && dynamoDb.findTable(tableArn) === undefined)
    throw invalid(`Stream not found: ${eventSourceArn}`);
  if (!isQueue(eventSourceArn)) return;
  const { visibilityTimeoutSeconds } = requireQueue(eventSourceArn, sqs);
  if (visibilityTimeoutSeconds < timeoutSeconds)
    throw invalid(
      `The queue's visibility timeout of ${visibilityTimeoutSeconds} s is less than the function's timeout of ${timeoutSeconds} s`,
    );
}

/** True for the ARN of an SQS queue. */
export function isQueue(eventSourceArn: string): boolean {
  return eventSourceArn.split(':')[2] === 'sqs';
}

function requireQueue(eventSourceArn: string, sqs: SimulatedSqs) {
  try {
    return sqs.queue(eventSourceArn);
  } catch {
    throw invalid('Error occurred while ReceiveMessage. The specified queue does not exist.');
  }
}

function requireKind(eventSourceArn: string): KindName {
  const kind = kindOf(eventSourceArn);
  if (kind === undefined) throw invalid(`Unrecognized event source ${eventSourceArn}`);
  return kind;
}

function kindOf(eventSourceArn: string): KindName | undefined {
  const service = eventSourceArn.split(':')[2] ?? '';
  if (service === 'sqs' && eventSourceArn.endsWith('.fifo')) return 'fifo';
  return (Object.keys(kinds) as KindName[]).find((kind) => kind === service);
}

/** Creates Lambda's error for an invalid parameter. */
export function invalid(message: string): InvalidParameterValueException {
  return new InvalidParameterValueException(clientFault(message));
}
