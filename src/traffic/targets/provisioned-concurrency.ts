import {
  type AliasConfiguration,
  GetProvisionedConcurrencyConfigCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { type AwsCall, callAws, isAwsError } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { WaitTimeoutError } from '../../core/errors.js';

/** Lambda allocates within minutes. After a failure the routing stays as it is until the alias is updated again. */
const maxWaitSeconds = 900;
const intervalSeconds = 5;

/** The state of an alias's provisioned concurrency. */
export interface Allocation {
  readonly status: 'IN_PROGRESS' | 'READY' | 'FAILED' | 'none' | (string & {});
  /** In words, for an error. */
  readonly description: string;
}

/**
 * True when all the traffic goes to another version than the alias's own. After an update to a version whose provisioned
 * concurrency is still to be allocated, Lambda routes like this by itself, for minutes.
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

/** The wait for Lambda's own routing to end: over several readings of one target, at most so long in all. */
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
   * Sleeps until the alias is to be read again.
   *
   * @throws WaitTimeoutError when the allocation has failed or the time is up; OperationAbortedError.
   */
  async pause(
    version: string,
    { status, description }: Allocation,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.#elapsed ??= new ElapsedTime(this.#clock);
    const left = maxWaitSeconds - this.#elapsed.seconds;
    if (status === 'FAILED' || left <= 0) {
      throw new WaitTimeoutError({
        resource: this.#resource,
        maxWaitSeconds: Math.round(Math.min(this.#elapsed.seconds, maxWaitSeconds)),
        expected: `the provisioned concurrency of version ${version}, until when Lambda routes all the traffic to the other version`,
        actual: description,
        remedy:
          'Find out why Lambda cannot allocate it (the initialization of the version, the concurrency quota), and update the alias',
      });
    }
    await this.#elapsed.sleepSeconds(Math.min(intervalSeconds, left), { signal, resource: this.#resource });
  }
}
