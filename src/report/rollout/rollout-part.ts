import { partnerOf } from '../../core/stack-reference.js';
import { type Lane, laneAxis, laneKey, lanesOf } from '../chart/lanes.js';
import { spanOf, type TimeSpan } from '../chart/scale.js';
import { checkSections } from '../checks/check-sections.js';
import type { RolloutPart } from '../input/rollout-schema.js';
import { html, type Markup } from '../page/markup.js';
import { nameOf } from '../page/name-of.js';
import { foldedTable, tableOf } from '../page/table.js';
import { duration, elapsed, utc } from '../page/time-text.js';
import type { PartOutcome, ReportPart } from '../report-part.js';
import { failedCheck, isFailure } from '../shift/shift-failure.js';
import { phaseNames, rolloutEventInWords } from './rollout-words.js';

/** Returns the part of a rollout of one ECS service. */
export function rolloutPart(rollout: RolloutPart, id: string): ReportPart {
  const { history, stack } = rollout;
  const span = spanOf(history.map(({ at }) => at));
  const startedAt = span.from;
  const evaluations = history.filter((event) => event.type === 'checkEvaluated');
  return {
    title: history.some(({ type }) => type === 'serviceCreated')
      ? 'Creation of an ECS service'
      : 'Rollout of an ECS service',
    outcome: outcomeOf(rollout),
    failure: failureOf(rollout, startedAt),
    facts: [
      // Without an event there is no time.
      ...(history.length === 0
        ? []
        : ([
            ['Began', utc(startedAt)],
            ['Time covered', duration(span.last - span.from)],
          ] as const)),
    ],
    body: [
      phases(rollout, span),
      checkSections({ evaluations, span, startedAt, incoming: stack, outgoing: partnerOf(stack) }, id),
      events(rollout, startedAt),
    ],
  };
}

function outcomeOf({ history }: RolloutPart): PartOutcome {
  const last = history.findLast(({ type }) => type === 'succeeded' || type === 'failed');
  if (last?.type === 'succeeded') return { text: 'succeeded', kind: 'good' };
  if (last?.type === 'failed') return { text: 'failed', kind: 'bad' };
  return history.some(({ type }) => type === 'rollingBack')
    ? { text: 'rolling back', kind: 'bad' }
    : { text: 'in progress', kind: 'open' };
}

function failureOf({ history, remedy }: RolloutPart, startedAt: number): ReportPart['failure'] {
  const failed = history.findLast((event) => event.type === 'failed');
  const check = history.find((event) => event.type === 'checkEvaluated' && isFailure(event));
  const rollback = history.find((event) => event.type === 'rollingBack');
  if (failed === undefined && rollback === undefined) return undefined;
  const first = [check, rollback, failed]
    .filter((event) => event !== undefined)
    .reduce((one, other) => (other.at < one.at ? other : one));
  const events = [rollback, failed, history.find((event) => event.type === 'rolledBack')]
    .filter((event) => event !== undefined && event !== first)
    .map((event) => (event === undefined ? '' : rolloutEventInWords(event)));
  const isIntact = failed?.serviceIntact ?? true;
  const service = isIntact ? 'The service is intact' : 'The service may not be stable: check it';
  return {
    at: first.at,
    when: `${elapsed(first.at, startedAt)} after the beginning`,
    ...describe(first),
    consequences: [...events, ...(remedy === undefined ? (failed ? [service] : []) : [remedy])],
  };
}

function describe(event: RolloutPart['history'][number]): { what: string; detail?: string } {
  if (event.type === 'checkEvaluated') return { what: failedCheck(event), detail: event.result.detail };
  if (event.type === 'failed')
    return { what: `Failed in the phase “${nameOf(phaseNames, event.phase)}”`, detail: event.reason };
  return event.type === 'rollingBack'
    ? { what: 'The rollback of the service began', detail: event.reason }
    : { what: rolloutEventInWords(event) };
}

/** Returns the phases as lanes. A phase ends when the next one begins. */
function phases({ history }: RolloutPart, span: TimeSpan): Markup {
  const started = history.filter((event) => event.type === 'phaseStarted');
  if (started.length === 0) return html``;
  const failures = history.filter((event) => event.type === 'failed').map(({ phase, at }) => ({ phase, at }));
  const lanes = started.map(({ at, phase }, index): Lane => {
    const to = started[index + 1]?.at ?? span.last;
    const own = failures.filter((it) => it.phase === phase).map(() => to);
    return {
      name: nameOf(phaseNames, phase),
      state: `from ${elapsed(at, span.from)}, ${duration(to - at)}${own.length > 0 ? ', failed' : ''}`,
      bars: [{ kind: phase === 'cleanUp' ? 'undo' : 'run', from: at, to }],
      failures: own,
    };
  });
  return html`<h3>Phases</h3>
${laneKey([
  ['run', 'phase'],
  ['undo', 'clean-up'],
])}${laneAxis(span)}${lanesOf(lanes, span)}${foldedTable({
  caption: 'Phases',
  headings: ['Phase', 'State'],
  rows: lanes.map(({ name, state }) => [name, state]),
})}`;
}

function events({ history }: RolloutPart, startedAt: number): Markup {
  const noted = history.filter((event) => event.type !== 'checkEvaluated' || event.result.outcome !== 'pass');
  if (noted.length === 0) return html``;
  return html`<h3>Events</h3>
${tableOf({
  caption: 'Events, without passed checks',
  headings: ['Time', 'Event'],
  isTimed: true,
  rows: noted.map((event) => [elapsed(event.at, startedAt), rolloutEventInWords(event)]),
})}`;
}
