import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { RecentWrites } from '../core/recent-writes.js';
import type { RdsApi } from './rds-api.js';

/** Dependencies of the procedures of AuroraTools. */
export interface AuroraContext {
  readonly api: RdsApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onTransition: 'wait' | 'fail';
  /** The starts and stops that RDS has accepted, by cluster. */
  readonly recentPower: RecentWrites<'start' | 'stop'>;
}

/** RDS may show the state before a start or a stop for a while after it has accepted it; this is ample. */
export const maxPowerLagSeconds = 60;

/** Seconds between two reads of a cluster that is waited for. */
export const pollSeconds = 15;

/** Clusters take minutes for each change; half an hour is more than the slowest that AWS documents. */
export const defaultWaitSeconds = 1800;

/** A clone takes minutes. A restored snapshot and a full copy take as long as their data is large. */
export const defaultCreationSeconds = 7200;

/** Seconds between two reads of a cluster that is being created. */
export const creationPollSeconds = 30;

/**
 * Refusals that are retried in a state in which RDS should not refuse. One may be a race or a stale read. After that, something
 * else forbids the change, such as a read replica in another Region.
 */
export const refusalsTolerated = 1;

/** Reads in a row that may lack a cluster which exists. RDS shows a new one within seconds, so more of them mean its deletion. */
export const missesTolerated = 4;
