/**
 * Seconds that two hooks wait until a filter policy is in effect everywhere. SNS takes up to 15 minutes and does not report the
 * end. One round of the feed, which fills the new database, is included. One hook Lambda cannot wait that long.
 */
export const waitSeconds = { afterInstall: 780, afterAllowTestTraffic: 180 } as const;
