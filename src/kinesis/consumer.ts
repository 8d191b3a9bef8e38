import type { Consumer } from '@aws-sdk/client-kinesis';
import { type AwsCall, isAwsError, requireField } from '../core/aws-call.js';
import { ResourceNotFoundError, ResourceStateError } from '../core/errors.js';
import type { ConsumerDescription } from './types.js';

/** One look at a consumer, or `undefined` when there is none. */
export type Observation = ConsumerDescription | undefined;

/** What Kinesis says of a consumer. */
export function toDescription(consumer: Consumer | undefined, call: AwsCall): ConsumerDescription {
  return {
    consumerName: requireField(consumer?.ConsumerName, 'ConsumerName', call),
    consumerArn: requireField(consumer?.ConsumerARN, 'ConsumerARN', call),
    status: requireField(consumer?.ConsumerStatus, 'ConsumerStatus', call),
  };
}

/**
 * Whether the consumer can read.
 *
 * @throws ResourceStateError when it never will.
 */
export function isActive(resource: string, seen: Observation): boolean {
  if (seen?.status === 'DELETING') {
    throw new ResourceStateError(`Consumer ${resource} will not become ACTIVE`, {
      resource,
      expected: 'ACTIVE',
      actual: 'DELETING',
      remedy: 'Register it again',
    });
  }
  return seen?.status === 'ACTIVE';
}

/** Why a consumer could not be registered. */
export function explainRefusal(streamArn: string, error: unknown): unknown {
  if (isAwsError(error, 'ResourceNotFoundException')) {
    return new ResourceNotFoundError(`Stream ${streamArn} does not exist`, {
      resource: streamArn,
      remedy: 'Check streamArn, and the region and account of the client',
      cause: error,
    });
  }
  if (isAwsError(error, 'LimitExceededException')) {
    return new ResourceStateError(`Stream ${streamArn} takes no further consumer now`, {
      resource: streamArn,
      // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html
      expected:
        'fewer than 20 registered consumers (50 for On-demand Advantage), and fewer than 5 being created',
      actual: error.message,
      remedy: 'Deregister consumers that nobody reads with, or try again in a minute',
      cause: error,
    });
  }
  return error;
}
