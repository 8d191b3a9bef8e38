import { ServiceException } from '@smithy/core/client';
import type { SimulatedLambdaDelivery } from '../services/lambda/lambda-delivery.js';
import type { VirtualClock } from './virtual-clock.js';

/** Dependencies of every simulated service. */
export interface SimulatedEnvironment {
  readonly clock: VirtualClock;
  readonly partition: 'aws' | 'aws-cn' | 'aws-us-gov';
  readonly region: string;
  readonly accountId: string;
  /** The plan by which Lambda delivers asynchronous events. */
  readonly lambdaDelivery: { plan: (event: unknown) => ReturnType<SimulatedLambdaDelivery> };
  /** An ARN in this partition, region and account. */
  arn(service: string, resource: string): string;
  /** Returns the next identifier of a sequence that is the same in every run. */
  nextId(): string;
}

/** One AWS service in memory. */
export interface SimulatedService {
  /** The SDK client's own identifier of the service, such as `RDS`. */
  readonly serviceId: string;
  /** The service's prefix in IAM actions, such as `rds`. */
  readonly iamPrefix: string;
  /** IAM actions of operations whose name is another one. */
  readonly iamActions?: Readonly<Record<string, string>>;
  /** The name of the error with which the service throttles. */
  readonly throttlingError: string;
  /**
   * The operations, by name. Each takes the input of its own SDK command.
   *
   * @internal
   */
  readonly operations: Readonly<Record<string, (input: never) => unknown>>;
}

/** Returns the IAM action of an operation. */
export function actionOf({ iamPrefix, iamActions }: SimulatedService, operation: string): string {
  return iamActions?.[operation] ?? `${iamPrefix}:${operation}`;
}

/** Output of an operation without the SDK's metadata. */
export type OperationOutput<Output> = Omit<Output, '$metadata'>;

/** Creates an AWS error that the SDK has no class for. */
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

/** Returns a required member. AWS refuses a request without it; the SDK does not check. */
export function required<T>(value: T | undefined, member: string): T {
  if (value === undefined || value === '')
    throw awsError('ValidationException', `Missing required member: ${member}`);
  return value;
}

/** Returns one page of a list, as AWS does: with an opaque token and a limit on the page size. */
export function pageOf<Item>(
  items: readonly Item[],
  { token, size, maxSize }: { token: string | undefined; size: number; maxSize: number },
): { items: Item[]; nextToken: string | undefined } {
  if (size < 1 || size > maxSize)
    throw awsError('ValidationException', `A page has 1 to ${maxSize} items, not ${size}`);
  const start = token === undefined ? 0 : Number(token.replace(/^page-/, ''));
  if (!Number.isInteger(start)) throw awsError('ValidationException', 'The pagination token is invalid');
  const end = start + size;
  return { items: items.slice(start, end), nextToken: end < items.length ? `page-${end}` : undefined };
}
