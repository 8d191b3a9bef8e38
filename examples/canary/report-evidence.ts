import type { CheckResult } from 'aws-blue-green-toolkit/traffic';
import {
  asText,
  boundOf,
  frameOf,
  legendOf,
  niceMaximum,
  type Panel,
  percent,
  pointAt,
  round,
  timeScale,
  valueScale,
} from './drawing.js';
import type { CanaryDocument, EventAt } from './run.js';

type Evidence = NonNullable<CheckResult['evidence']>;

/** Evidence of one evaluation of a check. */
export interface EvidenceAt extends Evidence {
  readonly at: string;
  readonly check: string;
}

/** Returns the evidence in the events, oldest first: none when no check compares the stacks. */
export function evidenceOf({ events }: Pick<CanaryDocument, 'events'>): EvidenceAt[] {
  return events.flatMap(ofEvent);
}

function ofEvent(event: EventAt): EvidenceAt[] {
  if (event.type !== 'checkEvaluated' || !('evidence' in event.result)) return [];
  const { evidence } = event.result;
  return evidence === undefined ? [] : [{ ...evidence, at: event.at, check: event.check }];
}

/** Describes the evidence in a sentence. */
export function evidenceInWords(evidence: readonly EvidenceAt[]): string {
  const first = evidence[0];
  if (first === undefined) return '';
  const highest = Math.max(...evidence.map(({ value }) => value));
  return ` The largest evidence was ${inDigits(highest)}; ${inDigits(first.required)} is enough.`;
}

/** Draws the error rates of both stacks since the beginning of the shift, as the checks counted them. */
export function ratesOverTime(document: CanaryDocument, panel: Panel): string {
  const { x } = timeScale(document);
  const evidence = evidenceOf(document);
  const incoming = incomingOf(document);
  const series = (['incoming', 'outgoing'] as const).map((end) => {
    const stack = end === 'incoming' ? incoming : incoming === 'green' ? 'blue' : 'green';
    const points = evidence
      .filter((it) => it[end].requests > 0)
      .map((it) => ({
        at: x(Date.parse(it.at)),
        value: (100 * it[end].failures) / it[end].requests,
        check: it.check,
      }));
    return { stack, points };
  });
  const values = series.flatMap(({ points }) => points.map(({ value }) => value));
  const highest = niceMaximum(Math.max(0.1, ...values));
  const y = valueScale(panel, highest);
  const ticks = [0, highest / 2, highest].map((tick) => ({ y: y(tick), label: percent(tick) }));
  const lines = series.flatMap(({ stack, points }) =>
    byCheck(points).map((own) => {
      const path = own.map(({ at, value }) => `${at},${y(value)}`).join(' ');
      return `<polyline class="series ${stack}${stack === 'blue' ? ' dashed' : ''}" points="${path}"/>`;
    }),
  );
  return `${frameOf('Error rates since the beginning of the shift', panel, ticks)}${legendOf(panel)}${lines.join('')}`;
}

/** Draws the evidence on a logarithmic scale, with the line at 1/α at which a check fails. */
export function evidenceOverTime(document: CanaryDocument, panel: Panel): string {
  const { x } = timeScale(document);
  const evidence = evidenceOf(document);
  const bounds = [...new Set(evidence.map(({ required }) => required))];
  const decades = Math.ceil(Math.log10(Math.max(10, ...bounds.map((it) => it * 10), ...shown(evidence))));
  const y = (value: number) => valueScale(panel, decades)(Math.min(decades, Math.log10(Math.max(1, value))));
  const step = Math.ceil(decades / 4);
  const ticks = Array.from({ length: Math.floor(decades / step) + 1 }, (_, index) => 10 ** (index * step));
  const points = evidence.map((it) => ({
    at: x(Date.parse(it.at)),
    y: y(it.value),
    check: it.check,
    isBad: it.value >= it.required,
  }));
  const lines = byCheck(points).map(
    (own) =>
      `<polyline class="series green" stroke-width="2" points="${own.map((it) => `${it.at},${it.y}`).join(' ')}"/>`,
  );
  const dots = points.map((it) => pointAt(it.at, it.y, it));
  const limits = bounds.map((bound) => boundOf(y(bound), `fails at 1/α = ${inDigits(bound)}`));
  const heading = asText(`Evidence that ${incomingOf(document)} fails more often`);
  const frame = frameOf(
    heading,
    panel,
    ticks.map((tick) => ({ y: y(tick), label: inDigits(tick) })),
  );
  return `${frame}${lines.join('')}${dots.join('')}${limits.join('')}`;
}

/** Evidence beyond this ends at the top of the diagram: without a bound it would press the line at 1/α to the bottom. */
function shown(evidence: readonly EvidenceAt[]): number[] {
  return evidence.map(({ value, required }) => Math.min(value, required ** 3));
}

function incomingOf({ events }: CanaryDocument): 'blue' | 'green' {
  for (const event of events) if (event.type === 'started') return event.incoming;
  return 'green';
}

function byCheck<Point extends { readonly check: string }>(points: readonly Point[]): Point[][] {
  const groups = new Map<string, Point[]>();
  for (const point of points) groups.set(point.check, [...(groups.get(point.check) ?? []), point]);
  return [...groups.values()];
}

function inDigits(value: number): string {
  if (value >= 1e6) return value.toExponential(1).replace('e+', ' × 10^');
  return value >= 100 ? String(Math.round(value)) : String(round(value));
}
