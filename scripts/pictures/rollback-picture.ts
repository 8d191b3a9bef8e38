import { type CanaryDocument, runCanary } from '../../examples/canary/run.js';
import { escaped, round, svgOf } from './svg.js';

const width = 960;
const area = { left: 64, right: 936, top: 56, height: 150 };
const bottom = area.top + area.height;
const rate = { top: bottom + 54, height: 70 };
/** Highest error rate of the lower diagram, in percent. */
const maxRate = 12;

/** Draws the weights over time of a canary that is rolled back, with the reading of its check below. */
export async function rollbackPicture(): Promise<string> {
  const run = await runCanary({ scenario: 'bad-canary' });
  const begin = Date.parse(run.startedAt);
  const end = Date.parse(run.endedAt);
  const xOf = (at: string) =>
    round(area.left + ((Date.parse(at) - begin) / (end - begin)) * (area.right - area.left));
  const title = 'A canary that is rolled back: share of the requests, and the error rate of green';
  return svgOf({
    title,
    description: describe(run, begin),
    width,
    height: rate.top + rate.height + 36,
    content: [
      ...weights(run, xOf),
      ...readings(run, xOf),
      ...minuteMarks(begin, end),
      ...rollback(run, xOf),
      `<text class="right faint" x="${area.left - 8}" y="${area.top + 10}">100 %</text>`,
      `<text class="right faint" x="${area.left - 8}" y="${bottom}">0 %</text>`,
      `<text x="${area.left + 8}" y="${area.top + 20}">blue</text>`,
    ],
  });
}

function describe({ weights, reason = '' }: CanaryDocument, begin: number): string {
  const changes = weights.map(({ at, green }) => `${minutesSince(begin, at)} min: ${Math.round(green)} %`);
  return `Share of green after ${changes.join(', ')}. ${reason}`;
}

/** Draws the share of green at the bottom, and that of blue above it. */
function weights({ weights: changes, endedAt }: CanaryDocument, xOf: (at: string) => number): string[] {
  const yOf = (green: number) => round(bottom - (green / 100) * area.height);
  const steps = changes.map(({ at, green }, index) => {
    const until = changes[index + 1]?.at ?? endedAt;
    return { from: xOf(at), to: xOf(until), y: yOf(green), green };
  });
  const outline = steps.map(({ from, to, y }) => `L${from} ${y}H${to}`).join('');
  const peak = steps.reduce((one, other) => (other.green > one.green ? other : one));
  return [
    `<rect class="blue" x="${area.left}" y="${area.top}" width="${area.right - area.left}" height="${area.height}"/>`,
    `<path class="green" d="M${area.left} ${bottom}${outline}L${area.right} ${bottom}Z"/>`,
    ...steps
      .filter(({ green }) => green > 0)
      .map(
        ({ from, to, y, green }) =>
          `<text class="middle" x="${round((from + to) / 2)}" y="${y - 5}">${Math.round(green)} %</text>`,
      ),
    `<text class="middle" x="${round((peak.from + peak.to) / 2)}" y="${bottom - 5}">green</text>`,
  ];
}

/** Draws each reading of the check: a dot, or a larger one above the limit. */
function readings({ metric }: CanaryDocument, xOf: (at: string) => number): string[] {
  const yOf = (value: number) =>
    round(rate.top + rate.height - (Math.min(value, maxRate) / maxRate) * rate.height);
  const [bound = 0] = metric.map((reading) => reading.bound);
  return [
    `<text x="${area.left}" y="${rate.top - 8}">Error rate of green, each minute</text>`,
    `<path class="grid" d="M${area.left} ${rate.top + rate.height}H${area.right}"/>`,
    `<path class="event" d="M${area.left} ${yOf(bound)}H${area.right}"/>`,
    `<text class="faint right" x="${area.right}" y="${yOf(bound) - 5}">limit ${bound} %</text>`,
    ...metric.map(({ at, value }) => {
      const isBad = value > bound;
      const dot = `<circle class="${isBad ? 'bad' : 'tick'}" cx="${xOf(at)}" cy="${yOf(value)}" r="${isBad ? 6 : 4}"/>`;
      return isBad
        ? `${dot}<text class="right" x="${xOf(at) - 10}" y="${yOf(value) + 5}">${round(value)} %</text>`
        : dot;
    }),
  ];
}

function rollback({ events }: CanaryDocument, xOf: (at: string) => number): string[] {
  const begun = events.find(({ type }) => type === 'rollingBack');
  if (begun === undefined) throw new Error('The canary of the picture was not rolled back');
  const x = xOf(begun.at);
  return [
    `<path class="event" d="M${x} ${area.top - 8}V${rate.top + rate.height}"/>`,
    `<text x="${x + 6}" y="${area.top - 8}">${escaped('rolled back')}</text>`,
  ];
}

function minuteMarks(begin: number, end: number): string[] {
  const y = rate.top + rate.height;
  const count = Math.floor((end - begin) / 120_000) + 1;
  return Array.from({ length: count }, (_, index) => {
    const x = round(area.left + ((index * 120_000) / (end - begin)) * (area.right - area.left));
    return `<text class="faint middle" x="${x}" y="${y + 20}">${index * 2} min</text>`;
  });
}

function minutesSince(begin: number, at: string): number {
  return round((Date.parse(at) - begin) / 60_000);
}
