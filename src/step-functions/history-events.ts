/*
 * Size of an execution's history. AWS fails an execution whose history has 25,000 events, wherever the traffic is then, so the
 * machine continues in a new execution long before.
 */

/** Quota of Step Functions: an execution with more events fails. */
export const maxHistoryEvents = 25_000;

/** StateEntered and StateExited. */
export const eventsPerState = 2;

/** TaskScheduled, TaskStarted, and TaskSucceeded or TaskFailed. */
export const eventsPerAttempt = 3;

/** Retries of a task of the shift. */
export const retriesPerCall = 5;

/** Retries of a task of the rollback. */
export const retriesPerRollback = 60;

/** Advance, Decide and Wait, without a retry. */
export const eventsPerCall = 3 * eventsPerState + eventsPerAttempt;

/** Advance, Decide and Wait, with all retries. */
const maxEventsPerCall = eventsPerCall + retriesPerCall * eventsPerAttempt;

/** Events of the beginning, a rollback with all retries, the user's tasks and the new execution. */
const reservedEvents = 3_000;

/** Calls that fit into one execution even with all retries. */
export const maxCallsPerExecution =
  Math.floor((maxHistoryEvents - reservedEvents) / maxEventsPerCall / 100) * 100;
