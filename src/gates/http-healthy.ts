import * as v from 'valibot';
import { parseInput } from '../core/validate.js';
import { type HttpCheckOptions, httpCheck } from '../traffic/checks/http-check.js';
import type { Check } from '../traffic/types.js';
import { createGate, stackOf } from './gate.js';
import { gateEntries, type StackGateOptions, stackEntry } from './gate-options.js';
import { gatePermissions } from './permissions.js';

/** Options of {@link httpHealthy}. */
export type HttpHealthyOptions = Omit<StackGateOptions, 'timeoutSeconds'> & HttpCheckOptions;

const ownSchema = v.looseObject({ ...stackEntry, whileClosed: gateEntries.whileClosed });

/**
 * Passes when a URL responds with a healthy status, and optionally a healthy body, as `httpCheck` does. By default a step waits
 * until it is healthy.
 *
 * @example
 * ```ts
 * import { httpHealthy } from 'aws-blue-green-toolkit/gates';
 * import { check } from 'aws-blue-green-toolkit/swap';
 *
 * const healthy = check(httpHealthy({ url: 'https://green.example.com/health' }), { maxWaitSeconds: 300 });
 * ```
 *
 * @throws InvalidInputError when an option is missing, unknown or malformed.
 */
export function httpHealthy(options: HttpHealthyOptions): Check {
  const { stack, whileClosed, ...rest } = parseInput('httpHealthy options', ownSchema, options);
  const inner = httpCheck(rest as unknown as HttpCheckOptions);
  return createGate({
    name: inner.name,
    // HTTP takes real time, which the clock of a simulation does not measure.
    settings: { dryRun: inner.dryRun ?? false, whileClosed, timeoutSeconds: undefined },
    permissions: gatePermissions.httpHealthy,
    async read(context) {
      const { outcome, detail, value } = await inner.evaluate({
        ...context,
        incoming: stackOf(stack, context),
      });
      return { state: outcome === 'pass' ? 'open' : 'closed', detail, value };
    },
  });
}
