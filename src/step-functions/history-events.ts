/*
 * How the history of an execution grows. AWS ends an execution whose history has 25,000 events, wherever the traffic is
 * then, so the machine starts itself anew long before.
 */

/** An execution with more of them fails. */
export const maxHistoryEvents = 25_000;

/** A state that is entered and exited. */
export const eventsPerState = 2;

/** TaskScheduled, TaskStarted, and TaskSucceeded or TaskFailed. */
export const eventsPerAttempt = 3;

/** Attempts after the first one that a task of the shift is given. */
export const retriesPerCall = 5;

/** Attempts after the first one that a task of the rollback is given. */
export const retriesPerRollback = 60;

/** A call that goes well at once: Advance, Decide and Wait. */
export const eventsPerCall = 3 * eventsPerState + eventsPerAttempt;

/** A call for which every attempt but the last fails. */
const maxEventsPerCall = eventsPerCall + retriesPerCall * eventsPerAttempt;

/** For the beginning, a rollback that is retried to the end, the tasks of the user and the new execution. */
const reservedEvents = 3_000;

/** However badly it goes, so many calls fit into one execution. */
export const maxCallsPerExecution =
  Math.floor((maxHistoryEvents - reservedEvents) / maxEventsPerCall / 100) * 100;
