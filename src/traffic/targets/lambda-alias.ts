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
import { type Clock, systemClock } from '../../core/clock.js';
import { ResourceStateError } from '../../core/errors.js';
import { type Logger, silentLogger } from '../../core/logger.js';
import { safeLogger } from '../../core/safe-logger.js';
import { nonEmptyString, stackPair } from '../../core/schemas.js';
import {
  parseStackReference,
  partnerOf,
  type StackPair,
  type StackReference,
} from '../../core/stack-reference.js';
import { stopwatch } from '../../core/stopwatch.js';
import type { ToolOptions } from '../../core/tool-options.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import type { TargetHealth, TrafficTarget, TrafficWeights } from '../types.js';
import { describeWeights, toScale, weightsOf } from '../weights.js';
import { LastReading } from './last-reading.js';

/** What a stack is behind the alias of a {@link LambdaAliasTarget}. */
export interface LambdaAliasStackOptions {
  /** A published version of the function, such as `12`. */
  readonly version: string;
}

/** The clients that {@link LambdaAliasTarget} works with. */
export interface LambdaAliasTargetClients {
  /** The client of Lambda. */
  readonly lambda: LambdaClient;
}

/** How {@link LambdaAliasTarget} is made. */
export type LambdaAliasTargetOptions = ToolOptions<LambdaAliasStackOptions, LambdaAliasTargetClients> & {
  /** The function's name or ARN, without a qualifier. */
  readonly functionName: string;
  /** The alias that the function's callers use. */
  readonly aliasName: string;
};

/** AWS does not say how fine the weight of a version may be; a hundredth of a percent is as fine as this target gets. */
const stepsPerPercent = 100;

