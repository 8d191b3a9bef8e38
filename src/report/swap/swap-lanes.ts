import { type Bar, type Lane, laneAxis, laneKey, lanesOf } from '../chart/lanes.js';
import { html, type Markup } from '../page/markup.js';
import { nameOf } from '../page/name-of.js';
import { foldedTable } from '../page/table.js';
import { duration, elapsed } from '../page/time-text.js';
import { type StepFailure, type StepList, type StepTimes, stepTimes } from './step-times.js';
import type { SwapModel } from './swap-model.js';

const listNames: Readonly<Record<StepList, string>> = {
  prepare: 'Prepare',
  test: 'Test',
  switch: 'Switch',
  retire: 'Retire',
};

/** Returns the phases and the steps of a swap as lanes over time, and as tables. */
export function swapLanes(swap: SwapModel): Markup {
  const steps = stepTimes(swap);
  const phases = phaseLanes(swap);
  if (steps.length === 0 && phases.length === 0) return html``;
  const { span } = swap;
  const groups = (['prepare', 'test', 'switch', 'retire'] as const).map((list) => ({
    list,
    lanes: steps.filter((step) => step.list === list).map((step) => laneOf(step, swap)),
  }));
  const sections = groups
    .filter(({ lanes }) => lanes.length > 0)
    .map(
      ({ list, lanes }) => html`<h4>${listNames[list]}</h4>
${laneAxis(span)}${lanesOf(lanes, span)}`,
    );
  const rows = groups.flatMap(({ list, lanes }) =>
    lanes.map(({ name, state }) => [name, listNames[list], state]),
  );
  return html`<h3>Plan</h3>
${laneKey([
  ['phase', 'phase'],
  ['run', 'change'],
  ['wait', 'wait until in effect'],
  ['undo', 'undo'],
])}${phaseSection(phases, swap)}${sections}${foldedTable({
  caption: 'Steps of the plan',
  headings: ['Step', 'List', 'State'],
  rows,
})}`;
}

function phaseSection(lanes: readonly Lane[], { span }: SwapModel): Markup {
  if (lanes.length === 0) return html``;
  return html`<h4>Phases</h4>
${laneAxis(span)}${lanesOf(lanes, span)}${foldedTable({
  caption: 'Phases of the swap',
  headings: ['Phase', 'Time'],
  rows: lanes.map(({ name, state }) => [name, state]),
})}`;
}

const phaseNames: Readonly<Record<string, string>> = {
  preparing: 'Preparing',
  testing: 'Testing',
  switching: 'Switching the traffic',
  baking: 'Baking',
  retiring: 'Retiring the outgoing stack',
  returningTraffic: 'Returning the traffic',
  undoing: 'Undoing',
  halted: 'Halted',
};

/** Returns a lane for each phase. A record has the present one only, and the hook that waits for a response. */
function phaseLanes({ history, recorded, span }: SwapModel): Lane[] {
  const changes = history.filter((event) => event.type === 'phaseChanged');
  const end = history.findLast((event) => event.type === 'ended')?.at ?? span.last;
  const ofHistory = changes.map(({ phase, at }, index) => ({
    phase,
    from: at,
    to: changes[index + 1]?.at ?? end,
  }));
  const present = recorded && [{ phase: recorded.phase, from: recorded.phaseSince, to: span.last }];
  const known = ofHistory.length > 0 ? ofHistory : (present ?? []);
  const lanes = known.map(({ phase, from, to }) => ({
    name: nameOf(phaseNames, phase),
    state: `from ${elapsed(from, span.from)}, ${duration(to - from)}`,
    bars: [{ kind: 'phase' as const, from, to }],
    failures: phase === 'halted' ? [from] : [],
  }));
  const hook = recorded?.hook;
  if (hook === undefined) return lanes;
  const state = `waits since ${elapsed(hook.since, span.from)}`;
  return [
    ...lanes,
    {
      name: `Hook ${hook.name}`,
      state,
      bars: [{ kind: 'wait', from: hook.since, to: span.last }],
      failures: [],
    },
  ];
}

function laneOf(step: StepTimes, swap: SwapModel): Lane {
  const { startedAt, doneAt, inEffectAt, undoAt, undoneAt, wasDone, failures } = step;
  const { last } = swap.span;
  const bars: Bar[] = [];
  const add = (kind: Bar['kind'], from: number | undefined, until: number | undefined) => {
    if (from !== undefined) bars.push({ kind, from, to: Math.max(from, until ?? last) });
  };
  const hasTurned = swap.outcome !== 'underWay' && swap.outcome !== 'succeeded';
  if (!wasDone) add('run', startedAt, doneAt ?? undoAt ?? (hasTurned ? failures.at(-1)?.at : undefined));
  if (doneAt !== undefined && inEffectAt !== undefined && inEffectAt > doneAt)
    add('wait', doneAt, inEffectAt);
  add('undo', undoAt, undoneAt);
  return {
    name: step.name,
    state: stateOf(step, swap.span.from),
    bars,
    failures: failures.flatMap(({ at }) => (at === undefined ? [] : [at])),
  };
}

/** Describes everything that the bars of a step show. */
function stateOf(step: StepTimes, from: number): string {
  const { stack, startedAt, doneAt, inEffectAt, undoAt, undoneAt, wasDone, failures } = step;
  const time = (at: number) => elapsed(at, from);
  const parts = [
    stack,
    wasDone ? 'was already done' : undefined,
    !wasDone && startedAt === undefined && doneAt === undefined ? 'not started' : undefined,
    !wasDone && startedAt !== undefined ? `started at ${time(startedAt)}` : undefined,
    !wasDone && doneAt !== undefined ? doneText(startedAt, doneAt, time) : undefined,
    inEffectAt !== undefined && inEffectAt > (doneAt ?? inEffectAt)
      ? `in effect at ${time(inEffectAt)}`
      : undefined,
    ...failuresInWords(failures, time),
    undoAt !== undefined && undoneAt === undefined ? `undo started at ${time(undoAt)}` : undefined,
    undoneAt !== undefined ? `undone at ${time(undoneAt)}` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Repeated failures are described once, with the time of the first one. */
function failuresInWords(failures: readonly StepFailure[], time: (at: number) => string): string[] {
  const kinds = new Map(failures.map((it) => [`${it.isOfUndo} ${it.failure}`, it]));
  return [...kinds.values()].map(({ failure: message, isOfUndo }) => {
    const own = failures.filter((it) => it.failure === message && it.isOfUndo === isOfUndo);
    const at = own[0]?.at;
    const times = own.length > 1 ? ` ${own.length} times, first` : '';
    return `${isOfUndo ? 'undo ' : ''}failed${times}${at === undefined ? '' : ` at ${time(at)}`}: ${message}`;
  });
}

function doneText(startedAt: number | undefined, doneAt: number, time: (at: number) => string): string {
  return startedAt === undefined ? `done at ${time(doneAt)}` : `done after ${duration(doneAt - startedAt)}`;
}
