import type { Action, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CallOptions } from '../../core/aws-call.js';
import { ResourceStateError } from '../../core/errors.js';
import { partnerOf, type StackPair, type StackReference } from '../../core/stack-reference.js';
import type { SetupChange, SetupProgress, TargetSetup } from '../types.js';
import { areSame, describeWeights } from '../weights.js';
import { type ActionsBefore, namesGroup, requireSplittable } from './added-groups.js';
import type { AlbSetupOptions } from './elastic-load-balancing.js';
import { forwardActionOf, weightsOfActions, withForward, withWeights } from './forward-action.js';
import { type OriginalForward, originalOf, originalsOf } from './original-forwards.js';

/** Settings of a load balancer target for the changes besides the weights. */
export interface AlbSetupRules extends AlbSetupOptions {
  readonly client: ElasticLoadBalancingV2Client;
  readonly targetGroups: StackPair<string>;
  /** IAM action that reads the action lists. */
  readonly readAction: string;
}

/**
 * Reads what a shift changes besides the weights: the target groups that an action names, and its group stickiness. Returns
 * undefined when nothing changes.
 *
 * @throws ResourceStateError for group stickiness without a decision of the caller, and where AWS would reject the change.
 */
export async function readAlbSetup(
  lists: readonly ActionsBefore[],
  incoming: StackReference,
  rules: AlbSetupRules,
  options: CallOptions,
): Promise<TargetSetup | undefined> {
  const { client, targetGroups, stickiness, detach } = rules;
  const sticky = lists.filter(({ resource, actions }) => stickinessOf(actions, resource)?.Enabled === true);
  if (sticky[0] !== undefined && stickiness === undefined) throw stuckSessions(sticky[0].resource);
  const unstuck = stickiness === 'disableWhileShifting' ? sticky : [];
  const attached = lists.filter(({ actions }) => !namesGroup(actions, targetGroups[incoming]));
  const split = [...attached, ...unstuck.map(withoutStickiness)];
  if (split.length > 0) await requireSplittable(client, split, targetGroups, options);
  if (split.length === 0 && detach === undefined) return undefined;
  return Object.fromEntries(
    lists.map(({ resource, actions }) => {
      const { TargetGroupArn, ForwardConfig } = forwardActionOf(actions, { resource });
      return [
        resource,
        { ...(TargetGroupArn && { TargetGroupArn }), ...(ForwardConfig && { ForwardConfig }) },
      ];
    }),
  );
}

/**
 * Returns the action lists to write for a change; empty when it is done.
 *
 * @throws InvalidInputError when the original is not of these rules or this listener.
 */
export function changedLists(
  lists: readonly ActionsBefore[],
  change: SetupChange,
  rules: AlbSetupRules,
): { readonly resource: string; readonly actions: Action[] }[] {
  const originals = originalsOf(change);
  return lists.flatMap((list) => {
    const original = originalOf(originals, list.resource);
    const actions = changedActions(list, original, change, rules);
    return actions === undefined ? [] : [{ resource: list.resource, actions }];
  });
}

/** Returns the progress after a call that wrote this number of lists. */
export function albProgress(written: number, change: SetupChange, rules: AlbSetupRules): SetupProgress {
  if (written > 0) return { status: 'written' };
  return { status: makesChange(change, rules) ? 'done' : 'unneeded' };
}

/** True when a shift with this original configuration makes the change, whatever is live. */
function makesChange(change: SetupChange, rules: AlbSetupRules): boolean {
  const { kind, incoming } = change;
  const forwards = Object.values(originalsOf(change));
  const togglesStickiness =
    rules.stickiness === 'disableWhileShifting' &&
    forwards.some(({ ForwardConfig }) => ForwardConfig?.TargetGroupStickinessConfig?.Enabled === true);
  if (togglesStickiness) return true;
  return kind === 'complete'
    ? rules.detach !== undefined
    : forwards.some(
        (forward) => !namesGroup([{ Type: 'forward', ...forward }], rules.targetGroups[incoming]),
      );
}

