import {
  asText,
  boundOf,
  frameOf,
  legendOf,
  niceMaximum,
  type Panel,
  page,
  panelsOf,
  percent,
  pointAt,
  timeScale,
  valueScale,
} from './drawing.js';
import { factsOf, pageWith, table } from './page.js';
import { evidenceInWords, evidenceOf, evidenceOverTime, ratesOverTime } from './report-evidence.js';
import type { CanaryDocument } from './run.js';
import { eventInWords } from './views.js';

/** Returns a self-contained HTML page with weights, metric and events over time, light or dark by the reader's setting. */
export function renderReport(document: CanaryDocument, scenario: string): string {
  const title = `Traffic shift “${scenario}”: ${outcomeInWords(document)}`;
  return pageWith(
    title,
    `${document.reason === undefined ? '' : `<p>${asText(document.reason)}</p>`}
${facts(document)}
${drawing(document)}
<h2>Events</h2>
${eventTable(document)}
<h2>Weights in effect</h2>
${table(
  ['Time', 'Blue', 'Green'],
  document.weights.map(({ at, blue, green }) => [clockTime(at, document), percent(blue), percent(green)]),
)}`,
  );
}

function facts({ requests, awsCalls, rollback, strategy }: CanaryDocument): string {
  const entries: [term: string, value: string][] = [
    ['Strategy', strategy],
    ['Requests', String(requests.blue.served + requests.green.served)],
    ['Failed', String(requests.failedTotal)],
    ['Failed, all at once', String(requests.wouldHaveFailedAllAtOnce)],
    ['AWS calls', String(awsCalls)],
    ...(rollback
      ? [['First failing data point to verified rollback', `${rollback.seconds} s`] as [string, string]]
      : []),
  ];
  return factsOf(entries);
}

function drawing(document: CanaryDocument): string {
  const describedWeights = document.weights
    .map(({ at, blue, green }) => `${clockTime(at, document)} blue ${percent(blue)}, green ${percent(green)}`)
    .join('; ');
  const highest = Math.max(0, ...document.metric.map(({ value }) => value));
  const evidence = evidenceOf(document);
  const hasMetric = document.metric.length > 0;
  const metricInWords = hasMetric
    ? `The highest 5xx rate was ${percent(highest)}; the bound is ${percent(document.metric[0]?.bound ?? 0)}.`
    : evidence.length === 0
      ? 'The metric was never evaluated.'
      : '';
  const diagrams = [
    { draw: weightsOverTime, height: 220 },
    ...(hasMetric || evidence.length === 0 ? [{ draw: metricOverTime, height: 160 }] : []),
    ...(evidence.length > 0
      ? [
          { draw: ratesOverTime, height: 160 },
          { draw: evidenceOverTime, height: 160 },
        ]
      : []),
  ];
  const panels = panelsOf(diagrams.map((it) => it.height));
  const bottom = bottomOf(panels);
  const drawn = diagrams.map(({ draw }, index) => draw(document, panels[index] ?? { top: 0, height: 0 }));
  return `<div class="drawing"><svg viewBox="0 0 ${page.width} ${bottom + 70}" role="img" aria-labelledby="t d">
<title id="t">Weights${hasMetric || evidence.length === 0 ? ' and 5xx rate' : ' and evidence'} over time</title>
<desc id="d">Weights in effect: ${asText(describedWeights)}. ${asText(`${metricInWords}${evidenceInWords(evidence)}`.trim())}</desc>
${timeAxis(document, bottom)}
${drawn.join('\n')}
${eventMarks(document, panels)}
</svg></div>`;
}

function bottomOf(panels: readonly Panel[]): number {
  return Math.max(0, ...panels.map(({ top, height }) => top + height));
}

function timeAxis(document: CanaryDocument, bottom: number): string {
  const { x, minutes } = timeScale(document);
  const every = Math.max(1, Math.ceil(minutes / 12));
  const ticks = Array.from({ length: Math.floor(minutes / every) + 1 }, (_, index) => index * every);
  const labels = ticks.map((minute) => {
    const at = x(Date.parse(document.startedAt) + minute * 60_000);
    return `<text class="quiet" x="${at}" y="${bottom + 22}" text-anchor="middle">${minute}</text>`;
  });
  return `${labels.join('')}<text class="quiet" x="${page.width - page.right}" y="${bottom + 44}" text-anchor="end">minutes</text>`;
}

