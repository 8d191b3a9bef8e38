import type { SwapStep } from '../plan/step.js';
import { databasePowerStep, type SwapDatabasePower } from './database-power.js';
import type { StepOptions } from './step-options.js';

/**
 * Creates a step that stops the stack's database cluster. It is done when the cluster is stopped; RDS starts it by itself after
 * seven days. Its undo starts the cluster, unless the cluster was stopped or being stopped before.
 *
 * @param options - `name` is `'stop database'`, and `maxWaitSeconds` is 1800 by default.
 * @remarks IAM: the actions of `AuroraTools.startDatabase` and `stopDatabase`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function stopDatabase(database: SwapDatabasePower, options: StepOptions = {}): SwapStep {
  return databasePowerStep('stopDatabase', database, options);
}
