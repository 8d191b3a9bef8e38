import { SwapBindingError } from '../errors.js';
import type { SwapRecordItem } from '../record/types.js';
import type { SwapDependencies } from './swap-dependencies.js';

/** @throws SwapBindingError for an application of another service. */
export function requireFingerprint(
  { switch: mover, application, record }: SwapDependencies,
  item: SwapRecordItem | undefined,
): void {
  if (item?.fingerprint === undefined || item.fingerprint === mover.fingerprint) return;
  throw new SwapBindingError(
    `Application ${application} of ${record.description} belongs to another service`,
    {
      resource: application,
      expected: item.fingerprint,
      actual: mover.fingerprint,
      remedy: 'Use another application name for each pair of stacks',
    },
  );
}
