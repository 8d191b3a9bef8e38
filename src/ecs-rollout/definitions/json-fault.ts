/** The place of the first fault of a text that is not JSON. */
export interface JsonFault {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  readonly expected: string;
  readonly actual: string;
}

type Wanted = keyof typeof expectations;

const expectations = {
  value: 'a value',
  valueOrEnd: 'a value, or the end of the array',
  name: 'the name of a field in double quotes',
  nameOrEnd: 'the name of a field in double quotes, or the end of the object',
  colon: 'a colon',
  commaOrEnd: 'a comma, or the end of the object or array',
  endOfString: 'the end of the string, or a character that JSON allows in one',
  nothing: 'nothing more',
} as const;

const quotedPlaceholder = `a value; also what stands for a number is in quotes: "\${NAME}"`;

/**
 * Finds the first fault of a text that is not JSON. Returns undefined when it is. The messages of `JSON.parse` have the place only
 * sometimes, differ between the releases of Node, and quote the file.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  return new JsonScanner(text).findFault();
}

/** Reads the text token by token, and keeps the open brackets on a stack of its own. */
class JsonScanner {
  readonly #text: string;
  readonly #open: ('{' | '[')[] = [];
  #at = 0;
  #wanted: Wanted = 'value';

  constructor(text: string) {
    this.#text = text;
  }

  findFault(): JsonFault | undefined {
    for (;;) {
      this.#read(/[ \t\r\n]*/y);
      if (this.#wanted === 'nothing' && this.#at === this.#text.length) return undefined;
      const then = this.#step();
      if (then === undefined) return this.#fault();
      this.#wanted = then;
    }
  }

  /** Reads the wanted token, and returns the kind of the next one; undefined when the text has another token. */
  #step(): Wanted | undefined {
    switch (this.#wanted) {
      case 'value':
        return this.#readValue();
      case 'valueOrEnd':
        return this.#read(/]/y) ? this.#close() : this.#readValue();
      case 'name':
        return this.#readString('colon');
      case 'nameOrEnd':
        return this.#read(/\}/y) ? this.#close() : this.#readString('colon');
      case 'colon':
        return this.#read(/:/y) ? 'value' : undefined;
      case 'commaOrEnd':
        return this.#readCommaOrEnd();
      default:
        return undefined;
    }
  }

  #readValue(): Wanted | undefined {
    if (this.#read(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y)) return this.#afterValue();
    if (this.#read(/\{/y)) {
      this.#open.push('{');
      return 'nameOrEnd';
    }
    if (this.#read(/\[/y)) {
      this.#open.push('[');
      return 'valueOrEnd';
    }
    return this.#readString(this.#afterValue());
  }

  #readString(then: Wanted): Wanted | undefined {
    // No quotes, no backslashes, no control characters.
    if (!this.#read(/"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/y)) return undefined;
    if (this.#read(/"/y)) return then;
    this.#wanted = 'endOfString';
    return undefined;
  }

  #readCommaOrEnd(): Wanted | undefined {
    const isObject = this.#open.at(-1) === '{';
    if (this.#read(isObject ? /\}/y : /]/y)) return this.#close();
    if (!this.#read(/,/y)) return undefined;
    return isObject ? 'name' : 'value';
  }

  #close(): Wanted {
    this.#open.pop();
    return this.#afterValue();
  }

  #afterValue(): Wanted {
    return this.#open.length === 0 ? 'nothing' : 'commaOrEnd';
  }

  #read(token: RegExp): boolean {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    this.#at += match?.[0].length ?? 0;
    return match !== null;
  }

  /** Programs that replace placeholders before they parse the file accept them without quotes. */
  #isPlaceholder(): boolean {
    return this.#text.startsWith(`\${`, this.#at);
  }

  #fault(): JsonFault {
    const linesBefore = this.#text.slice(0, this.#at).split('\n');
    const next = this.#text.codePointAt(this.#at);
    return {
      line: linesBefore.length,
      column: (linesBefore.at(-1) ?? '').length + 1,
      expected: this.#isPlaceholder() ? quotedPlaceholder : expectations[this.#wanted],
      actual: next === undefined ? 'the end of the file' : JSON.stringify(String.fromCodePoint(next)),
    };
  }
}
