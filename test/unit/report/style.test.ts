import { describe, expect, test } from 'vitest';
import { darkColours, lightColours, styleSheet } from '../../../src/report/page/style.js';

/** Returns the contrast of two colours as WCAG 2.2 defines it. */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort(
    (first, second) => second - first,
  );
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((index) => {
    const share = Number.parseInt(colour.slice(index, index + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe.each([
  ['light', lightColours],
  ['dark', darkColours],
] as const)('colours of a report in %s', (_name, colours) => {
  test.each(['ink', 'quiet', 'blue', 'green', 'bad', 'mark'] as const)(
    'has a contrast of 4.5 for %s',
    (name) => {
      expect(contrast(colours[name], colours.ground)).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.each(['ink', 'bad'] as const)('has a contrast of 4.5 for %s in the box of a failure', (name) => {
    expect(contrast(colours[name], colours.box)).toBeGreaterThanOrEqual(4.5);
  });
});

describe('style sheet of a report', () => {
  test('has rules for dark screens and for paper', () => {
    expect(styleSheet).toContain('@media (prefers-color-scheme:dark)');
    expect(styleSheet).toContain('@media print');
    expect(styleSheet).toContain('details::details-content{content-visibility:visible;block-size:auto}');
  });

  test('cannot end its own element', () => {
    expect(styleSheet).not.toContain('<');
  });
});
