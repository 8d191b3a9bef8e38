import { ServiceException } from '@smithy/core/client';
import type { VirtualClock } from './virtual-clock.js';

/** What every simulated service shares. */
export interface SimulatedEnvironment {
  readonly clock: VirtualClock;
  readonly partition: 'aws' | 'aws-cn' | 'aws-us-gov';
  readonly region: string;
  readonly accountId: string;
  /** An ARN in this partition, region and account. */
  arn(service: string, resource: string): string;
  /** The next of a row of identifiers, the same in every run. */
  nextId(): string;
}

/** One AWS service in memory. */
export interface SimulatedService {
  /** The SDK client's own identifier of the service, such as `RDS`. */
  readonly serviceId: string;
  /** The service's prefix in IAM actions, such as `rds`. */
  readonly iamPrefix: string;
  /** The name of the error with which the service throttles. */
  readonly throttlingError: string;
  /**
   * The operations, by name.
   *
   * @internal
   */
  // biome-ignore lint/suspicious/noExplicitAny: every operation types its own input; the table only finds it by name
  readonly operations: Readonly<Record<string, (input: any) => unknown>>;
}

/** An operation's output without the SDK's own part. */
export type Answer<Output> = Omit<Output, '$metadata'>;

/** An error as AWS would answer it, for errors that the SDK has no class for. */
export function awsError(name: string, message: string, httpStatusCode = 400): ServiceException {
  return new ServiceException({
    name,
    message,
    $fault: httpStatusCode < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode },
  });
}

/** The metadata of a modelled exception. */
export function clientFault(message: string, httpStatusCode = 400) {
  return { message, $metadata: { httpStatusCode } };
}

/** A required member; AWS refuses a request without it, and the SDK does not check. */
export function required<T>(value: T | undefined, member: string): T {
  if (value === undefined || value === '')
    throw awsError('ValidationException', `Missing required member: ${member}`);
  return value;
}

/** One page of a list, as AWS pages: an opaque token, and an upper limit on the size. */
export function pageOf<Item>(
  items: readonly Item[],
  { token, size, most }: { token: string | undefined; size: number; most: number },
): { items: Item[]; nextToken: string | undefined } {
  if (size < 1 || size > most)
    throw awsError('ValidationException', `A page has 1 to ${most} items, not ${size}`);
  const start = token === undefined ? 0 : Number(token.replace(/^page-/, ''));
  if (!Number.isInteger(start)) throw awsError('ValidationException', 'The pagination token is invalid');
  const end = start + size;
  return { items: items.slice(start, end), nextToken: end < items.length ? `page-${end}` : undefined };
}
