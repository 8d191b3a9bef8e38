const maxCharacters = 1000;

/**
 * As much of a reason as is kept. A check or an error may say anything at any length, and the state with the reason travels
 * through services that refuse what is too long: Step Functions ends an execution then, wherever the traffic is.
 */
export function truncateReason(reason: string): string {
  if (reason.length <= maxCharacters) return reason;
  // Half of a character that takes two is no text any more.
  return `${reason.slice(0, maxCharacters - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
