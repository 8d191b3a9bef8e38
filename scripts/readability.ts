/**
 * Reading grade of Markdown: Flesch–Kincaid, 0.39 × words per sentence + 11.8 × syllables per word − 15.59.
 * Code blocks, headings, URLs and short table cells are no prose and are left out. Inline code counts as the words in it.
 */

/** Table cells with fewer words are labels, not sentences. */
const minimumCellWords = 6;

/** Sentences with more words are hard to read, whatever the grade of the page. */
const longSentenceWords = 25;

export interface ReadingGrade {
  readonly words: number;
  readonly sentences: number;
  readonly syllables: number;
  /** Sentences of more than 25 words. */
  readonly longSentences: readonly string[];
  /** Flesch–Kincaid grade: years of school that a reader needs. */
  readonly grade: number;
}

/** Returns the reading grade of the prose of a Markdown page. */
export function readingGrade(markdown: string): ReadingGrade {
  const sentences = proseBlocks(markdown).flatMap(sentencesOf);
  const words = sentences.flat();
  const syllables = words.reduce((sum, word) => sum + countSyllables(word), 0);
  const longSentences = sentences.filter((it) => it.length > longSentenceWords).map((it) => it.join(' '));
  const counts = { words: words.length, sentences: sentences.length, syllables, longSentences };
  if (words.length === 0) return { ...counts, grade: 0 };
  const grade = 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59;
  return { ...counts, grade };
}

/** Returns the paragraphs, list items and long table cells of a page, without their markup. */
export function proseBlocks(markdown: string): string[] {
  const withoutCode = markdown
    .replace(/^---\n.*?^---\n/s, '')
    .replace(/^([ \t]*)(```|~~~).*?^\1\2[^\n]*$/gms, '')
    .replace(/<!--.*?-->/gs, '');
  const blocks: string[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    if (paragraph.length > 0) blocks.push(paragraph.join(' '));
    paragraph = [];
  };
  for (const line of withoutCode.split('\n').map((text) => text.trim())) {
    if (line === '' || /^(#{1,6} |\[[^\]]+\]: |<)/.test(line)) flush();
    else if (line.startsWith('|')) {
      flush();
      blocks.push(...cellsOf(line));
    } else {
      if (/^([-*+]|\d+[.)]) /.test(line)) flush();
      paragraph.push(line.replace(/^([-*+]|\d+[.)]|>) +/, ''));
    }
  }
  flush();
  return blocks.map(withoutMarkup).filter((block) => wordsOf(block).length > 0);
}

/** Returns the cells of a table's row that are prose. */
function cellsOf(row: string): string[] {
  if (/^\|[\s:|-]+\|?$/.test(row)) return [];
  const cells = row.replaceAll(/`[^`]*`/g, (code) => code.replaceAll('|', ' ')).split(/(?<!\\)\|/);
  return cells.filter((cell) => {
    const isCode = wordsOf(cell.replaceAll(/`[^`]*`/g, '')).length === 0;
    return !isCode && wordsOf(withoutMarkup(cell)).length >= minimumCellWords;
  });
}

function withoutMarkup(block: string): string {
  return block
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replaceAll(/\bhttps?:\/\/\S+/g, '')
    .replaceAll(/[*~]{1,2}|(?<!\w)_|_(?!\w)/g, '');
}

/** Splits a block at the ends of its sentences. The end of a block ends a sentence. */
function sentencesOf(block: string): string[][] {
  return block
    .replaceAll(/\b(e\.g|i\.e|etc|vs)\./g, '$1')
    .split(/[.!?…]+["')”]*(?=\s|$)/)
    .map(wordsOf)
    .filter((words) => words.length > 0);
}

/** Returns the words of a text. A number is a word; a sign alone is not. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’.,-]*/gu) ?? [];
}

/** Endings with an `e` that is not spoken, and those of them in which it is. */
const silentEnding = /(?:[^aeiouy]es|ed|[^aeiouy]e)$/;
const spokenEnding = /(?:[td]ed|[sxz]es|[cgs]hes|[cg]es|[^aeiouyl]le[sd]?)$/;

/** Neighbouring vowels of two syllables: cre-ate, var-ious, cli-ent, actu-al, do-ing; but na-tion, spe-cial. */
const splitVowels =
  /(?<![cgstx])i(?:a|o(?!n)|um)|(?<![cfgrstx])ie[nt]|(?<=^sc)ie|eo(?![pu])|eum|(?<=[dr])ea$|ua[lt]|(?<=cr)ea|[aeo]ing|yi/g;

/** Estimates the syllables of an English word. Numbers and acronyms count as one. */
export function countSyllables(word: string): number {
  if (!/\p{Ll}/u.test(word)) return 1;
  const parts = word.split(/[-.,'’]/).flatMap((part) => part.split(/(?<=[a-z])(?=[A-Z])/));
  return Math.max(1, sum(parts.map((part) => syllablesOf(part.toLowerCase()))));
}

function syllablesOf(part: string): number {
  if (part.length <= 1 && !/[aiou]/.test(part)) return 0;
  const spoken = silentEnding.test(part) && !spokenEnding.test(part) ? part.replace(/e[sd]?$/, '') : part;
  const vowels = spoken.replace(/ely$/, 'ly').match(/[aeiouy]+/g)?.length ?? 0;
  return Math.max(1, vowels + (spoken.match(splitVowels)?.length ?? 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
