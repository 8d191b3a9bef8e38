import type { Fault, MetFault } from '../../../src/testing/index.js';

/** Disturbances that a run of many schedules has to contain. */
export const ingredients = [
  'killed processes',
  'clocks that stood still',
  'throttled calls',
  'calls with a server error',
  'calls without a response',
  'lost responses',
  'denied calls',
  'stale reads',
  'duplicate invocations',
  'late invocations',
  'lost invocations',
  'duplicate events',
  'late events',
  'lost events',
  'stops with a rollback',
  'stops without a rollback',
  'stops as the group decides',
  'requests to roll back',
  'rollback deployments with hooks',
  'rollback deployments without hooks',
  'revisions outside a swap',
  'revisions during a swap',
  'hotfixes outside a swap',
  'hotfixes during a swap',
] as const;

export type Ingredient = (typeof ingredients)[number];

const faults = {
  killBefore: 'killed processes',
  killAfter: 'killed processes',
  throttle: 'throttled calls',
  serverError: 'calls with a server error',
  timeout: 'calls without a response',
  lostResponse: 'lost responses',
  accessDenied: 'denied calls',
  staleRead: 'stale reads',
} as const satisfies Partial<Record<Extract<Fault['kind'], string>, Ingredient>>;

/** Counts the disturbances of a schedule that took place: a planned one can come too late. */
export class Ingredients {
  readonly counts = new Map<Ingredient, number>();

  add(ingredient: Ingredient): void {
    this.counts.set(ingredient, (this.counts.get(ingredient) ?? 0) + 1);
  }

  /** Adds the faults that calls have met. */
  addFaults(met: readonly MetFault[]): void {
    for (const { kind } of met) {
      if (kind instanceof Error) continue;
      if (typeof kind === 'object') this.add('clocks that stood still');
      else if (isCounted(kind)) this.add(faults[kind]);
    }
  }
}

function isCounted(fault: string): fault is keyof typeof faults {
  return Object.hasOwn(faults, fault);
}
