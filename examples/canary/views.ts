import type { ShiftEvent, TrafficWeights } from 'aws-blue-green-toolkit/traffic';
import type { Frame, ShiftListener } from './run.js';

/** One line for each event, for a pipe or a log. */
export const plainShiftView: ShiftListener = {
  event: (event, startedAt) => console.log(describeEvent(event, startedAt)),
  frame: () => {},
};

const barWidth = 40;
const frameMilliseconds = 60;

/**
 * Prints the events, and redraws the split and the metric below them, for a terminal.
 *
 * @param holdTime - waits in real time while virtual time stands still, so that changes are visible.
 */
export function liveShiftView(holdTime: (milliseconds: number) => Promise<void>): ShiftListener {
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) process.stdout.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  return {
    event(event, startedAt) {
      erase();
      console.log(describeEvent(event, startedAt));
    },
    async frame(frame) {
      erase();
      const lines = ['', ...describeFrame(frame)];
      process.stdout.write(`${lines.join('\n')}\n`);
      drawn = lines.length;
      await holdTime(frameMilliseconds);
    },
  };
}

/** Describes the present split, the metric against its bound, and the number of failed requests. */
export function describeFrame({ at, startedAt, weights, metric, requests, state }: Frame): string[] {
  const failed = requests.blue.failed + requests.green.failed;
  return [
    `${elapsed(at, startedAt)}  blue ${bar(weights)} green  ${percent(weights.green)}`,
    `          5xx  ${metric ? gauge(metric) : 'no data point yet'}`,
    `          ${failed} requests failed`,
    ...(state === undefined ? [] : [`          state machine: ${state}`]),
  ];
}

/** Formats an event as a line that begins with the time since the start. */
export function describeEvent(event: ShiftEvent, startedAt: number): string {
  return `${elapsed(event.at, startedAt)}  ${eventInWords(event)}`;
}

/** Describes an event, without its time. */
export function eventInWords(event: ShiftEvent): string {
  switch (event.type) {
    case 'started':
      return `▶ started: to ${event.incoming}, ${event.strategy}`;
    case 'weightsWritten':
      return `  written: ${weightsInWords(event.weights)}`;
    case 'weightsVerified':
      return `✔ verified: ${weightsInWords(event.weights)}`;
    case 'checkEvaluated':
      return `${signOf(event.result.outcome)} ${event.check}: ${event.result.detail}`;
    case 'held':
      return `  held: ${event.reason}`;
    case 'rollingBack':
      return `✖ rolling back: ${event.reason}`;
    case 'rolledBack':
      return `✔ rolled back: ${weightsInWords(event.weights)}`;
    case 'succeeded':
      return `✔ succeeded: ${weightsInWords(event.weights)}`;
    case 'halted':
      return `✖ halted, nothing more is written: ${event.reason}`;
  }
}

function signOf(outcome: 'pass' | 'fail' | 'inconclusive' | 'error'): string {
  if (outcome === 'inconclusive') return '?';
  return outcome === 'pass' ? '✔' : '✖';
}

function weightsInWords({ blue, green }: TrafficWeights): string {
  return `blue ${percent(blue)}, green ${percent(green)}`;
}

function bar({ green }: TrafficWeights): string {
  const cells = green === 0 ? 0 : Math.max(1, Math.round((green / 100) * barWidth));
  return `\u001b[34m${'█'.repeat(barWidth - cells)}\u001b[32m${'█'.repeat(cells)}\u001b[0m`;
}

/** Draws the value with the bound in the middle: a value of twice the bound fills the gauge. */
function gauge({ value, bound }: { value: number; bound: number }): string {
  const half = barWidth / 2;
  const cells = Math.min(barWidth, Math.round((value / bound) * half));
  const filled = '█'.repeat(cells).padEnd(barWidth, '·');
  const colour = value > bound ? '\u001b[31m' : '\u001b[32m';
  return `${colour}${filled.slice(0, half)}\u001b[0m│${colour}${filled.slice(half)}\u001b[0m  ${percent(value)}, at most ${percent(bound)}`;
}

function percent(value: number): string {
  return `${Math.round(value * 100) / 100} %`;
}

function elapsed(at: number, startedAt: number): string {
  return new Date(at - startedAt).toISOString().slice(11, 19);
}
