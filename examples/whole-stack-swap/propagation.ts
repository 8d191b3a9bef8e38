/**
 * A filter policy is in force everywhere up to 15 minutes after SNS has accepted it, and nothing tells when. Neither the
 * tests nor the traffic may come before, nor before the feed has told the new database everything once. One hook Lambda
 * cannot wait that long, so two share the wait.
 */
export const waitSeconds = { afterInstall: 780, afterAllowTestTraffic: 180 } as const;
