import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderReport } from '../../../src/report/index.js';
import {
  failedRollout,
  rehearsal,
  rolledBackShift,
  rolledBackSwap,
  waitingRecord,
} from '../../support/reports.js';

/** Texts that would end an element, an attribute, a comment or the style sheet if they were not escaped. */
const attacks = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='alert(1)",
  '</style><style>*{display:none}</style>',
  '</title></svg></desc><svg onload=alert(1)>',
  '<!--',
  ']]>',
  '&lt;script&gt;',
  '` onfocus=alert(1) autofocus `',
  'javascript:alert(1)',
  '\u0000<b>',
  '\ud800',
  '\u202e\u2066',
  '\u2028\u2029',
  '$&$1',
];

const text = fc.oneof(
  fc.constantFrom(...attacks),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.tuple(fc.constantFrom(...attacks), fc.string({ maxLength: 5 })).map((parts) => parts.join('')),
);

/** Renders a report whose every text of a user is the given one. */
function renderWith(texts: readonly string[]): string {
  const [check = '', detail = '', strategy = '', title = '', reason = ''] = texts;
  const record = waitingRecord({
    reason,
    haltReason: detail,
    requestedBy: title,
    hook: { name: 'h', executionId: 'e', since: 0 },
  });
  return renderReport({
    title,
    facts: { [check]: detail },
    shift: { history: rolledBackShift({ check, detail, strategy }) },
    rollout: { history: failedRollout(reason), remedy: detail },
    swap: { history: rolledBackSwap(check, detail), record },
    rehearsal: rehearsal(check, detail),
  });
}

/** Returns the tags with their attribute names: the structure of a page without its texts and values. */
function structureOf(html: string): string[] {
  return [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/="[^"]*"/g, ''));
}

/** Texts that leave the structure as it is: `innocent` has as many of them. */
const innocent = structureOf(renderWith(['check', 'detail', 'strategy', 'title', 'reason']));

describe('renderReport with hostile texts', () => {
  test('adds no tag and no attribute, whatever the texts are', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 5, maxLength: 5 }), (texts) => {
        expect(structureOf(renderWith(texts))).toEqual(innocent);
      }),
    );
  });

  test('keeps every text free of characters that begin markup, end a value or turn its direction', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 5, maxLength: 5 }), (texts) => {
        const html = renderWith(texts).replace(/<style>[\s\S]*<\/style>/, '');
        const outside = html.replace(/<[^>]*>/g, '');
        expect(outside).not.toMatch(/[<>"'`]|&(?!#\d+;)/);
        expect(html).not.toMatch(/[^\P{Cc}\t\n\r]|[\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u);
      }),
    );
  });

  test.each(attacks)('shows %j as text', (attack) => {
    const html = renderWith([attack, attack, attack, attack, attack]);

    expect(structureOf(html)).toEqual(innocent);
    expect(html).not.toContain('<script');
  });
});
