import { type Random, thin } from './random.js';

/** Requests of a stack in one period, and the failed ones among them by kind. */
export interface Counts {
  readonly requests: number;
  readonly failures: readonly number[];
}

/** Conditions of a split. */
export interface SplitOptions {
  /** Share of the incoming stack, 0 to 1. */
  readonly share: number;
  /** Probability with which a successful request of the incoming stack fails because of the injected regression. */
  readonly injectedRate: number;
  /** Source of numbers for the successful requests. */
  readonly random: Random;
  /** Source of numbers for a kind of failures. */
  readonly randomOf: (kind: number) => Random;
}

/** Counts of both stacks, and the failures of the incoming one that were injected. */
export interface SplitCounts {
  readonly incoming: Counts;
  readonly outgoing: Counts;
  readonly injected: number;
}

/**
 * Assigns each request of a period to one of the stacks at random, and failed ones apart from the others: a stack never has more
 * failures than requests unless the past had. Without chance, both stacks would have the same rate, and no false stop would show.
 */
export function splitCounts({ requests, failures }: Counts, options: SplitOptions): SplitCounts {
  const { share, injectedRate, random, randomOf } = options;
  const failed = failures.map((count, kind) => thin(count, share, randomOf(kind)));
  const served = thin(Math.max(0, requests - sum(failures)), share, random);
  const injected = thin(served, injectedRate, random);
  // Failures without their requests stay as inconsistent as they are.
  const incoming = Math.min(requests, sum(failed) + served);
  return {
    incoming: {
      requests: incoming,
      failures: failed.map((count, kind) => (kind === 0 ? count + injected : count)),
    },
    outgoing: {
      requests: requests - incoming,
      failures: failures.map((count, kind) => count - (failed[kind] ?? 0)),
    },
    injected,
  };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
