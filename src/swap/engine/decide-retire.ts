import { partnerOf } from '../../core/stack-reference.js';
import { type StepGroup, stepsIn } from '../plan/swap-plan.js';
import type { OrphanStep } from '../record/types.js';
import { decideGroups, decideLook } from './decide-forward.js';
import { isChanged } from './decide-group.js';
import type { Decision, ItemChange, SwapView } from './decision.js';
import { watchSeconds } from './limits.js';
import { endSwap, enterPhase, forgetDone, halt, recordOf, truncateFailure } from './transitions.js';

/** Waits until the traffic can no longer return by itself. */
export function decideBake(view: SwapView): Decision {
  const { swap, rules, truth, now } = view;
  if (rules.kind === 'shift') {
    const until = (swap.switchedAt ?? swap.phaseSince) + rules.bakeSeconds * 1000;
    if (until > now) return { action: 'wait', until, detail: 'the end of the bake' };
  } else if (truth.owner?.state !== 'succeeded') {
    const detail = `the end of the deployment (${truth.owner?.detail ?? 'unknown'})`;
    return { action: 'wait', until: now + watchSeconds * 4000, detail };
  }
  return decideTraffic(view) ?? { action: 'write', change: enterPhase('retiring', now) };
}

/** Runs the steps of `retire`. A failure moves nothing back: the steps that are left become orphans. */
export function decideRetire(view: SwapView): Decision {
  const { now } = view;
  // A change that no longer holds is left to the next attempt, too.
  const orphans =
    (failure: string, lost: StepGroup = []): ItemChange =>
    (item) => {
      const { swap, ...rest } = forgetDone(lost)(item) ?? item;
      return swap && endWithOrphans({ ...view, swap }, failure)({ ...rest, swap });
    };
  return (
    decideGroups(view, 'retire', orphans, (it) => decideTraffic(it)) ??
    decideLook(view, 'retire', orphans) ?? { action: 'write', change: endSwap('succeeded', now) }
  );
}

/** Decides while the incoming stack does not have all the traffic for good; undefined when it has. */
function decideTraffic(view: SwapView): Decision | undefined {
  const others = waitForOthers(view);
  if (others !== undefined) return others;
  const { swap, truth, now } = view;
  if (truth.percents === undefined) return { action: 'ask', question: 'traffic' };
  const { incoming } = swap;
  const outgoing = partnerOf(incoming);
  if (truth.percents[incoming] === 100 && truth.percents[outgoing] === 0) return undefined;
  const reason =
    `the traffic was moved outside the swap: expected 100 % for the ${incoming} stack, got ${truth.percents[incoming]} % ` +
    `(${outgoing}: ${truth.percents[outgoing]} %). ${wayOutOf(view)}`;
  return { action: 'write', change: halt(reason, now) };
}

/** The outgoing stack can serve users again only while no step of `retire` has changed it. */
function wayOutOf({ plan, swap, rules }: SwapView): string {
  const { incoming } = swap;
  const outgoing = partnerOf(incoming);
  const resume = `Move all traffic to ${incoming}, then resume`;
  const changed = stepsIn(plan, 'retire').filter(
    ({ name, side }) => side === 'outgoing' && isChanged(recordOf(swap, name)),
  );
  if (changed.length === 0) {
    // After the end of a deployment AWS does not return its traffic, so no rollback is possible.
    const back = rules.kind === 'shift' ? 'roll back' : `adopt ${outgoing}`;
    return `Nothing of the ${outgoing} stack is switched off yet. ${resume}; or all to ${outgoing}, then ${back}`;
  }
  const names = changed.map(({ name }) => `"${name}"`).join(', ');
  return `The ${outgoing} stack is not complete any more (begun: ${names}), and nothing more of it is switched off. ${resume}`;
}

/** Waits while another deployment of the group is under way: it, or its rollback, moves the traffic. */
export function waitForOthers({ rules, truth, now }: SwapView): Decision | undefined {
  if (rules.kind === 'shift' || truth.isAnotherUnderWay === false) return undefined;
  if (truth.isAnotherUnderWay === undefined) return { action: 'ask', question: 'another' };
  const detail = 'the end of another deployment of the group';
  return { action: 'wait', until: now + watchSeconds * 4000, detail };
}

/** Ends the swap as succeeded. The steps of `retire` that are left become orphans, in order. */
export function endWithOrphans({ plan, swap, now }: SwapView, failure: string): ItemChange {
  const outgoing = partnerOf(swap.incoming);
  const orphans = stepsIn(plan, 'retire')
    .filter(({ name }) => recordOf(swap, name).doneAt === undefined)
    .map(({ name, side }): OrphanStep => {
      const record = recordOf(swap, name);
      return {
        swapId: swap.id,
        owner: swap.owner,
        step: name,
        stack: side === 'incoming' ? swap.incoming : outgoing,
        reason: truncateFailure(failure),
        ...(record.claimedAt !== undefined && { record }),
      };
    });
  return endSwap('succeeded', now, { orphans, reason: failure });
}
