const maxCharacters = 1000;

/**
 * Truncates a reason. The text of a check or an error can have any length, and the state with the reason passes through services
 * with a size limit. Step Functions fails an execution whose state is too large, wherever the traffic is.
 */
export function truncateReason(reason: string): string {
  if (reason.length <= maxCharacters) return reason;
  // Half of a surrogate pair is not valid text.
  return `${reason.slice(0, maxCharacters - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
