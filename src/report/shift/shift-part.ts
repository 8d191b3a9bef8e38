import { partnerOf } from '../../core/stack-reference.js';
import { checkSections, outcomeOf } from '../checks/check-sections.js';
import type { CheckedChange } from '../checks/checked-change.js';
import type { ShiftEventPart, ShiftPart } from '../input/shift-schema.js';
import { type Content, html, type Markup } from '../page/markup.js';
import { count, percent } from '../page/number-text.js';
import { tableOf } from '../page/table.js';
import { duration, elapsed, utc } from '../page/time-text.js';
import type { PartOutcome, ReportPart } from '../report-part.js';
import { shiftFailure } from './shift-failure.js';
import { type ShiftModel, shiftModel } from './shift-model.js';
import { weightsSection } from './weights-chart.js';

/** Returns the part of a traffic shift. */
export function shiftPart(input: ShiftPart, id: string): ReportPart {
  const shift = shiftModel(input);
  return {
    title: `Traffic shift${shift.incoming === undefined ? '' : ` to ${shift.incoming}`}`,
    outcome: outcomes[shift.phase],
    failure: shiftFailure(shift),
    facts: factsOf(shift),
    body: [
      weightsSection(shift, id),
      plan(shift),
      checkSections({ ...shift, ...endsOf(shift) }, id),
      tallies(shift),
      events(shift),
    ],
  };
}

/** Events of a shift that another process began do not have its direction. */
function endsOf({ incoming }: ShiftModel): Pick<CheckedChange, 'incoming' | 'outgoing'> {
  return incoming === undefined
    ? { incoming: 'incoming', outgoing: 'outgoing' }
    : { incoming, outgoing: partnerOf(incoming) };
}

const outcomes: Readonly<Record<ShiftModel['phase'], PartOutcome>> = {
  succeeded: { text: 'succeeded', kind: 'good' },
  rolledBack: { text: 'rolled back', kind: 'bad' },
  halted: { text: 'halted', kind: 'bad' },
  rollingBack: { text: 'rolling back', kind: 'bad' },
  shifting: { text: 'in progress', kind: 'open' },
};

function factsOf(shift: ShiftModel): [string, Content][] {
  const { strategy, span, startedAt, weights, evaluations, hasTimes } = shift;
  const last = weights.at(-1);
  return [
    ...(strategy === undefined ? [] : [['Strategy', strategy] as [string, Content]]),
    ...(hasTimes
      ? ([
          ['Began', utc(startedAt)],
          ['Time covered', duration(span.last - startedAt)],
        ] as [string, Content][])
      : []),
    ...(last
      ? [['Weights', `blue ${percent(last.blue)}, green ${percent(last.green)}`] as [string, Content]]
      : []),
    ...(evaluations.length > 0 ? [['Evaluations of checks', evaluations.length] as [string, Content]] : []),
  ];
}

/** Returns the steps of the strategy, which only a state has. */
function plan({ state }: ShiftModel): Markup {
  if (state === undefined) return html``;
  const rows = state.strategy.steps.map(({ percent: share, holdSeconds }, index) => [
    `${index + 1}`,
    percent(share),
    duration(holdSeconds * 1000),
    index < state.step ? 'done' : index === state.step ? 'reached' : 'open',
  ]);
  const caption = 'Steps of the strategy';
  return html`<h3>Plan</h3>
${tableOf({ caption, headings: ['Step', `Share of ${state.incoming}`, 'Hold', 'State'], rows })}`;
}

/** Returns the counts of a state, for a shift without a history. */
function tallies({ state, evaluations }: ShiftModel): Markup {
  const rows = Object.entries(state?.tallies ?? {});
  if (evaluations.length > 0 || rows.length === 0) return html``;
  return html`<h3>Checks</h3>
${tableOf({
  caption: 'Counts of the checks',
  headings: ['Check', 'Failures in all', 'Under these weights'],
  rows: rows.map(([name, { failures, inconclusives, errors, successes }]) => [
    name,
    count(failures, 'failure'),
    `${successes} passed in a row, ${inconclusives} inconclusive, ${count(errors, 'error')}`,
  ]),
})}`;
}

/** Passed evaluations are in the tables of their checks only. */
function events({ history, startedAt }: ShiftModel): Markup {
  const noted = history.filter((event) => event.type !== 'checkEvaluated' || event.result.outcome !== 'pass');
  if (noted.length === 0) return html``;
  return html`<h3>Events</h3>
${tableOf({
  caption: 'Events, without passed checks',
  headings: ['Time', 'Event'],
  isTimed: true,
  rows: noted.map((event) => [elapsed(event.at, startedAt), eventInWords(event)]),
})}`;
}

function eventInWords(event: ShiftEventPart): string {
  switch (event.type) {
    case 'started':
      return `Started: to ${event.incoming}, ${event.strategy}`;
    case 'weightsWritten':
      return `Written: ${weightsInWords(event.weights)}`;
    case 'weightsVerified':
      return `Read back: ${weightsInWords(event.weights)}`;
    case 'checkEvaluated':
      return `${event.check} ${outcomeOf(event)}: ${event.result.detail}`;
    case 'held':
      return `Held: ${event.reason}`;
    case 'rollingBack':
      return `Rolling back: ${event.reason}`;
    case 'rolledBack':
      return `Rolled back: ${weightsInWords(event.weights)}`;
    case 'succeeded':
      return `Succeeded: ${weightsInWords(event.weights)}`;
    case 'halted':
      return `Halted, nothing more is written: ${event.reason}`;
  }
}

function weightsInWords({ blue, green }: { readonly blue: number; readonly green: number }): string {
  return `blue ${percent(blue)}, green ${percent(green)}`;
}
