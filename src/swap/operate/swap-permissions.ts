import type { Permission } from '../../core/permissions.js';
import { stepsIn } from '../plan/swap-plan.js';
import type { SwapSettings } from '../swap-options.js';
import { hookResponse } from '../switches/permissions.js';

/** Returns the permissions of the steps, the record, the switch and its hooks, each once. */
export function permissionsOf({ plan, record, switch: mover }: SwapSettings): readonly Permission[] {
  const steps = stepsIn(plan, 'prepare', 'test', 'retire').flatMap(({ permissions }) => permissions);
  const hooks = mover.kind === 'codeDeploy' ? [hookResponse] : [];
  const all = [...steps, ...(record.permissions ?? []), ...mover.permissions, ...hooks];
  const byText = new Map(all.map((permission) => [JSON.stringify(permission), permission]));
  return [...byText.values()];
}
