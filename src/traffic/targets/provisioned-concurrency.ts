import {
  type AliasConfiguration,
  GetProvisionedConcurrencyConfigCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { type AwsCall, callAws, isAwsError } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { WaitTimeoutError } from '../../core/errors.js';

/** Limit of the wait; Lambda allocates within minutes. */
const maxWaitSeconds = 900;
const intervalSeconds = 5;

/** Right after an update, the state may still be the previous one. */
const maxStaleSeconds = 30;

/** Limit of the wait after the allocation: Lambda's own routing then ends within seconds. */
const maxReadySeconds = 60;

/** State of an alias's provisioned concurrency. */
export interface Allocation {
  readonly status: 'IN_PROGRESS' | 'READY' | 'FAILED' | 'none' | (string & {});
  /** Description for errors. */
  readonly description: string;
}

/**
 * True when all the traffic goes to another version than the alias's own. Lambda routes like this for minutes after an update
 * to a version whose provisioned concurrency is not yet allocated.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
export function isRoutedAway({ FunctionVersion, RoutingConfig }: AliasConfiguration): boolean {
  const others = Object.entries(RoutingConfig?.AdditionalVersionWeights ?? {});
  return (
    others.length === 1 && others.every(([version, weight]) => version !== FunctionVersion && weight === 1)
  );
}

/** Reads the state of an alias's provisioned concurrency. IAM: lambda:GetProvisionedConcurrencyConfig. */
export async function readAllocation(
  client: LambdaClient,
  { functionName, aliasName }: { readonly functionName: string; readonly aliasName: string },
  call: Omit<AwsCall, 'action'>,
): Promise<Allocation> {
  const command = new GetProvisionedConcurrencyConfigCommand({
    FunctionName: functionName,
    Qualifier: aliasName,
  });
  try {
    const config = await callAws({ ...call, action: 'lambda:GetProvisionedConcurrencyConfig' }, (http) =>
      client.send(command, http),
    );
    const {
      Status = 'unknown',
      StatusReason,
      AllocatedProvisionedConcurrentExecutions: allocated = 0,
    } = config;
    const requested = config.RequestedProvisionedConcurrentExecutions ?? 'unknown';
    const reason = StatusReason === undefined ? '' : `: ${StatusReason}`;
    return { status: Status, description: `${Status}, ${allocated} of ${requested} allocated${reason}` };
  } catch (error) {
    if (!isAwsError(error, 'ProvisionedConcurrencyConfigNotFoundException')) throw error;
    return { status: 'none', description: 'no provisioned concurrency' };
  }
}

/** Evidence that the routing is Lambda's own. */
export interface RoutingReason {
  /** Alias's own version. */
  readonly version: string;
  readonly allocation: Allocation;
  /** True when a write that routes all the traffic to the version is not read back yet. */
  readonly isPending: boolean;
}

/** Wait until Lambda's own routing ends. The time limit spans several readings of one target. */
export class AllocationWait {
  readonly #clock: Clock;
  readonly #resource: string;
  #elapsed: ElapsedTime | undefined;

  constructor(clock: Clock, resource: string) {
    this.#clock = clock;
    this.#resource = resource;
  }

  /** Ends the wait: the routing is that of the last write. */
  end(): void {
    this.#elapsed = undefined;
  }

  /**
   * Sleeps until the next reading of the alias. Returns false at once when the routing is not Lambda's own: without provisioned
   * concurrency and a pending write, or long after the allocation.
   *
   * @throws WaitTimeoutError when the allocation has failed or the time is over; OperationAbortedError.
   */
  async pause(reason: RoutingReason, signal: AbortSignal | undefined): Promise<boolean> {
    const { allocation, isPending } = reason;
    this.#elapsed ??= new ElapsedTime(this.#clock);
    const { seconds } = this.#elapsed;
    if (allocation.status === 'none' && !isPending) return false;
    if (allocation.status === 'READY' && seconds >= maxReadySeconds) return false;
    const hasFailed = allocation.status === 'FAILED' && seconds >= maxStaleSeconds;
    if (hasFailed || seconds >= maxWaitSeconds) throw this.#timeout(reason, seconds);
    const left = maxWaitSeconds - seconds;
    await this.#elapsed.sleepSeconds(Math.min(intervalSeconds, left), { signal, resource: this.#resource });
    return true;
  }

  #timeout({ version, allocation }: RoutingReason, seconds: number): WaitTimeoutError {
    return new WaitTimeoutError({
      resource: this.#resource,
      maxWaitSeconds: Math.round(Math.min(seconds, maxWaitSeconds)),
      expected: `the provisioned concurrency of version ${version}, until when Lambda routes all the traffic to the other version`,
      actual: allocation.description,
      remedy:
        'Find out why Lambda cannot allocate it (the initialization of the version, the concurrency quota), and update the alias',
    });
  }
}
