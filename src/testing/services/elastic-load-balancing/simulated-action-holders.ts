import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { weightsOfTargetGroups } from './simulated-load-balancer-actions.js';

/** An action list and the time of its change: it takes effect some seconds later. */
export interface ActionChange {
  readonly at: number;
  readonly actions: readonly Action[];
}

/** The default action of a listener, or the actions of a rule. */
export interface ActionHolder {
  readonly arn: string;
  readonly listenerArn: string;
  changes: ActionChange[];
}

/** The actions that a read returns. */
export function latestActions(changes: readonly ActionChange[]): readonly Action[] {
  return changes.at(-1)?.actions ?? [];
}

/** The actions that traffic follows: those of the last change that was made before a time. */
export function actionsInEffect(changes: readonly ActionChange[], before: number): readonly Action[] {
  return (changes.findLast(({ at }) => at <= before) ?? changes[0])?.actions ?? [];
}

/** True when a read shows the target group in the actions, whatever its weight. */
export function names({ changes }: ActionHolder, targetGroupArn: string): boolean {
  return targetGroupArn in weightsOfTargetGroups(latestActions(changes));
}
