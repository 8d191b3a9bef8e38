import type { StepPreview } from './preview-steps.js';
import type { HookTimePreview, PreviewTimes } from './preview-times.js';

const actionTexts: Record<StepPreview['action'], string> = {
  run: 'would run',
  alreadyDone: 'already so',
  cannot: 'cannot',
  unknown: 'cannot be read for now',
};

const sufficesTexts: Record<HookTimePreview['suffices'], string> = {
  yes: 'suffices',
  maybe: 'is too short when the steps take their whole maxWaitSeconds',
  no: 'is too short',
};

/** Returns the steps as a table. */
export function tableOf(steps: readonly StepPreview[]): string {
  const rows = steps.map(({ phase, name, stack, action, detail, propagationSeconds, deletes }) => [
    phase,
    name,
    stack,
    propagationSeconds > 0 ? `${propagationSeconds} s` : '',
    deletes ? 'deletes data' : '',
    `${actionTexts[action]}${detail === undefined ? '' : `: ${detail}`}`,
  ]);
  const head = ['phase', 'step', 'stack', 'in effect after', '', 'action'];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Returns the times as lines of text. */
export function timeLines({ waits, earliestEnd, hooks }: PreviewTimes): readonly string[] {
  return [
    ...waits.map(({ waitsFor, seconds }) => `Waits ${seconds} s for ${waitsFor}`),
    `Ends at ${earliestEnd} at the earliest; the time of the calls, of steps and of a deployment comes on top`,
    ...hooks.map(
      ({ hooks: names, work, limitSeconds, minSeconds, maxSeconds, suffices }) =>
        `Time of ${names} (${work}): ${minSeconds} to ${maxSeconds} s of ${limitSeconds} s, which ${sufficesTexts[suffices]}`,
    ),
  ];
}
