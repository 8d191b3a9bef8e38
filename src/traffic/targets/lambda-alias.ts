import {
  type AliasConfiguration,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { type CallOptions, callAws, isAwsError, requireField } from '../../core/aws-call.js';
import { resolveClients } from '../../core/clients.js';
import { ResourceStateError, UnexpectedResponseError } from '../../core/errors.js';
import { type PossiblyMissing, requireFound } from '../../core/not-found.js';
import { nonEmptyString, stackPair, strictObject } from '../../core/schemas.js';
import {
  parseStackReference,
  partnerOf,
  type StackPair,
  type StackReference,
} from '../../core/stack-reference.js';
import {
  clientOptionsOf,
  dependenciesOf,
  type ToolOptions,
  toolOptionsEntries,
} from '../../core/tool-options.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import type { ReadWeightsOptions, TargetHealth, TrafficTarget, TrafficWeights } from '../types.js';
import { describeWeights, isPair, roundTo, toScale, weightsOf } from '../weights.js';
import { LastReading } from './last-reading.js';
import { permissionsOfTarget } from './permissions.js';
import { AllocationWait, isRoutedAway, readAllocation } from './provisioned-concurrency.js';
import { parseHealthOptions, parseReadOptions, parseWeights, parseWriteOptions } from './target-options.js';

/** Version of a stack. */
export interface LambdaAliasStackOptions {
  /** Published version of the function, such as `12`. */
  readonly version: string;
}

/** Clients of {@link LambdaAliasTarget}. */
export interface LambdaAliasTargetClients {
  /** AWS Lambda. */
  readonly lambda: LambdaClient;
}

/** Options of {@link LambdaAliasTarget}. */
export type LambdaAliasTargetOptions = ToolOptions<LambdaAliasStackOptions, LambdaAliasTargetClients> & {
  /** Name or ARN of the function, without a qualifier. */
  readonly functionName: string;
  /** Alias that the function's callers use. */
  readonly aliasName: string;
};

/** Resolution of this target: a hundredth of a percent. AWS does not document the resolution of a version's weight. */
const stepsPerPercent = 100;

const subject = 'LambdaAliasTarget options';

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  ...stackPair(
    strictObject({
      version: v.pipe(
        v.string(),
        v.check((value) => /^\d+$/.test(value), "a published version, such as '12'"),
      ),
    }),
  ),
  functionName: nonEmptyString,
  aliasName: nonEmptyString,
});

/**
 * Target for a Lambda alias: two published versions of one function. Only calls that name the alias are split.
 *
 * Each write names the alias's revision, so it fails when the alias was changed after it was read.
 *
 * On an alias with provisioned concurrency, Lambda routes all the traffic to the previous version until the concurrency of the
 * new version is allocated. A reading waits for the allocation, for 15 minutes at most.
 *
 * @remarks IAM: lambda:GetAlias, lambda:UpdateAlias, lambda:GetFunctionConfiguration,
 * lambda:GetProvisionedConcurrencyConfig
 * @example
 * ```ts
 * import { LambdaAliasTarget, linear, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * const shifter = new TrafficShifter({
 *   target: new LambdaAliasTarget({
 *     functionName: 'orders',
 *     aliasName: 'live',
 *     blue: { version: '11' },
 *     green: { version: '12' },
 *   }),
 * });
 *
 * const { outcome } = await shifter.shiftTo('green', linear({ stepPercent: 10, intervalSeconds: 60 }));
 * ```
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
 */
export class LambdaAliasTarget implements TrafficTarget {
  /** `Lambda alias orders:live` */
  readonly description: string;
  /** Permissions of its methods. */
  readonly permissions = permissionsOfTarget('LambdaAliasTarget');
  readonly #stacks: StackPair<LambdaAliasStackOptions>;
  readonly #functionName: string;
  readonly #aliasName: string;
  readonly #lambda: LambdaClient;
  /** Last reading, which the next write changes. */
  readonly #lastRead: LastReading<AliasConfiguration>;
  readonly #allocationWait: AllocationWait;
  /** Weights of the last write, until they are read back. */
  #written: TrafficWeights | undefined;

