import type { TargetHealth } from '../types.js';

/** Health of one of several targets; undefined when it cannot read health. */
export interface PartHealth {
  readonly name: string;
  readonly health: TargetHealth | undefined;
}

/** Returns the health of the part with the fewest healthy instances, with the details of every part. */
export function leastHealthy(parts: readonly PartHealth[]): TargetHealth {
  const known = parts.flatMap(({ health }) => health ?? []);
  const least = known.reduce((one, other) => (other.healthy < one.healthy ? other : one), known[0] ?? none);
  const detail = parts
    .flatMap(({ name, health }) => (health?.detail ? [`${name}: ${health.detail}`] : []))
    .join('; ');
  return { healthy: least.healthy, total: least.total, ...(detail && { detail }) };
}

const none: TargetHealth = { healthy: 0, total: 0 };
