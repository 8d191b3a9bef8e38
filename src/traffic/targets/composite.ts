import * as v from 'valibot';
import { type CallOptions, throwIfAborted } from '../../core/aws-call.js';
import type { Clock } from '../../core/clock.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { invalidInput, ResourceStateError } from '../../core/errors.js';
import type { Logger } from '../../core/logger.js';
import type { Permission } from '../../core/permissions.js';
import { strictObject } from '../../core/schemas.js';
import { parseStackReference, type StackReference } from '../../core/stack-reference.js';
import { clockSchema, loggerSchema, toolDependencies } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import { type SafeTarget, safeTarget } from '../shift/safe-target.js';
import type {
  ReadWeightsOptions,
  SetupChange,
  SetupProgress,
  TargetHealth,
  TargetSetup,
  TrafficTarget,
  TrafficWeights,
  WriteWeightsOptions,
} from '../types.js';
import { areSame, describeWeights } from '../weights.js';
import { leastHealthy, leastProgress } from './composite-health.js';
import { onOneScale } from './composite-weights.js';
import { LastReading } from './last-reading.js';
import { type PartWrite, weightsOfParts, writeAllParts, writeEachPart } from './several-parts.js';
import {
  parseHealthOptions,
  parseReadOptions,
  parseSetupChange,
  parseSetupOptions,
  parseWeights,
  parseWriteOptions,
} from './target-options.js';
import { targetSchema } from './target-schema.js';

/** Options of {@link CompositeTarget}. */
export interface CompositeTargetOptions {
  /** Two or more targets that move together, each with its own pair of stacks. A target's own scale of weights may differ. */
  readonly targets: readonly TrafficTarget[];
  /**
   * Logger of the changes.
   * @default nothing is logged
   */
  readonly logger?: Logger | undefined;
  /**
   * Source of the time and of waits.
   * @default the machine's clock
   */
  readonly clock?: Clock | undefined;
}

/** Seconds after which a target is read again before its write, because another one took long: Route 53 can take minutes. */
const maxReadingAgeSeconds = 5;

const optionsSchema = strictObject({
  targets: v.pipe(
    v.array(targetSchema),
    v.check((targets) => targets.length > 1, 'two or more targets'),
  ),
  logger: v.optional(loggerSchema),
  clock: v.optional(clockSchema),
});

/**
 * Several targets that move together, such as the listener rules of a public and of an internal load balancer, or a listener rule
 * and a Lambda alias. All have the same weights. When one of them cannot be written, those already written are restored. A
 * rollback restores none: it writes every target that it can.
 *
 * @remarks IAM: the permissions of its targets.
 * @example
 * ```ts
 * import {
 *   AlbListenerRuleTarget,
 *   CompositeTarget,
 *   LambdaAliasTarget,
 *   linear,
 *   TrafficShifter,
 * } from 'aws-blue-green-toolkit/traffic';
 *
 * const target = new CompositeTarget({
 *   targets: [
 *     new AlbListenerRuleTarget({
 *       ruleArns: [process.env['RULE_ARN'] ?? ''],
 *       blue: { targetGroupArn: process.env['BLUE_TARGET_GROUP_ARN'] ?? '' },
 *       green: { targetGroupArn: process.env['GREEN_TARGET_GROUP_ARN'] ?? '' },
 *     }),
 *     new LambdaAliasTarget({
 *       functionName: 'orders',
 *       aliasName: 'live',
 *       blue: { version: '11' },
 *       green: { version: '12' },
 *     }),
 *   ],
 * });
 *
 * await new TrafficShifter({ target }).shiftTo('green', linear({ stepPercent: 10, intervalSeconds: 60 }));
 * ```
 */
export class CompositeTarget implements TrafficTarget {
  /** Descriptions of the targets, joined by `and`. */
  readonly description: string;
  /** Permissions of its targets. Those of a target that declares none are not among them. */
  readonly permissions: readonly Permission[];
  /**
   * Returns the health of the target in which the stack has the fewest healthy instances, with the details of each. Undefined
   * when no target can read health.
   *
   * @remarks IAM: the permissions of the targets' `readHealth`.
   * @throws the errors of the targets
   */
  readonly readHealth?: (stack: StackReference, options?: CallOptions) => Promise<TargetHealth>;
  readonly #parts: readonly SafeTarget[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lastRead: LastReading<readonly TrafficWeights[]>;

