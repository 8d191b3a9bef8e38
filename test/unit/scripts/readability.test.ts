import { describe, expect, test } from 'vitest';
import { countSyllables, proseBlocks, readingGrade } from '../../../scripts/readability.js';

describe('countSyllables', () => {
  test.each([
    [1, 'cat weights stopped throws tries times rules queue queues step 5xx IAM 25,000 API'],
    [2, 'table rollback wanted passes handled client science doing people time-out response'],
    [3, 'created deployment previous period idea continues responses already database CodeDeploy'],
    [4, 'situation evaluate application idempotent CloudFormation'],
    [5, 'evaluated immediately'],
  ])('returns %i for %s', (count, words) => {
    expect(words.split(' ').filter((word) => countSyllables(word) !== count)).toEqual([]);
  });
});

describe('proseBlocks', () => {
  test('leaves out code, headings, URLs and short table cells', () => {
    const page = [
      '# A title',
      'See [the list](https://example.com/a.b) of **all** `options.a.b` things.',
      'The paragraph ends here.',
      '```ts',
      'const ignored = true;',
      '```',
      '| call | what it does |',
      '| --- | --- |',
      '| `the message of a long error` | returns the state of the `cluster` |',
      '- first item',
      '  goes on',
      '1. second item',
      '![a picture](x.svg)',
    ].join('\n\n');

    expect(proseBlocks(page)).toEqual([
      'See the list of all options.a.b things.',
      'The paragraph ends here.',
      expect.stringContaining('returns the state of the cluster'),
      'first item',
      'goes on',
      'second item',
    ]);
  });

  test('joins the lines of a list item', () => {
    expect(proseBlocks('- first item\n  goes on\n- second')).toEqual(['first item goes on', 'second']);
  });
});

describe('readingGrade', () => {
  test('returns the Flesch–Kincaid grade of counted words, sentences and syllables', () => {
    // 9 words, 2 sentences, 12 syllables: 0.39 × 4.5 + 11.8 × 12 / 9 − 15.59
    const { words, sentences, syllables, grade } = readingGrade('The table is empty. Add one item to it.');

    expect({ words, sentences, syllables }).toEqual({ words: 9, sentences: 2, syllables: 12 });
    expect(grade).toBeCloseTo(0.39 * 4.5 + (11.8 * 12) / 9 - 15.59, 10);
  });

  test('grades long words in long sentences higher', () => {
    const plain = readingGrade('Stop the shift. Then read the log.');
    const hard = readingGrade(
      'Immediately discontinue the redistribution of traffic, whereupon inspection of operational documentation is advisable.',
    );

    expect(hard.grade).toBeGreaterThan(plain.grade + 10);
  });

  test('does not end a sentence inside a number, a file name or an abbreviation', () => {
    expect(readingGrade('Wait 2.5 s, e.g. in swap.ts, then go on.').sentences).toBe(1);
  });

  test('lists the sentences of more than 25 words', () => {
    const words = (count: number) => Array(count).fill('word').join(' ');

    expect(readingGrade(`${words(25)}. ${words(26)}.`).longSentences).toEqual([words(26)]);
  });

  test('returns 0 for a page without prose', () => {
    expect(readingGrade('```\ncode\n```').grade).toBe(0);
  });
});
