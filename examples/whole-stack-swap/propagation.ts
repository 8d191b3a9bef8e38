/**
 * A filter policy is in force everywhere up to 15 minutes after SNS has accepted it, and nothing tells when. The
 * traffic must not move before. One hook Lambda cannot wait that long, so two hooks share the wait.
 */
export const propagationSeconds = { afterInstall: 600, beforeAllowTraffic: 300 } as const;
