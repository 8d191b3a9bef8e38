import type { StackPair, StackReference } from '../../core/stack-reference.js';

/** Clients that got their cookie at the same time, as shares of all clients. */
interface Cohort {
  readonly since: number;
  readonly shares: Record<StackReference, number>;
}

const stacks = ['blue', 'green'] as const satisfies readonly StackReference[];

/** The action in effect for the requests. */
export interface StickyAction {
  /** The weights, on any scale; undefined for a stack that the action does not name. */
  readonly weights: Readonly<Record<StackReference, number | undefined>>;
  /** Seconds for which a client keeps its cookie. */
  readonly stickinessSeconds: number;
}

/**
 * The clients of a load balancer with group stickiness. A client keeps its target group until its cookie ends or the group
 * leaves the action; the weights decide for clients without a cookie alone. A client sends requests for `sessionSeconds`,
 * then a new one takes its place.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
export class StickySessions {
  readonly #leavingPerSecond: number;
  /** Oldest first. */
  #cohorts: Cohort[] = [];

  constructor(sessionSeconds: number) {
    this.#leavingPerSecond = 1 / sessionSeconds;
  }

  /** Drops every cookie, because stickiness is off. */
  clear(): void {
    this.#cohorts = [];
  }

  /** Returns the shares of one second's requests, by the stack that serves them. */
  nextSecond(now: number, { weights, stickinessSeconds }: StickyAction): StackPair<number> {
    for (const stack of stacks) if (weights[stack] === undefined) this.#forget(stack);
    this.#cohorts = this.#cohorts.filter(({ since }) => since + stickinessSeconds * 1000 > now);
    this.#leave();
    const withoutCookie = 1 - this.#total();
    const fresh = split(weights);
    this.#cohorts.push({
      since: now,
      shares: { blue: withoutCookie * fresh.blue, green: withoutCookie * fresh.green },
    });
    return { blue: this.#shareOf('blue'), green: this.#shareOf('green') };
  }

  #forget(stack: StackReference): void {
    for (const { shares } of this.#cohorts) shares[stack] = 0;
  }

  /** Removes the oldest clients first. */
  #leave(): void {
    let left = this.#leavingPerSecond;
    for (const { shares } of this.#cohorts) {
      const size = shares.blue + shares.green;
      const staying = size > left ? (size - left) / size : 0;
      left -= size - size * staying;
      for (const stack of stacks) shares[stack] *= staying;
      if (staying > 0) break;
    }
    this.#cohorts = this.#cohorts.filter(({ shares }) => shares.blue + shares.green > 0);
  }

  #total(): number {
    return this.#shareOf('blue') + this.#shareOf('green');
  }

  #shareOf(stack: StackReference): number {
    return this.#cohorts.reduce((sum, { shares }) => sum + shares[stack], 0);
  }
}

/** The shares of requests that follow the weights. */
export function split(weights: Readonly<Record<StackReference, number | undefined>>): StackPair<number> {
  const { blue = 0, green = 0 } = weights;
  const total = blue + green;
  return total > 0 ? { blue: blue / total, green: green / total } : { blue: 0, green: 0 };
}
