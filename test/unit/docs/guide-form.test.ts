import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { proseBlocks, readingGrade } from '../../../scripts/readability.js';
import { messagesOf } from '../../support/documented-messages.js';
import { pages, root } from '../../support/guide-programs.js';

/** The list of guides has another form. */
const guides = pages.filter((page) => page.startsWith('docs/guides/') && !page.endsWith('/README.md'));

const maxLines = 350;
const maxGrade = 9;

describe.each(guides)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');

  test('begins with a block to paste after at most two sentences', () => {
    const [, beforeBlock = ''] = /^# [^\n]*\n(.*?)^```/ms.exec(text) ?? [];

    expect(beforeBlock).not.toBe('');
    expect(readingGrade(proseBlocks(beforeBlock).join('\n\n')).sentences).toBeLessThanOrEqual(2);
  });

  test('ends with the messages of its failures', () => {
    const headings = [...text.replace(/^```.*?^```/gms, '').matchAll(/^## (.*)$/gm)].map(([, it]) => it);

    expect(headings.at(-1)).toBe('If it fails');
    expect(messagesOf(page).length).toBeGreaterThan(1);
  });

  test('is short and easy to read', () => {
    const { grade, longSentences } = readingGrade(text);

    expect(text.split('\n').length).toBeLessThanOrEqual(maxLines);
    expect(grade).toBeLessThanOrEqual(maxGrade);
    expect(longSentences).toEqual([]);
  });
});