  /** @throws InvalidInputError when an option is missing, unknown or malformed, or when a target is listed twice. */
  constructor(options: CompositeTargetOptions) {
    const { logger, clock } = toolDependencies(parseInput('CompositeTarget options', optionsSchema, options));
    const targets = [...options.targets];
    parseInput('CompositeTarget options', distinctSchema, { targets });
    this.#parts = targets.map(safeTarget);
    this.#clock = clock;
    this.#logger = logger;
    this.description = this.#parts.map(({ description }) => description).join(' and ');
    this.permissions = targets.flatMap(({ permissions = [] }) => permissions);
    const read = (call: ReadWeightsOptions) => this.#read(call);
    this.#lastRead = new LastReading({ resource: this.description, clock, logger, read });
    if (targets.some((target) => target.readHealth !== undefined)) {
      this.readHealth = (stack, call = {}) => this.#readHealth(stack, call);
    }
  }

  /**
   * Reads the weights of every target. Returns those of the target in which the incoming stack has least, in a rollback most,
   * while a write is under way. Weights of different scales count as the same when each is the nearest that its target can hold.
   *
   * @remarks IAM: the permissions of the targets' `readWeights`.
   * @throws ResourceStateError when the targets differ without expected weights; the errors of the targets
   */
  async readWeights(options: ReadWeightsOptions = {}): Promise<TrafficWeights> {
    const { signal, expected } = parseReadOptions(options);
    return this.#lastRead.judge(this.#read({ signal, expected }), (readings) =>
      weightsOfParts(onOneScale(this.#parts, readings, expected), this.description, expected),
    );
  }

  /**
   * Changes the weights of each target, one after the other. When one cannot be written, the targets before it are restored. A
   * target that has waited for those before it is read again, and its drift refused. A rollback writes all targets at once, so
   * that none waits for another one, and none is restored.
   *
   * @remarks IAM: the permissions of the targets' `writeWeights`, and of their `readWeights`.
   * @throws ResourceStateError when a target was changed during the writes of those before it; the errors of the targets;
   * OperationAbortedError
   */
  async writeWeights(weights: TrafficWeights, options: WriteWeightsOptions = {}): Promise<void> {
    const to = this.nearestWeights(weights);
    const { signal, isRollback } = parseWriteOptions(options);
    const owner = { resource: this.description, clock: this.#clock, logger: this.#logger };
    // A rollback needs no reading of all targets: one that cannot be read must not keep the others on a bad stack.
    if (isRollback) {
      this.#lastRead.forget();
      return writeEachPart(this.#writes(to, [], true), owner, { signal });
    }
    await this.#lastRead.change(to, { signal }, async (readings) => {
      await writeAllParts(this.#writes(to, readings), owner, { signal });
      return readings;
    });
  }

  /**
   * Returns the nearest weights that the first target can hold. The other targets hold the nearest to those.
   *
   * @throws InvalidInputError for weights that are not 100 % together.
   */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    const parsed = parseWeights(weights);
    return this.#parts[0]?.nearestWeights(parsed) ?? parsed;
  }

  /**
   * Reads what a shift changes besides the weights in each target. Returns undefined when nothing changes in any.
   *
   * @remarks IAM: the permissions of the targets' `readSetup`.
   * @throws the errors of the targets
   */
  async readSetup(incoming: StackReference, options: CallOptions = {}): Promise<TargetSetup | undefined> {
    const stack = parseStackReference(incoming);
    const { signal } = parseSetupOptions('readSetup options', options);
    const parts: (TargetSetup | null)[] = [];
    for (const part of this.#parts) parts.push((await part.setupOf(stack, { signal })) ?? null);
    return parts.some((it) => it !== null) ? { parts } : undefined;
  }

  /**
   * Makes a change besides the weights in each target that has one. When a target fails, the others are still changed.
   *
   * @remarks IAM: the permissions of the targets' `changeSetup`.
   * @throws InvalidInputError when the original configuration is of another target; the first error of the targets, one that may pass before a final one
   */
  async changeSetup(change: SetupChange, options: CallOptions = {}): Promise<SetupProgress> {
    const parsed = parseSetupChange(change);
    const { signal } = parseSetupOptions('changeSetup options', options);
    const originals = this.#originalsIn(parsed);
    const all: SetupProgress[] = [];
    const parts = this.#parts.flatMap((part, index) => {
      const original = originals[index] ?? null;
      if (original === null) return [];
      return [{ write: async () => void all.push(await part.setupChanged({ ...parsed, original })) }];
    });
    this.#lastRead.forget();
    await writeEachPart(parts, { resource: this.description }, { signal });
    return leastProgress(all);
  }

