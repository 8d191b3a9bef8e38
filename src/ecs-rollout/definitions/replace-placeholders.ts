import { ReplacedText } from './replaced-text.js';

/** Values by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The names and positions that lead to a value in a document, from its root. */
export type JsonPath = readonly (string | number)[];

export interface DocumentProblem {
  readonly path: JsonPath;
  readonly expected: string;
  readonly actual: string;
  /** The problem in words, where `expected …, got …` does not say it. */
  readonly text?: string;
}

/** A document with its placeholders replaced, and the problems with them. */
export interface ReplacedDocument {
  /** The document. A string that had a placeholder is a {@link ReplacedText}. */
  readonly value: unknown;
  /** The places of each name that has no value. */
  readonly missing: ReadonlyMap<string, readonly JsonPath[]>;
  readonly problems: readonly DocumentProblem[];
}

/** The inputs of AWS have some ten levels. */
const maxDepth = 64;

/** As many as a file may have: a long value in many places takes more memory than a string can have. */
const maxCharacters = 1024 * 1024;

const literal = `\${`;
const escaped = `$${literal}`;
const hint = `, such as ${literal}NAME} (${escaped} stands for a literal ${literal})`;

/** The escape, a placeholder, or a malformed placeholder. */
const template = /\$\$\{|\$\{(?:([A-Za-z_]\w*)\})?/g;

/**
 * Replaces `${NAME}` in the strings of a parsed document. A value cannot become anything but text: its content is neither parsed
 * nor replaced again. Names of fields have no placeholders.
 */
export function replacePlaceholders(document: unknown, env: Environment): ReplacedDocument {
  const replacer = new PlaceholderReplacer(env);
  const value = replacer.visit(document, []);
  return { value, missing: replacer.missing, problems: replacer.problems };
}

class PlaceholderReplacer {
  readonly missing = new Map<string, JsonPath[]>();
  readonly problems: DocumentProblem[] = [];
  readonly #env: Environment;
  /** Characters of all values so far. */
  #characters = 0;

  constructor(env: Environment) {
    this.#env = env;
  }

  visit(value: unknown, path: JsonPath): unknown {
    if (typeof value === 'string') return this.#replace(value, path);
    if (typeof value !== 'object' || value === null) return value;
    if (path.length === maxDepth) {
      this.problems.push({ path, expected: `at most ${maxDepth} levels`, actual: 'more' });
      return null;
    }
    if (Array.isArray(value)) return value.map((item, index) => this.visit(item, [...path, index]));
    const fields = Object.entries(value).map(
      ([name, it]) => [this.#nameOf(name, path), this.visit(it, [...path, name])] as const,
    );
    // A field with the name `__proto__` stays a field.
    return Object.fromEntries(fields);
  }

  #replace(text: string, path: JsonPath): string | ReplacedText {
    const names = new Set<string>();
    const replaced = text.replace(template, (match, name?: string) => {
      if (name !== undefined) {
        names.add(name);
        return this.#spend(this.#valueOf(name) ?? '', path);
      }
      if (match === escaped) return literal;
      this.problems.push({ path, expected: `a placeholder with a name${hint}`, actual: 'another form' });
      return match;
    });
    if (names.size === 0) return replaced;
    const missing = [...names].filter((name) => this.#valueOf(name) === undefined);
    for (const name of missing) this.#addMissing(name, path);
    const soleName = [...names].find((name) => text === `${literal}${name}}`);
    return new ReplacedText(missing.length === 0 ? replaced : undefined, soleName);
  }

  /** The value of a placeholder, as long as there is room for it. */
  #spend(value: string, path: JsonPath): string {
    const isOver = this.#characters > maxCharacters;
    if (!isOver) this.#characters += value.length;
    if (this.#characters <= maxCharacters) return value;
    if (!isOver) {
      const expected = 'at most 1 MiB with the values of all placeholders';
      this.problems.push({ path, expected, actual: 'more' });
    }
    return '';
  }

  #nameOf(name: string, path: JsonPath): string {
    return name.replace(template, (match) => {
      if (match === escaped) return literal;
      const problem = { expected: `a name without placeholders${hint}`, actual: 'one with a placeholder' };
      this.problems.push({ path: [...path, name], ...problem });
      return match;
    });
  }

  #addMissing(name: string, path: JsonPath): void {
    const paths = this.missing.get(name);
    if (paths === undefined) this.missing.set(name, [path]);
    else paths.push(path);
  }

  /** A property that every object inherits, such as `constructor`, is no value of the environment. */
  #valueOf(name: string): string | undefined {
    return Object.hasOwn(this.#env, name) ? this.#env[name] : undefined;
  }
}
