import { truncate } from '../core/truncate.js';

const maxCharacters = 1000;

/**
 * Truncates a reason. The text of a check or an error can have any length, and the state with the reason passes through services
 * with a size limit. Step Functions fails an execution whose state is too large, wherever the traffic is.
 */
export function truncateReason(reason: string): string {
  return reason.length <= maxCharacters ? reason : truncate(reason, maxCharacters - 1);
}