  /** Returns the longest propagation time of the targets. */
  propagationSeconds(): number {
    return Math.max(...this.#parts.map((part) => part.propagationSeconds()));
  }

  /** Another process can continue a shift, and its target may have other parts. */
  #originalsIn({ original }: SetupChange): readonly (TargetSetup | null)[] {
    const { parts } = parseInput('original configuration of the shift', originalSchema, original);
    if (parts.length === this.#parts.length) return parts;
    throw invalidInput('original configuration of the shift', {
      field: 'parts',
      expected: `one for each of the ${this.#parts.length} targets: continue a shift with the target that began it`,
      actual: `${parts.length}`,
    });
  }

  async #readHealth(stack: StackReference, options: CallOptions): Promise<TargetHealth> {
    const reference = parseStackReference(stack);
    const { signal } = parseHealthOptions(options);
    const healths = await Promise.all(
      this.#parts.map(async (part) => ({
        name: part.description,
        health: await part.healthOf(reference, { signal }),
      })),
    );
    return leastHealthy(healths);
  }

  async #read({ signal, expected }: ReadWeightsOptions): Promise<TrafficWeights[]> {
    throwIfAborted({ signal, resource: this.description });
    const readings: TrafficWeights[] = [];
    for (const part of this.#parts) {
      const held = expected?.map((it) => part.nearestWeights(it));
      readings.push(await part.readWeights({ signal, ...(held && { expected: held }) }));
    }
    return readings;
  }

  #writes(to: TrafficWeights, previous: readonly TrafficWeights[], isRollback = false): PartWrite[] {
    const elapsed = new ElapsedTime(this.#clock);
    return this.#parts.map((part, index) => ({
      name: part.description,
      verify: async (call) => {
        const before = previous[index];
        if (before !== undefined && elapsed.seconds >= maxReadingAgeSeconds)
          await requireUnchanged(part, { before, to }, call);
      },
      write: (call) => part.writeWeights(to, { ...call, isRollback }),
      restore: async () => {
        const before = previous[index];
        if (before !== undefined) await part.writeWeights(before);
      },
    }));
  }
}

/**
 * Accepts the weights to write as well: an interrupted write can have reached some rules of the target.
 *
 * @throws ResourceStateError when the target has other weights.
 */
async function requireUnchanged(
  part: SafeTarget,
  { before, to }: { readonly before: TrafficWeights; readonly to: TrafficWeights },
  options: CallOptions,
): Promise<void> {
  const expected = [before, part.nearestWeights(to)];
  const live = await part.readWeights({ ...options, expected });
  if (expected.some((it) => areSame(live, it))) return;
  throw new ResourceStateError('The weights were changed during the writes of other targets', {
    resource: part.description,
    expected: describeWeights(before),
    actual: describeWeights(live),
    remedy: 'Find out which other program changes the weights, then read them again',
  });
}

const originalSchema = v.object({
  parts: v.optional(v.array(v.nullable(v.record(v.string(), v.unknown()))), []),
});

const distinctSchema = v.object({
  targets: v.pipe(
    v.array(v.unknown()),
    v.check((targets) => new Set(targets).size === targets.length, 'targets that differ'),
  ),
});
