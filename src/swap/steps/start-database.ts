import type { SwapStep } from '../plan/step.js';
import { databasePowerStep, type SwapDatabasePower } from './database-power.js';
import type { StepOptions } from './step-options.js';

/**
 * Creates a step that starts the stack's database cluster. It is done when the cluster is available. A cluster that is still
 * stopping is started afterwards. Its undo stops the cluster, unless the cluster ran or was being started before.
 *
 * @param options - `name` is `'start database'`, and `maxWaitSeconds` is 1800 by default.
 * @remarks IAM: the actions of `AuroraTools.startDatabase` and `stopDatabase`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function startDatabase(database: SwapDatabasePower, options: StepOptions = {}): SwapStep {
  return databasePowerStep('startDatabase', database, options);
}
