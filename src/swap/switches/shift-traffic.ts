import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import type { Permission } from '../../core/permissions.js';
import { strictObject } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { objectWith } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { ShiftProgress } from '../../traffic/shifter-options.js';
import type { TrafficShifter } from '../../traffic/traffic-shifter.js';
import type { ShiftStrategy } from '../../traffic/types.js';
import { asJson } from '../plan/json.js';
import type { JsonValue } from '../plan/step.js';
import type { ShiftAdvance, ShiftSwitch } from './types.js';

const argumentsSchema = strictObject({
  shifter: objectWith<TrafficShifter>('a TrafficShifter with the methods', [
    'parseRequest',
    'parseState',
    'begin',
    'advance',
    'rollBack',
    'getWeights',
    'summarize',
    'permissions',
  ]),
});

/**
 * Moves the traffic of a swap with a `TrafficShifter`, in the process that runs the swap. Its target is also the probe of the swap.
 *
 * @param strategy - steps of the shift; the last one has 100 %.
 * @throws InvalidInputError for a malformed strategy, or one that does not end at 100 %.
 */
export function shiftTraffic(shifter: TrafficShifter, strategy: ShiftStrategy): ShiftSwitch {
  parseInput('shiftTraffic', argumentsSchema, { shifter });
  const { strategy: parsed } = shifter.parseRequest({ incoming: 'blue', strategy });
  const { steps } = parseInput('shiftTraffic strategy', wholeSchema, parsed);
  const holdSeconds = steps.reduce((sum, step) => sum + step.holdSeconds, 0);
  return new ShifterSwitch(shifter, parsed, holdSeconds);
}

type RequestStrategy = ReturnType<TrafficShifter['parseRequest']>['strategy'];

/** A swap is over only with all the traffic on one stack. */
const wholeSchema = v.object({
  steps: v.pipe(
    v.array(v.object({ percent: v.number(), holdSeconds: v.number() })),
    v.check((steps) => steps.at(-1)?.percent === 100, 'a last step at 100 %'),
  ),
});

class ShifterSwitch implements ShiftSwitch {
  readonly kind = 'shift';
  readonly holdSeconds: number;
  readonly #shifter: TrafficShifter;
  readonly #strategy: RequestStrategy;

  constructor(shifter: TrafficShifter, strategy: RequestStrategy, holdSeconds: number) {
    this.#shifter = shifter;
    this.#strategy = strategy;
    this.holdSeconds = holdSeconds;
  }

  get description(): string {
    return this.#shifter.description;
  }

  /** The strategy is no part of it: the next swap may have another one. The state of a shift keeps the one that it began with. */
  get fingerprint(): string {
    return `shift ${this.#shifter.description}`;
  }

  get permissions(): readonly Permission[] {
    return this.#shifter.permissions();
  }

  percentByStack({ signal }: CallOptions = {}) {
    return this.#shifter.getWeights({ signal });
  }

  async begin(incoming: StackReference, options: CallOptions = {}): Promise<JsonValue> {
    return asJson(await this.#shifter.begin({ incoming, strategy: this.#strategy }, options));
  }

  async advance(state: JsonValue, options: CallOptions = {}): Promise<ShiftAdvance> {
    return this.#resultOf(await this.#shifter.advance(this.#shifter.parseState(state), options));
  }

  async rollBack(state: JsonValue, reason: string, options: CallOptions = {}): Promise<ShiftAdvance> {
    return this.#resultOf(await this.#shifter.rollBack(this.#shifter.parseState(state), reason, options));
  }

  #resultOf({ state, waitSeconds, outcome }: ShiftProgress): ShiftAdvance {
    const { reason } = this.#shifter.summarize(state);
    return {
      state: asJson(state),
      waitSeconds,
      ...(outcome && { outcome }),
      ...(reason !== undefined && { reason }),
    };
  }
}
