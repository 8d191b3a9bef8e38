import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { weightsOfTargetGroups } from './simulated-load-balancer-actions.js';

/** A change of an action list. It takes effect some seconds after its time. */
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

/** Returns the actions that a read shows. */
export function latestActions(changes: readonly ActionChange[]): readonly Action[] {
  return changes.at(-1)?.actions ?? [];
}

/** Returns the actions in effect: those of the last change before a time. */
export function actionsInEffect(changes: readonly ActionChange[], before: number): readonly Action[] {
  return (changes.findLast(({ at }) => at <= before) ?? changes[0])?.actions ?? [];
}

/** Returns true when a read shows the target group in the actions, whatever its weight. */
export function names({ changes }: ActionHolder, targetGroupArn: string): boolean {
  return targetGroupArn in weightsOfTargetGroups(latestActions(changes));
}