const optionsSchema = v.object({
  ...stackPair(
    v.object({
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
 * The traffic of a Lambda alias: two published versions of one function. Only calls that name the alias are split.
 *
 * The alias's revision is the guard: a write fails when anybody has changed the alias since it was read.
 *
 * @remarks IAM: lambda:GetAlias, lambda:UpdateAlias, lambda:GetFunctionConfiguration
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
  readonly #stacks: StackPair<LambdaAliasStackOptions>;
  readonly #functionName: string;
  readonly #aliasName: string;
  readonly #lambda: LambdaClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** What the last reading has seen; the next write changes exactly that, once. */
  readonly #lastRead: LastReading<AliasConfiguration>;

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks are the same version. */
  constructor(options: LambdaAliasTargetOptions) {
    const subject = 'LambdaAliasTarget options';
    const { blue, green, functionName, aliasName } = parseInput(subject, optionsSchema, options);
    requireDistinct(subject, 'version', [blue.version], [green.version]);
    this.#stacks = { blue, green };
    this.#functionName = functionName;
    this.#aliasName = aliasName;
    this.description = `Lambda alias ${functionName}:${aliasName}`;
    this.#lambda = resolveClients<LambdaAliasTargetClients>(options, { lambda: LambdaClient }).lambda;
    this.#logger = safeLogger(options.logger ?? silentLogger);
    this.#clock = options.clock ?? systemClock;
    this.#lastRead = new LastReading(this.#clock);
  }

  /**
   * The weights of the two versions. A version that the alias does not name has 0 %.
   *
   * @remarks IAM: lambda:GetAlias
   * @throws ResourceStateError when the alias has another version; AccessDeniedError
   */
  async readWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    this.#lastRead.forget();
    const alias = await this.#read(options);
    const weights = this.#weightsOf(alias);
    this.#lastRead.keep(alias);
    return weights;
  }

  /**
   * Changes the two weights. The alias's own version stays the same as long as it has any traffic, as CodeDeploy does it;
   * at 0 and 100 % there is no routing configuration.
   *
   * @remarks IAM: lambda:UpdateAlias, and lambda:GetAlias when nothing was read before
   * @throws ResourceStateError when the alias has another version, or was changed since it was read; AccessDeniedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const seen = this.#lastRead.take() ?? (await this.#read(options));
    const from = this.#weightsOf(seen);
    const to = this.nearestWeights(weights);
    // What is there already is written all the same: the reading may be an old one, and then its revision is refused.
    const call = { action: 'lambda:UpdateAlias', resource: this.description, signal: options.signal };
    const command = new UpdateAliasCommand({
      FunctionName: this.#functionName,
      Name: this.#aliasName,
      ...this.#routingOf(seen, to),
      RevisionId: requireField(seen.RevisionId, 'RevisionId', this.#reading()),
    });
    try {
      await callAws(call, (http) => this.#lambda.send(command, http));
    } catch (error) {
      if (!isAwsError(error, 'PreconditionFailedException')) throw error;
      await this.#requireWritten(seen, to, error, options);
    }
    this.#logger.info('Changed traffic weights', {
      resource: this.description,
      from: describeWeights(from),
      to: describeWeights(to),
      durationMs: elapsed(),
    });
  }

  /** The nearest hundredth of a percent; 0.01 % at least, unless it is none. */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    const { blue, green } = toScale(weights, 100 * stepsPerPercent);
    return { blue: blue / stepsPerPercent, green: green / stepsPerPercent };
  }

  /**
   * Whether a version may be invoked: 1 of 1 when it is active. One that has been reclaimed after a long rest is not; its
   * first invocations would fail.
   *
   * @remarks IAM: lambda:GetFunctionConfiguration
   * @throws AccessDeniedError; AWS's ResourceNotFoundException when there is no such version
   */
  async readHealth(stack: StackReference, { signal }: CallOptions = {}): Promise<TargetHealth> {
    const { version } = this.#stacks[parseStackReference(stack)];
    const resource = `${this.#functionName}:${version}`;
    const call = { action: 'lambda:GetFunctionConfiguration', resource, signal };
    const command = new GetFunctionConfigurationCommand({
      FunctionName: this.#functionName,
      Qualifier: version,
    });
    const { State, StateReason } = await callAws(call, (http) => this.#lambda.send(command, http));
    const state = requireField(State, 'State', call);
    if (state === 'Active') return { healthy: 1, total: 1 };
    const detail = `version ${version} is ${state}${StateReason ? `: ${StateReason}` : ''}`;
    return { healthy: 0, total: 1, detail };
  }

  async #read({ signal }: CallOptions): Promise<AliasConfiguration> {
    const command = new GetAliasCommand({ FunctionName: this.#functionName, Name: this.#aliasName });
    return callAws({ ...this.#reading(), signal }, (http) => this.#lambda.send(command, http));
  }

  #weightsOf(alias: AliasConfiguration): TrafficWeights {
    const own = requireField(alias.FunctionVersion, 'FunctionVersion', this.#reading());
    const others = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
    const { blue, green } = this.#stacks;
    const versions = [own, ...others.map(([version]) => version)];
    const strangers = versions.filter((version) => version !== blue.version && version !== green.version);
    if (strangers.length > 0) {
      throw new ResourceStateError('The alias has other versions than the two stacks', {
        resource: this.description,
        expected: `the versions ${blue.version} and ${green.version} alone`,
        actual: `version ${versions.join(' and version ')}`,
        remedy: 'Give the versions that the alias has, or change the alias first',
      });
    }
    const moved = others.reduce((sum, [, weight]) => sum + weight, 0);
    const share = this.#referenceOf(own) === 'blue' ? 1 - moved : moved;
    return weightsOf('blue', tidy(share * 100));
  }

  #routingOf(alias: AliasConfiguration, weights: TrafficWeights) {
    const own = this.#referenceOf(requireField(alias.FunctionVersion, 'FunctionVersion', this.#reading()));
    const kept = weights[own] > 0 ? own : partnerOf(own);
    const partner = partnerOf(kept);
    return {
      FunctionVersion: this.#stacks[kept].version,
      // Without the empty map, Lambda would leave the routing configuration as it is.
      RoutingConfig: {
        AdditionalVersionWeights:
          weights[partner] > 0 ? { [this.#stacks[partner].version]: tidy(weights[partner] / 100) } : {},
      },
    };
  }

  #referenceOf(version: string): StackReference {
    return version === this.#stacks.blue.version ? 'blue' : 'green';
  }

  /**
   * When an answer was lost, the SDK's retry of our own write is refused as well: then the weights are the wanted ones. An
   * answer with the refused revision is an old one, and says nothing.
   */
  async #requireWritten(
    seen: AliasConfiguration,
    to: TrafficWeights,
    cause: Error,
    options: CallOptions,
  ): Promise<void> {
    const alias = await this.#read(options);
    const [from, live] = [this.#weightsOf(seen), this.#weightsOf(alias)];
    if (alias.RevisionId !== seen.RevisionId && areEqual(live, to)) return;
    throw new ResourceStateError('The alias was changed after it was read', {
      resource: this.description,
      expected: `${describeWeights(from)}, as it was read before the write`,
      actual: areEqual(live, from) ? 'another revision with the same weights' : describeWeights(live),
      remedy:
        'Find out whether somebody else changes the alias, or the reading was an old one; read it again',
      cause,
    });
  }

  #reading() {
    return { action: 'lambda:GetAlias', resource: this.description };
  }
}

/** Without what the division of binary fractions leaves behind. */
function tidy(number: number): number {
  return Math.round(number * 1e8) / 1e8;
}

function areEqual(one: TrafficWeights, other: TrafficWeights): boolean {
  return Math.abs(one.blue - other.blue) < 1e-6;
}