  /** @throws InvalidInputError when an option is missing, unknown or malformed, or when both stacks are the same version. */
  constructor(options: LambdaAliasTargetOptions) {
    const parsed = parseInput(subject, optionsSchema, options);
    const { blue, green, functionName, aliasName } = parsed;
    requireDistinct(subject, 'version', [blue.version], [green.version]);
    this.#stacks = { blue, green };
    this.#functionName = functionName;
    this.#aliasName = aliasName;
    this.description = `Lambda alias ${functionName}:${aliasName}`;
    this.#lambda = resolveClients<LambdaAliasTargetClients>(clientOptionsOf(parsed), {
      lambda: LambdaClient,
    }).lambda;
    const { clock, logger } = dependenciesOf(parsed);
    const read = (call: CallOptions) => this.#read(call);
    this.#lastRead = new LastReading({ resource: this.description, clock, logger, read });
    this.#allocationWait = new AllocationWait(clock, this.description);
  }

  /**
   * Reads the weights of the two versions. A version that the alias does not name has 0 %. The reading waits while Lambda
   * allocates the provisioned concurrency of the version that will receive all the traffic.
   *
   * @remarks IAM: lambda:GetAlias; lambda:GetProvisionedConcurrencyConfig while Lambda allocates provisioned concurrency
   * @throws ResourceStateError when the alias has another version; WaitTimeoutError when the provisioned concurrency cannot be
   * allocated, or not within 15 minutes; ResourceNotFoundError when the function or the alias does not exist;
   * AccessDeniedError, OperationAbortedError
   */
  async readWeights(options: ReadWeightsOptions = {}): Promise<TrafficWeights> {
    const { signal, expected } = parseReadOptions(options);
    const reading = this.#readAllocated(expected, { signal });
    const weights = await this.#lastRead.judge(reading, (alias) => this.#weightsOf(alias));
    if (this.#written !== undefined && areEqual(weights, this.#written)) this.#written = undefined;
    return weights;
  }

  /**
   * Changes the two weights. The alias's own version stays the same while it has traffic, as with CodeDeploy. At 0 and 100 % the
   * alias has no routing configuration.
   *
   * @remarks IAM: lambda:UpdateAlias, and lambda:GetAlias when nothing was read before
   * @throws ResourceStateError when the alias has another version, or was changed since it was read; ResourceNotFoundError,
   * AccessDeniedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const to = this.nearestWeights(weights);
    const { signal } = parseWriteOptions(options);
    await this.#lastRead.change(to, { signal }, async (alias) => {
      const from = this.#weightsOf(alias);
      // Weights that seem live already are written too, because the reading may be stale. AWS then rejects its revision.
      const call = { action: 'lambda:UpdateAlias', resource: this.description, signal };
      const command = new UpdateAliasCommand({
        FunctionName: this.#functionName,
        Name: this.#aliasName,
        ...this.#routingOf(alias, to),
        RevisionId: requireField(alias.RevisionId, 'RevisionId', this.#reading()),
      });
      this.#allocationWait.end();
      this.#written = to;
      try {
        await requireFound([this.#missing], () => callAws(call, (http) => this.#lambda.send(command, http)));
      } catch (error) {
        if (!isAwsError(error, 'PreconditionFailedException')) throw error;
        await this.#requireWritten(alias, to, error, { signal });
      }
      return [from];
    });
  }

  /**
   * Returns the weights to the nearest hundredth of a percent. A share above zero is at least 0.01 %.
   *
   * @throws InvalidInputError for weights that are not 100 % together.
   */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    const { blue, green } = toScale(parseWeights(weights), 100 * stepsPerPercent);
    return { blue: blue / stepsPerPercent, green: green / stepsPerPercent };
  }

  /**
   * Returns 1 of 1 when the version is active. A version that Lambda has made inactive after a long idle time is not healthy,
   * because its first invocations would fail.
   *
   * @remarks IAM: lambda:GetFunctionConfiguration
   * @throws ResourceNotFoundError when the version does not exist; AccessDeniedError, OperationAbortedError
   */
  async readHealth(stack: StackReference, options: CallOptions = {}): Promise<TargetHealth> {
    const { version } = this.#stacks[parseStackReference(stack)];
    const { signal } = parseHealthOptions(options);
    const resource = `${this.#functionName}:${version}`;
    const call = { action: 'lambda:GetFunctionConfiguration', resource, signal };
    const command = new GetFunctionConfigurationCommand({
      FunctionName: this.#functionName,
      Qualifier: version,
    });
    const missing = {
      errorName: 'ResourceNotFoundException',
      kind: 'Lambda function version',
      resource,
      remedy: `Check functionName and ${stack}.version, and publish the version before the shift`,
    };
    const { State, StateReason } = await requireFound([missing], () =>
      callAws(call, (http) => this.#lambda.send(command, http)),
    );
    const state = requireField(State, 'State', call);
    if (state === 'Active') return { healthy: 1, total: 1 };
    const detail = `version ${version} is ${state}${StateReason ? `: ${StateReason}` : ''}`;
    return { healthy: 0, total: 1, detail };
  }

  async #read({ signal }: CallOptions): Promise<AliasConfiguration> {
    const command = new GetAliasCommand({ FunctionName: this.#functionName, Name: this.#aliasName });
    return requireFound([this.#missing], () =>
      callAws({ ...this.#reading(), signal }, (http) => this.#lambda.send(command, http)),
    );
  }

  /**
   * Reads the alias until the routing is not Lambda's own. During an allocation, Lambda routes all the traffic to the previous
   * version although the alias's own version should receive all of it. Without expected weights, only an allocation in progress
   * is a reason to wait.
   */
  async #readAllocated(
    expected: readonly TrafficWeights[] | undefined,
    { signal }: CallOptions,
  ): Promise<AliasConfiguration> {
    const [first, last] = [expected?.[0], expected?.at(-1)];
    const wanted = last ?? this.#written;
    const hasPendingWeights = first !== undefined && last !== undefined && !areEqual(first, last);
    const isPending = hasPendingWeights || this.#written !== undefined;
    for (;;) {
      const alias = await this.#read({ signal });
      const version = alias.FunctionVersion ?? '';
      if (!isRoutedAway(alias) || !this.#canReceiveAll(version, wanted)) {
        this.#allocationWait.end();
        return alias;
      }
      const names = { functionName: this.#functionName, aliasName: this.#aliasName };
      const allocation = await readAllocation(this.#lambda, names, { resource: this.description, signal });
      if (wanted === undefined && allocation.status !== 'IN_PROGRESS') return alias;
      if (!(await this.#allocationWait.pause({ version, allocation, isPending }, signal))) return alias;
    }
  }

  /** False when the version should receive less than all the traffic, as in a rollback: then the reading does not wait. */
  #canReceiveAll(version: string, wanted: TrafficWeights | undefined): boolean {
    const stack = (['blue', 'green'] as const).find((it) => this.#stacks[it].version === version);
    return wanted === undefined || (stack !== undefined && areEqual(wanted, weightsOf(stack, 100)));
  }

  #weightsOf(alias: AliasConfiguration): TrafficWeights {
    const own = requireField(alias.FunctionVersion, 'FunctionVersion', this.#reading());
    const others = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
    const { blue, green } = this.#stacks;
    const versions = [own, ...others.map(([version]) => version)];
    const unknownVersions = versions.filter(
      (version) => version !== blue.version && version !== green.version,
    );
    if (unknownVersions.length > 0) {
      throw new ResourceStateError('The alias has other versions than the two stacks', {
        resource: this.description,
        expected: `the versions ${blue.version} and ${green.version} alone`,
        actual: `version ${versions.join(' and version ')}`,
        remedy: 'Set the versions of the stacks to those of the alias, or change the alias first',
      });
    }
    const moved = others.reduce((sum, [, weight]) => sum + weight, 0);
    const share = this.#referenceOf(own) === 'blue' ? 1 - moved : moved;
    const weights = weightsOf('blue', roundTo(share * 100, 8));
    if (isPair(weights)) return weights;
    const field = 'RoutingConfig with weights from 0 to 1';
    throw new UnexpectedResponseError({ ...this.#reading(), field, actual: `${moved}` });
  }

  #routingOf(alias: AliasConfiguration, weights: TrafficWeights) {
    const own = this.#referenceOf(requireField(alias.FunctionVersion, 'FunctionVersion', this.#reading()));
    const kept = weights[own] > 0 ? own : partnerOf(own);
    const partner = partnerOf(kept);
    return {
      FunctionVersion: this.#stacks[kept].version,
      // Without the empty map, Lambda would leave the routing configuration unchanged.
      RoutingConfig: {
        AdditionalVersionWeights:
          weights[partner] > 0 ? { [this.#stacks[partner].version]: roundTo(weights[partner] / 100, 8) } : {},
      },
    };
  }

  #referenceOf(version: string): StackReference {
    return version === this.#stacks.blue.version ? 'blue' : 'green';
  }

  /**
   * Requires that a rejected write took effect earlier. After a lost response, AWS rejects the SDK's retry of the same write,
   * and the weights are the wanted ones. A response with the rejected revision is stale and proves nothing.
   */
  async #requireWritten(
    before: AliasConfiguration,
    to: TrafficWeights,
    cause: Error,
    options: CallOptions,
  ): Promise<void> {
    const alias = await this.#read(options);
    const [from, live] = [this.#weightsOf(before), this.#weightsOf(alias)];
    const own = this.#referenceOf(requireField(alias.FunctionVersion, 'FunctionVersion', this.#reading()));
    const isAllocating = isRoutedAway(alias) && areEqual(weightsOf(own, 100), to);
    if (alias.RevisionId !== before.RevisionId && (areEqual(live, to) || isAllocating)) return;
    throw new ResourceStateError('The alias was changed after it was read', {
      resource: this.description,
      expected: `${describeWeights(from)}, as it was read before the write`,
      actual: areEqual(live, from) ? 'another revision with the same weights' : describeWeights(live),
      remedy:
        'Find out whether another program changes the alias. The reading may also have been stale: read the alias again',
      cause,
    });
  }

  #reading() {
    return { action: 'lambda:GetAlias', resource: this.description };
  }

  get #missing(): PossiblyMissing {
    return {
      errorName: 'ResourceNotFoundException',
      kind: 'Lambda alias',
      resource: `${this.#functionName}:${this.#aliasName}`,
      remedy:
        'Check functionName, aliasName and the versions of both stacks, and the Region and account of the client',
    };
  }
}

function areEqual(one: TrafficWeights, other: TrafficWeights): boolean {
  return Math.abs(one.blue - other.blue) < 1e-6;
}
