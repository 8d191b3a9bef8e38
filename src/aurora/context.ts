import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { LastPower } from './last-power.js';
import type { RdsApi } from './rds-api.js';

/** What the procedures of AuroraTools work with. */
export interface AuroraContext {
  readonly api: RdsApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onTransition: 'wait' | 'fail';
  readonly lastPower: LastPower;
}

/** How often a cluster is looked at while it is waited for. */
export const pollSeconds = 15;

/** Clusters take minutes for each change; half an hour is more than the slowest that AWS documents. */
export const defaultWaitSeconds = 1800;

/**
 * A refusal that comes again after an interval, in a state in which RDS should not refuse, is not a race or a stale read:
 * the cluster has something else, such as a global database, that forbids the change.
 */
export const refusalsTolerated = 1;
