import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalid } from './attribute-values.js';
import { isReservedWord } from './reserved-words.js';

/** A place in an item: names of attributes and map entries, and indexes of lists. */
export type DocumentPath = readonly (string | number)[];

/** The names and values that the expressions of one request share. */
export class ExpressionParameters {
  readonly #names: Readonly<Record<string, string>>;
  readonly #values: Readonly<Record<string, AttributeValue>>;
  readonly #used = new Set<string>();

  constructor(input: {
    readonly ExpressionAttributeNames?: Record<string, string> | undefined;
    readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
  }) {
    this.#names = input.ExpressionAttributeNames ?? {};
    this.#values = input.ExpressionAttributeValues ?? {};
  }

  nameOf(placeholder: string, kind: string): string {
    this.#used.add(placeholder);
    const name = this.#names[placeholder];
    if (name !== undefined) return name;
    throw invalid(
      `Invalid ${kind}: An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
    );
  }

  valueOf(placeholder: string, kind: string): AttributeValue {
    this.#used.add(placeholder);
    const value = this.#values[placeholder];
    if (value !== undefined) return value;
    throw invalid(
      `Invalid ${kind}: An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
    );
  }

  /** Refuses names and values that no expression uses, as DynamoDB does. */
  requireAllUsed(): void {
    for (const [member, entries] of [
      ['ExpressionAttributeNames', this.#names],
      ['ExpressionAttributeValues', this.#values],
    ] as const) {
      const unused = Object.keys(entries).filter((key) => !this.#used.has(key));
      if (unused.length > 0)
        throw invalid(`Value provided in ${member} unused in expressions: keys: {${unused.join(', ')}}`);
    }
  }
}

const tokenPattern = /\s*(<>|<=|>=|[=<>+\-(),.[\]]|[#:]?[A-Za-z_]\w*|[#:]\w+|\d+)/y;

/** The tokens of one expression, read from left to right. */
export class ExpressionTokens {
  readonly #tokens: readonly string[];
  #position = 0;
  /** The parameter of the request, for error messages: `ConditionExpression`. */
  readonly kind: string;
  readonly parameters: ExpressionParameters;

  constructor(expression: string, kind: string, parameters: ExpressionParameters) {
    this.kind = kind;
    this.parameters = parameters;
    if (expression.trim() === '') throw invalid(`Invalid ${kind}: The expression can not be empty;`);
    this.#tokens = split(expression, kind);
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#tokens.length;
  }

  /** Returns the token at this distance without reading it. */
  peek(distance = 0): string {
    return this.#tokens[this.#position + distance] ?? '';
  }

  /** Reads the next token when it is this one, without regard to case. */
  takes(token: string): boolean {
    if (this.peek().toUpperCase() !== token.toUpperCase()) return false;
    this.#position += 1;
    return true;
  }

  read(): string {
    const token = this.peek();
    if (token === '') throw this.syntaxError();
    this.#position += 1;
    return token;
  }

  expect(token: string): void {
    if (!this.takes(token)) throw this.syntaxError();
  }

  syntaxError() {
    const near = this.#tokens.slice(Math.max(0, this.#position - 1), this.#position + 2).join(' ');
    return invalid(`Invalid ${this.kind}: Syntax error; token: "${this.peek() || '<EOF>'}", near: "${near}"`);
  }

  /** Reads a path such as `phases.#current[0]`. */
  readPath(): DocumentPath {
    const path: (string | number)[] = [this.#readName()];
    for (;;) {
      if (this.takes('.')) path.push(this.#readName());
      else if (this.takes('[')) {
        const index = this.read();
        if (!/^\d+$/.test(index)) throw this.syntaxError();
        path.push(Number(index));
        this.expect(']');
      } else return path;
    }
  }

  #readName(): string {
    const token = this.read();
    if (token.startsWith('#')) return this.parameters.nameOf(token, this.kind);
    if (!/^[A-Za-z]\w*$/.test(token)) throw this.syntaxError();
    if (isReservedWord(token)) {
      throw invalid(`Invalid ${this.kind}: Attribute name is a reserved keyword; reserved keyword: ${token}`);
    }
    return token;
  }
}

function split(expression: string, kind: string): string[] {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  const end = expression.trimEnd().length;
  while (tokenPattern.lastIndex < end) {
    const { lastIndex } = tokenPattern;
    const [, token] = tokenPattern.exec(expression) ?? [];
    if (token === undefined)
      throw invalid(`Invalid ${kind}: Syntax error; token: "${expression.slice(lastIndex).trim()[0]}"`);
    tokens.push(token);
  }
  return tokens;
}
