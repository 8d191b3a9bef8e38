import type { Clock } from './clock.js';
import { AccessDeniedError } from './errors.js';

interface Change<Value> {
  /** `undefined` when nobody knows the outcome. */
  readonly value: Value | undefined;
  readonly at: number;
}

/** The longest that AWS names for a change to be known everywhere: that of an SNS filter policy. */
const maxLagSeconds = 900;

/**
 * What a tool has set last, by resource. AWS may answer a read with what was before a change: a look that shows the wanted
 * value proves nothing when the tool itself has set another one since, so the tool sets the wanted one again. Once a change
 * is known everywhere it is forgotten: a tool may live on for days, and then a look shows what others have set since.
 */
export class RecentWrites<Value> {
  readonly #changes = new Map<string, Change<Value>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes a change of one resource, or of several at once. When it fails, it may have been made all the same. */
  async change<T>(resources: readonly string[], value: Value, send: () => Promise<T>): Promise<T> {
    try {
      const answer = await send();
      this.#note(resources, value);
      return answer;
    } catch (error) {
      // For want of a permission nothing was changed: what is right already needs none.
      if (!(error instanceof AccessDeniedError)) this.#note(resources);
      throw error;
    }
  }

  /** What was set last; `undefined` when nothing was, or when nobody knows. */
  get(resource: string): Value | undefined {
    return this.#recent(resource)?.value;
  }

  /** Whether a look that shows this value may be older than a change to another one. */
  mayBeOther(resource: string, shown: Value): boolean {
    const change = this.#recent(resource);
    return change !== undefined && change.value !== shown;
  }

  #note(resources: readonly string[], value?: Value): void {
    for (const resource of resources) this.#changes.set(resource, { value, at: this.#clock.now() });
  }

  #recent(resource: string) {
    const change = this.#changes.get(resource);
    return change && this.#clock.now() - change.at < maxLagSeconds * 1000 ? change : undefined;
  }
}
