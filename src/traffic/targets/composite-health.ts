import type { SetupProgress, TargetHealth } from '../types.js';

/** Health of one of several targets; undefined when it cannot read health. */
export interface PartHealth {
  readonly name: string;
  readonly health: TargetHealth | undefined;
}

/** Returns the health of the part with the fewest healthy instances, with the details of every part. */
export function leastHealthy(parts: readonly PartHealth[]): TargetHealth {
  const known = parts.flatMap(({ health }) => health ?? []);
  const least = known.reduce((one, other) => (other.healthy < one.healthy ? other : one), known[0] ?? none);
  const pending = known.reduce((sum, health) => sum + (health.pending ?? 0), 0);
  const detail = parts
    .flatMap(({ name, health }) => (health?.detail ? [`${name}: ${health.detail}`] : []))
    .join('; ');
  return {
    healthy: least.healthy,
    total: least.total,
    ...(pending > 0 && { pending }),
    ...(detail && { detail }),
  };
}

const none: TargetHealth = { healthy: 0, total: 0 };

const order = ['written', 'pending', 'done', 'unneeded'] as const;

/** Returns the progress of the part that is farthest from its end. */
export function leastProgress(parts: readonly SetupProgress[]): SetupProgress {
  const status = order.find((it) => parts.some((part) => part.status === it)) ?? 'unneeded';
  const detail = parts
    .flatMap((part) => (part.status === status && part.detail ? [part.detail] : []))
    .join('; ');
  return { status, ...(detail && { detail }) };
}