function changedActions(
  list: ActionsBefore,
  original: OriginalForward,
  change: SetupChange,
  rules: AlbSetupRules,
): Action[] | undefined {
  const { targetGroups, readAction: action } = rules;
  const owner = { resource: list.resource, action };
  const weights = weightsOfActions(list.actions, targetGroups, owner);
  const { kind, incoming } = change;
  if (kind === 'restore') return restoredActions(list, original, change, rules);
  if (kind === 'prepare' && isNewlySticky(list, original, rules))
    throw stuckSessions(
      list.resource,
      'It was switched on after the shift began: switch it off, or roll the shift back and begin it again with the option stickiness',
    );
  const isAttaching = kind === 'prepare' && !namesGroup(list.actions, targetGroups[incoming]);
  const outgoing = partnerOf(incoming);
  const isDetaching =
    kind === 'complete' &&
    rules.detach === 'outgoing' &&
    weights[outgoing] === 0 &&
    namesGroup(list.actions, targetGroups[outgoing]);
  const stickiness = changedStickiness(list, original, kind, rules);
  if (!isAttaching && !isDetaching && stickiness === undefined) return undefined;
  const named = isAttaching ? withWeights(list.actions, targetGroups, weights, owner) : list.actions;
  return withForward(named, owner, ({ ForwardConfig, TargetGroupArn: _short, ...forward }) => ({
    ...forward,
    ForwardConfig: {
      ...ForwardConfig,
      TargetGroups: ForwardConfig?.TargetGroups?.filter(
        ({ TargetGroupArn }) => !isDetaching || TargetGroupArn !== targetGroups[outgoing],
      ),
      ...(stickiness && { TargetGroupStickinessConfig: stickiness }),
    },
  }));
}

/** Returns the original forward action, with group stickiness as it is when another writer has changed it. */
function restoredActions(
  { resource, actions }: ActionsBefore,
  original: OriginalForward,
  { incoming }: SetupChange,
  rules: AlbSetupRules,
): Action[] | undefined {
  const { targetGroups, readAction: action } = rules;
  const owner = { resource, action };
  const before: Action[] = [{ Type: 'forward', ...original }];
  const stickiness = changedStickiness({ resource, actions }, original, 'restore', rules);
  const isAttached =
    namesGroup(actions, targetGroups[incoming]) && !namesGroup(before, targetGroups[incoming]);
  if (!isAttached && stickiness === undefined) return undefined;
  const live = weightsOfActions(actions, targetGroups, owner);
  const initial = weightsOfActions(before, targetGroups, owner);
  if (!areSame(live, initial)) {
    throw new ResourceStateError('The weights are not those from before the shift', {
      resource,
      expected: describeWeights(initial),
      actual: describeWeights(live),
      remedy: 'Roll the shift back again when the other change is finished',
    });
  }
  return withForward(actions, owner, ({ ForwardConfig, TargetGroupArn: _short, ...forward }) =>
    original.ForwardConfig === undefined
      ? { ...forward, TargetGroupArn: original.TargetGroupArn }
      : {
          ...forward,
          ForwardConfig: {
            ...ForwardConfig,
            ...(isAttached && { TargetGroups: original.ForwardConfig.TargetGroups }),
            ...(stickiness && { TargetGroupStickinessConfig: stickiness }),
          },
        },
  );
}

/** Returns the group stickiness to write; undefined when it stays. Only stickiness that a shift has switched off is restored. */
function changedStickiness(
  { resource, actions }: ActionsBefore,
  { ForwardConfig }: OriginalForward,
  kind: SetupChange['kind'],
  { stickiness: option }: AlbSetupRules,
) {
  const before = ForwardConfig?.TargetGroupStickinessConfig;
  if (option !== 'disableWhileShifting' || before?.Enabled !== true) return undefined;
  const isEnabled = stickinessOf(actions, resource)?.Enabled === true;
  if (kind === 'prepare') return isEnabled ? { Enabled: false } : undefined;
  return isEnabled ? undefined : before;
}

/** True for group stickiness since the beginning of the shift, such as during an approval, without a decision of the caller. */
function isNewlySticky(
  { resource, actions }: ActionsBefore,
  { ForwardConfig }: OriginalForward,
  { stickiness: option }: AlbSetupRules,
): boolean {
  const wasEnabled = ForwardConfig?.TargetGroupStickinessConfig?.Enabled === true;
  return option !== 'accept' && !wasEnabled && stickinessOf(actions, resource)?.Enabled === true;
}

function stickinessOf(actions: readonly Action[], resource: string) {
  return forwardActionOf(actions, { resource }).ForwardConfig?.TargetGroupStickinessConfig;
}

function withoutStickiness({ resource, actions }: ActionsBefore): ActionsBefore {
  const off = (forward: Action) => ({
    ...forward,
    ForwardConfig: { ...forward.ForwardConfig, TargetGroupStickinessConfig: { Enabled: false } },
  });
  return { resource, actions: withForward(actions, { resource }, off) };
}

function stuckSessions(
  resource: string,
  remedy = "Set stickiness to 'disableWhileShifting', which restores it afterwards, or to 'accept' when clients may stay until their cookie expires",
): ResourceStateError {
  return new ResourceStateError(
    'Group stickiness keeps clients in their target group, whatever the weights are',
    {
      resource,
      expected: 'a forward action without group stickiness, or the option stickiness',
      actual: 'TargetGroupStickinessConfig.Enabled: true',
      remedy,
    },
  );
}
