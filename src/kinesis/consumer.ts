import type { Consumer } from '@aws-sdk/client-kinesis';
import { type AwsCall, isAwsError, requireField } from '../core/aws-call.js';
import { ResourceNotFoundError, ResourceStateError } from '../core/errors.js';
import type { ConsumerDescription } from './types.js';

/** One read of a consumer; `undefined` when it is not registered. */
export type Observation = ConsumerDescription | undefined;

/** The consumer of a Kinesis response. */
export function toDescription(consumer: Consumer | undefined, call: AwsCall): ConsumerDescription {
  return {
    consumerName: requireField(consumer?.ConsumerName, 'ConsumerName', call),
    consumerArn: requireField(consumer?.ConsumerARN, 'ConsumerARN', call),
    status: requireField(consumer?.ConsumerStatus, 'ConsumerStatus', call),
  };
}

/** True for a consumer that can read, or will. A state that AWS has added since is waited for. */
export function isRegistered(consumer: Observation): boolean {
  return consumer?.status === 'ACTIVE' || consumer?.status === 'CREATING';
}

/**
 * True for a consumer that can read.
 *
 * @throws ResourceStateError when it never will.
 */
export function isActive(resource: string, consumer: Observation): boolean {
  if (consumer?.status === 'DELETING') {
    throw new ResourceStateError(`Consumer ${resource} will not become ACTIVE`, {
      resource,
      expected: 'ACTIVE',
      actual: 'DELETING',
      remedy: 'Register it again',
    });
  }
  return consumer?.status === 'ACTIVE';
}

/** The error for a registration that Kinesis refuses for good. */
export function explainRefusal(streamArn: string, error: unknown): unknown {
  if (isAwsError(error, 'ResourceNotFoundException')) {
    return new ResourceNotFoundError(`Stream ${streamArn} not found`, {
      resource: streamArn,
      remedy: 'Check streamArn, and the region and account of the client',
      cause: error,
    });
  }
  if (isAwsError(error, 'LimitExceededException')) {
    return new ResourceStateError(`Stream ${streamArn} accepts no further consumer`, {
      resource: streamArn,
      // https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html
      expected: 'fewer than 20 registered consumers (50 for On-demand Advantage)',
      actual: error.message,
      remedy: 'Deregister consumers that are no longer used',
      cause: error,
    });
  }
  return error;
}
