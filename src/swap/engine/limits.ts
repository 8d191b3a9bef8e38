/** Lifetime of a claim that is not renewed. */
export const claimMilliseconds = 90_000;

/** Time between two renewals of a claim. */
export const renewalMilliseconds = 30_000;

/** Last part of a claim, in which no change starts: a call that was sent before can still arrive. */
export const reserveMilliseconds = 15_000;

/** Time after the end of another process's claim before a process takes over: for its last calls, and for clocks that differ. */
export const takeoverMilliseconds = 30_000;

/** Attempts of a step's `run`. */
export const maxRunAttempts = 5;

/** Attempts of a step's `undo`. There is no other way out, so they are many. */
export const maxUndoAttempts = 20;

/** Seconds for one call of `isDone`, `isUndone` or `before`. */
export const maxLookSeconds = 120;

/** Seconds between two readings of the traffic or of a deployment. */
export const watchSeconds = 15;

/** Seconds until a change of weights is in effect at every load balancer node. The same as the default of `TrafficShifter`. */
export const trafficPropagationSeconds = 30;

/** Time after which the answer of a hook is late: 5 minutes before CodeDeploy's hour ends. */
export const lateHookMilliseconds = 55 * 60_000;

/** Seconds after which AWS is asked again to return the traffic. */
export const returnRequestSeconds = 300;