function weightsOverTime(document: CanaryDocument, panel: Panel): string {
  const { x, end } = timeScale(document);
  const y = valueScale(panel, 100);
  const path = (stack: 'blue' | 'green') => {
    const steps = document.weights.map((weights, index) => {
      const at = x(Date.parse(weights.at));
      return index === 0 ? `M${at} ${y(weights[stack])}` : `H${at}V${y(weights[stack])}`;
    });
    return `<path class="series ${stack}${stack === 'blue' ? ' dashed' : ''}" d="${steps.join('')}H${end}"/>`;
  };
  const ticks = [0, 25, 50, 75, 100].map((tick) => ({ y: y(tick), label: percent(tick) }));
  return `${frameOf('Weights in effect', panel, ticks)}${legendOf(panel)}${path('green')}${path('blue')}`;
}

function metricOverTime(document: CanaryDocument, panel: Panel): string {
  const { x } = timeScale(document);
  const bound = document.metric[0]?.bound ?? 0;
  const highest = niceMaximum(Math.max(bound * 2, ...document.metric.map(({ value }) => value)));
  const y = valueScale(panel, highest);
  const points = document.metric.map(({ at, value }) => ({
    at: x(Date.parse(at)),
    y: y(value),
    value,
    bound,
  }));
  const line = points.map((point) => `${point.at},${point.y}`).join(' ');
  const dots = points.map((point) => pointAt(point.at, point.y, { isBad: point.value > point.bound }));
  const ticks = [0, highest / 2, highest].map((tick) => ({ y: y(tick), label: percent(tick) }));
  return `${frameOf('5xx rate of green, as read by the check', panel, ticks)}
<polyline class="series green" stroke-width="2" points="${line}"/>${dots.join('')}${boundOf(y(bound), `at most ${percent(bound)}`)}`;
}

/** Draws numbered marks for the events that moved the traffic or ended the shift. The event table has the same numbers. */
function eventMarks(document: CanaryDocument, panels: readonly Panel[]): string {
  const { x } = timeScale(document);
  const marks = markedEvents(document).map(({ at, numbers }) => {
    const position = x(at);
    const label = numbers.length > 1 ? `${numbers[0]}–${numbers.at(-1)}` : String(numbers[0]);
    const lines = panels.map((it) => `M${position} ${it.top}v${it.height}`).join('');
    return `<path class="event" d="${lines}"/>
<text class="mark-ink" x="${position}" y="${bottomOf(panels.slice(0, 1)) + 18}" text-anchor="middle">${label}</text>`;
  });
  return marks.join('');
}

/** Groups the numbers of the noted events by mark. Events within 10 seconds share a mark. */
function markedEvents(document: CanaryDocument): { at: number; numbers: number[] }[] {
  const marks: { at: number; numbers: number[] }[] = [];
  for (const [index, event] of notedEvents(document).entries()) {
    const at = Date.parse(event.at);
    const last = marks.at(-1);
    if (last !== undefined && at - last.at < 10_000) last.numbers.push(index + 1);
    else marks.push({ at, numbers: [index + 1] });
  }
  return marks;
}

function notedEvents({ events }: CanaryDocument) {
  return events.filter(
    ({ type }) => type !== 'checkEvaluated' && type !== 'weightsWritten' && type !== 'held',
  );
}

function eventTable(document: CanaryDocument): string {
  const noted = notedEvents(document);
  return table(
    ['Time', 'Mark', 'Event'],
    document.events.map((event) => [
      clockTime(event.at, document),
      noted.includes(event) ? String(noted.indexOf(event) + 1) : '',
      eventInWords({ ...event, at: Date.parse(event.at) }).trim(),
    ]),
  );
}

function outcomeInWords({ outcome }: CanaryDocument): string {
  return { succeeded: 'succeeded', rolledBack: 'rolled back', halted: 'halted' }[outcome];
}

function clockTime(at: string, { startedAt }: CanaryDocument): string {
  return new Date(Date.parse(at) - Date.parse(startedAt)).toISOString().slice(11, 19);
}
