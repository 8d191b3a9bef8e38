import * as v from 'valibot';
import { shiftSchema } from '../input/shift-schema.js';
import type { SwapEventPart, SwapPart } from '../input/swap-schema.js';
import { type Content, html, type Markup } from '../page/markup.js';
import { percent } from '../page/number-text.js';
import { tableOf } from '../page/table.js';
import { duration, elapsed, utc } from '../page/time-text.js';
import type { PartOutcome, ReportPart } from '../report-part.js';
import { shiftPart } from '../shift/shift-part.js';
import { swapFailure } from './swap-failure.js';
import { swapLanes } from './swap-lanes.js';
import { outcomeOfEnd, type SwapModel, type SwapOutcome, swapModel } from './swap-model.js';

const outcomes: Readonly<Record<SwapOutcome, PartOutcome>> = {
  succeeded: { text: 'succeeded', kind: 'good' },
  rolledBack: { text: 'rolled back', kind: 'bad' },
  endedByHand: { text: 'ended by hand', kind: 'bad' },
  halted: { text: 'halted', kind: 'bad' },
  returning: { text: 'rolling back', kind: 'bad' },
  underWay: { text: 'in progress', kind: 'open' },
  none: { text: 'no swap is under way', kind: 'open' },
};

/** Returns the parts of a swap: the swap itself, and its traffic shift when the record has one. */
export function swapParts(input: SwapPart, id: string): ReportPart[] {
  const swap = swapModel(input);
  const stack = swap.incoming === undefined ? '' : ` to ${swap.incoming}`;
  const own: ReportPart = {
    title: `Swap${swap.application === undefined ? '' : ` of ${swap.application}`}${stack}`,
    outcome: outcomes[swap.outcome],
    failure: swapFailure(swap),
    facts: factsOf(swap),
    body: [swapLanes(swap), statusSteps(swap), events(swap), endedSwaps(input)],
  };
  const shift = v.safeParse(shiftSchema, { state: swap.recorded?.shift });
  return shift.success && shift.output.state !== undefined
    ? [own, shiftPart(shift.output, `${id}-shift`)]
    : [own];
}

function factsOf({ swapId, owner, startedAt, span, status, recorded }: SwapModel): [string, Content][] {
  const entries: [string, string | undefined][] = [
    ['Swap', swapId],
    ['Owner', owner],
    ['Status of the owner', status?.swap?.ownerStatus],
    ['Live stack', status?.live],
    ['Production traffic', status && trafficInWords(status.traffic)],
    ['Began', startedAt === undefined ? undefined : utc(startedAt)],
    ['Time covered', startedAt === undefined ? undefined : duration(span.last - span.from)],
    ['Switched', recorded?.switchedAt === undefined ? undefined : utc(recorded.switchedAt)],
    ['Next', status?.next],
  ];
  return entries.flatMap(([term, value]) => (value === undefined ? [] : [[term, value]]));
}

function trafficInWords(traffic: NonNullable<SwapPart['status']>['traffic']): string {
  if ('error' in traffic) return `could not be read: ${traffic.error}`;
  return `blue ${percent(traffic.blue)}, green ${percent(traffic.green)}`;
}

/** Returns the steps of a status, which have no times, unless the record or the history has them. */
function statusSteps({ status, recorded, history }: SwapModel): Markup {
  const steps = status?.swap?.steps ?? [];
  if (steps.length === 0 || recorded !== undefined || history.length > 0) return html``;
  const words = {
    open: 'not started',
    alreadyDone: 'was already done',
    started: 'started',
    done: 'done',
    undoing: 'undoing',
    undone: 'undone',
  };
  return html`<h3>Plan</h3>
${tableOf({
  caption: 'Steps of the plan',
  headings: ['Step', 'Stack', 'State'],
  rows: steps.map(({ name, stack, state, inEffectAt, failure }) => {
    const parts = [words[state], inEffectAt && `in effect at ${inEffectAt}`, failure && `failed: ${failure}`];
    return [name, stack, parts.filter((part) => part !== undefined && part !== '').join(' · ')];
  }),
})}`;
}

function events({ history, startedAt = 0 }: SwapModel): Markup {
  if (history.length === 0) return html``;
  return html`<h3>Events</h3>
${tableOf({
  caption: 'Events of the swap',
  headings: ['Time', 'Event'],
  isTimed: true,
  rows: history.map((event) => [elapsed(event.at, startedAt), eventInWords(event)]),
})}`;
}

function eventInWords(event: SwapEventPart): string {
  switch (event.type) {
    case 'started':
      return `Started: to ${event.incoming}, by ${event.owner}`;
    case 'phaseChanged':
      return `Phase: ${event.phase}${event.reason === undefined ? '' : `: ${event.reason}`}`;
    case 'rollbackRequested':
      return `Rollback requested${event.requestedBy === undefined ? '' : ` by ${event.requestedBy}`}: ${event.reason}`;
    case 'stepStarted':
      return `Started: ${event.step}`;
    case 'stepDone':
      return `Done: ${event.step}`;
    case 'stepSkipped':
      return `Already done: ${event.step}`;
    case 'stepFailed':
      return `Failed: ${event.step}: ${event.failure}`;
    case 'undoStarted':
      return `Undo started: ${event.step}`;
    case 'stepUndone':
      return `Undone: ${event.step}`;
    case 'ended':
      return `Ended: ${outcomes[outcomeOfEnd(event.end)].text}${event.reason === undefined ? '' : `: ${event.reason}`}`;
  }
}

function endedSwaps({ record }: SwapPart): Markup {
  const ended = record?.ended ?? [];
  if (ended.length === 0) return html``;
  return html`<h3>Ended swaps</h3>
${tableOf({
  caption: 'Ended swaps of the application, newest first',
  headings: ['Ended', 'Incoming', 'Outcome'],
  rows: ended
    .toReversed()
    .map(({ endedAt, incoming, end, reason }) => [
      utc(endedAt),
      incoming,
      `${outcomes[outcomeOfEnd(end)].text}${reason === undefined ? '' : `: ${reason}`}`,
    ]),
})}`;
}
