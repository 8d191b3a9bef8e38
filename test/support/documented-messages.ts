import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { filesIn } from './files-in.js';
import { root } from './guide-programs.js';

/** Headings of the first column of a table of messages. */
const messageHeadings = new Set(['message', 'line', 'log line', 'reason', 'you see']);

/** A message that a page quotes; `…` stands for any text. */
export interface QuotedMessage {
  readonly page: string;
  readonly text: string;
}

/** Returns the inline code in the first column of each table of messages on a page. */
export function messagesOf(page: string): QuotedMessage[] {
  const messages: QuotedMessage[] = [];
  let isMessages = false;
  let wasTable = false;
  for (const line of readFileSync(join(root, page), 'utf8').split('\n')) {
    const isTable = line.startsWith('|');
    const [first = ''] = line.replace(/^\|/, '').split(/(?<!\\)\|/);
    if (isTable && !wasTable) isMessages = messageHeadings.has(first.trim().toLowerCase());
    else if (isTable && isMessages)
      messages.push(...[...first.matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({ page, text })));
    wasTable = isTable;
  }
  return messages;
}

/** Texts between two sentences or parts that the errors of the package join. */
const joints = /(: expected |, got |\. (?=[A-Z])|: |; )/;

/** Matches an inserted value, which ends where the next part of the message begins. */
const insertedValue = '((?:(?!: expected |, got |[.] [A-Z]).)+?)';

/** Templates with fewer letters fit almost any text, so their values must be texts of the source too. */
const minimumLetters = 8;

/** The same for a quotation with a placeholder for each value, which fits one template alone. */
const minimumQuotedLetters = 5;

/** A shorter beginning of a text fits too many others. */
const minimumPrefixLength = 20;

/** Every string of the source, with a wildcard for each inserted value. */
export class SourceTexts {
  readonly #exact = new Set<string>();
  readonly #patterns: RegExp[] = [];
  readonly #weakPatterns: RegExp[] = [];

  constructor() {
    const files = filesIn(join(root, 'src')).filter((file) => file.endsWith('.ts'));
    for (const file of files) this.#collect(ts.createSourceFile(file, readFileSync(file, 'utf8'), 99, true));
  }

  /** True when the texts of the source make up the whole message. */
  has(message: string): boolean {
    // AWS's own errors are no texts of the source.
    if (this.#hasText(message) || /^(… )?\w+(Fault|Exception)\b/.test(message)) return true;
    const isInvalidInput = message.startsWith('Invalid ');
    const parts = message.replace(/^Invalid /, '').split(joints);
    return this.#covers(parts, !isInvalidInput || parts.length === 1);
  }

  #covers(parts: readonly string[], isFirst: boolean): boolean {
    for (let end = parts.length; end > 0; end -= 2) {
      const text = parts.slice(0, end).join('');
      const isKnown = this.#hasText(text) || this.#hasText(upperFirst(text));
      const isValue = !isFirst && (text === '…' || isPath(text));
      if ((isKnown || isValue) && (end === parts.length || this.#covers(parts.slice(end + 1), false)))
        return true;
    }
    return false;
  }

  #hasText(text: string): boolean {
    if (this.#isText(text)) return true;
    return this.#weakPatterns.some((pattern) => {
      const [, ...values] = pattern.exec(text) ?? [];
      const known = values.filter((value) => this.#isText(value) || this.#isText(lowerFirst(value)));
      return known.length > 0 && values.every((value) => value === '…' || known.includes(value));
    });
  }

  #isText(text: string): boolean {
    return this.#exact.has(text) || this.#patterns.some((pattern) => pattern.test(text));
  }

  #collect(node: ts.Node): void {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) this.#addText(node.text);
    if (ts.isTemplateExpression(node)) {
      const spans = node.templateSpans.map(({ literal }) => literal.text);
      // Values beside each other are one.
      const literals = spans.filter((text, at) => text !== '' || at === spans.length - 1);
      for (const text of prefixesOf([node.head.text, ...literals].join('…'))) this.#addTemplate(text);
    }
    ts.forEachChild(node, (child) => this.#collect(child));
  }

  #addText(text: string): void {
    for (const prefix of prefixesOf(text)) {
      this.#exact.add(prefix);
      this.#exact.add(lowerFirst(prefix));
    }
  }

  #addTemplate(text: string): void {
    const letters = text.replace(/[^a-z]/gi, '').length;
    const pattern = new RegExp(`^${text.split('…').map(escapeForPattern).join(insertedValue)}$`);
    if (letters >= minimumQuotedLetters) this.#exact.add(text);
    if (letters > 0) (letters < minimumLetters ? this.#weakPatterns : this.#patterns).push(pattern);
  }
}

/** Returns a text and its beginnings that end before another part, because a page may quote the beginning only. */
function prefixesOf(text: string): string[] {
  const ends = [...text.matchAll(/: |; |, /g)].map(({ index }) => text.slice(0, index));
  // A value at the end can be empty.
  return [text, ...[text.replace(/…$/, ''), ...ends].filter((it) => it.length >= minimumPrefixLength)];
}

/** The path of an option, such as `blue.queue` or `checks[0].name`. */
function isPath(text: string): boolean {
  return /^[\w.…[\]"-]+$/.test(text);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escapeForPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** True when a message begins with the quoted text, or when the text ends with a placeholder and covers its beginning. */
export function explains(quoted: string, message: string): boolean {
  const pattern = quoted.split('…').map(escapeForPattern).join('.+?');
  return new RegExp(`^${pattern}(?=$|[:.;,])`, 's').test(message);
}
