import { awsError } from '../../cloud/environment.js';

/** The values of a metric or of an expression, by the start of their periods in milliseconds since 1970. */
export interface MetricSeriesValues {
  /** The label of the metric. */
  readonly label: string;
  readonly values: ReadonlyMap<number, number>;
}

type MathValue = number | MetricSeriesValues | readonly MetricSeriesValues[];

/** The metrics and periods of a request. */
export interface MathScope {
  /** Returns the values of another query; throws for an Id that is not in the request. */
  readonly valueOf: (id: string) => MathValue;
  /** Returns all metrics of the request whose Id contains the text. */
  readonly metrics: (text: string) => readonly MetricSeriesValues[];
  /** The starts of all periods of the request, for `FILL`. */
  readonly periods: readonly number[];
}

/**
 * Evaluates a metric-math expression: + - * /, comparisons, AND, OR, numbers, parentheses, lists, METRICS, FILL with a
 * number, IF, SUM, AVG, MAX, MIN and ABS. As AWS documents, arithmetic treats a missing value as 0, and a division by 0 has
 * no value.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function evaluateMath(expression: string, scope: MathScope): readonly MetricSeriesValues[] {
  const result = new Evaluation(expression, scope).run();
  if (typeof result === 'number')
    throw validationError(`The expression ${expression} has to return a time series, not a number`);
  return isSeries(result) ? [result] : result;
}

type Operation = (a: number, b: number) => number | undefined;

const operations: Readonly<Record<string, Operation>> = {
  OR: (a, b) => Number(a !== 0 || b !== 0),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? undefined : a / b),
};

/** Operators by precedence, lowest first. */
const levels = [['OR'], ['AND'], ['==', '!=', '<=', '>=', '<', '>'], ['+', '-'], ['*', '/']];

const token = /\s*(\d+(?:\.\d+)?|[A-Za-z_]\w*|"[^"]*"|'[^']*'|==|!=|<=|>=|&&|\|\||[-+*/()<>,[\]])/y;

/** Parses and evaluates an expression from left to right. */
class Evaluation {
  readonly #expression: string;
  readonly #scope: MathScope;
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(expression: string, scope: MathScope) {
    this.#expression = expression;
    this.#scope = scope;
    this.#tokens = tokensOf(expression);
  }

  run(): MathValue {
    const value = this.#binary(0);
    if (this.#position < this.#tokens.length) this.#fail();
    return value;
  }

  #binary(level: number): MathValue {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let value = this.#binary(level + 1);
    for (;;) {
      const operator = this.#tokens[this.#position];
      const operation = operator !== undefined && operators.includes(operator) && operations[operator];
      if (!operation) return value;
      this.#position += 1;
      value = combine(value, this.#binary(level + 1), operation);
    }
  }

  #unary(): MathValue {
    if (!this.#take('-')) return this.#primary();
    return combine(0, this.#unary(), (a, b) => a - b);
  }

  #primary(): MathValue {
    if (this.#take('(')) {
      const value = this.#binary(0);
      this.#expect(')');
      return value;
    }
    if (this.#take('[')) return this.#list(']').flatMap(toSeries);
    const name = this.#next();
    if (/^\d/.test(name)) return Number(name);
    if (!/^[A-Za-z_]/.test(name)) this.#fail();
    return this.#take('(') ? this.#call(name) : this.#scope.valueOf(name);
  }

  #call(name: string): MathValue {
    if (name === 'METRICS') {
      const text = this.#tokens[this.#position] === ')' ? '' : this.#next().slice(1, -1);
      this.#expect(')');
      return this.#scope.metrics(text);
    }
    const [first = this.#fail(), ...rest] = this.#list(')');
    const reduce = reductions[name];
    if (reduce !== undefined) return reduced(first, reduce);
    if (name === 'IF') return choose(first, rest[0] ?? this.#fail(), rest[1]);
    if (name === 'ABS') return combine(first, 0, (value) => Math.abs(value));
    if (name === 'FILL' && typeof rest[0] === 'number') return fill(first, rest[0], this.#scope.periods);
    throw new TypeError(`SimulatedCloud does not evaluate ${name} as in ${this.#expression}`);
  }

  #list(end: string): MathValue[] {
    const values: MathValue[] = [];
    if (this.#take(end)) return values;
    do values.push(this.#binary(0));
    while (this.#take(','));
    this.#expect(end);
    return values;
  }

  #next(): string {
    const next = this.#tokens[this.#position] ?? this.#fail();
    this.#position += 1;
    return next;
  }

  #take(wanted: string): boolean {
    if (this.#tokens[this.#position] !== wanted) return false;
    this.#position += 1;
    return true;
  }

  #expect(wanted: string): void {
    if (!this.#take(wanted)) this.#fail();
  }

  #fail(): never {
    throw validationError(`The expression ${this.#expression} is invalid`);
  }
}

const reductions: Readonly<Record<string, (values: readonly number[], count: number) => number>> = {
  SUM: sum,
  // A missing value counts as 0, so the divisor is the number of all series.
  AVG: (values, count) => sum(values) / count,
  MAX: (values) => Math.max(...values),
  MIN: (values) => Math.min(...values),
};

/** Reduces one series to a number, and several series to one. */
function reduced(value: MathValue, reduce: (values: readonly number[], count: number) => number): MathValue {
  if (typeof value === 'number') return value;
  if (isSeries(value))
    return value.values.size === 0 ? 0 : reduce([...value.values.values()], value.values.size);
  return series(value[0]?.label, timesOf(value), (at) =>
    reduce(
      value.flatMap(({ values }) => values.get(at) ?? []),
      value.length,
    ),
  );
}

function combine(a: MathValue, b: MathValue, operation: Operation): MathValue {
  if (typeof a === 'number' && typeof b === 'number') return operation(a, b) ?? 0;
  if (isList(a)) return a.flatMap((it) => toSeries(combine(it, b, operation)));
  if (isList(b)) return b.flatMap((it) => toSeries(combine(a, it, operation)));
  const sides = [a, b].filter((it) => typeof it !== 'number');
  return series(sides[0]?.label, timesOf(sides), (at) => operation(valueAt(a, at), valueAt(b, at)));
}

/** Returns one value for each value of the condition. A choice without a value at that time leaves a gap. */
function choose(condition: MathValue, yes: MathValue, no: MathValue | undefined): MathValue {
  if (typeof condition === 'number') return condition !== 0 ? yes : (no ?? []);
  return series(undefined, timesOf(toSeries(condition)), (at) => {
    const chosen = valueAt(condition, at) !== 0 ? yes : no;
    if (chosen === undefined || typeof chosen === 'number') return chosen;
    return toSeries(chosen)[0]?.values.get(at);
  });
}

function fill(value: MathValue, filler: number, periods: readonly number[]): MathValue {
  if (typeof value === 'number') return value;
  const filled = toSeries(value).map((it) =>
    series(it.label, [...new Set([...it.values.keys(), ...periods])], (at) => it.values.get(at) ?? filler),
  );
  return isList(value) ? filled : (filled[0] ?? []);
}

function series(
  label: string | undefined,
  times: readonly number[],
  valueFor: (at: number) => number | undefined,
): MetricSeriesValues {
  const values = new Map<number, number>();
  for (const at of times) {
    const value = valueFor(at);
    if (value !== undefined) values.set(at, value);
  }
  return { label: label ?? '', values };
}

function timesOf(all: readonly MetricSeriesValues[]): number[] {
  return [...new Set(all.flatMap(({ values }) => [...values.keys()]))];
}

function valueAt(value: MathValue, at: number): number {
  if (typeof value === 'number') return value;
  return toSeries(value)[0]?.values.get(at) ?? 0;
}

function toSeries(value: MathValue): readonly MetricSeriesValues[] {
  if (typeof value === 'number') throw validationError('A number stands where a time series is needed');
  return isSeries(value) ? [value] : value;
}

function isSeries(value: MathValue): value is MetricSeriesValues {
  return typeof value === 'object' && 'values' in value && 'label' in value;
}

function isList(value: MathValue): value is readonly MetricSeriesValues[] {
  return typeof value === 'object' && !isSeries(value);
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  const trimmed = expression.trimEnd();
  token.lastIndex = 0;
  while (token.lastIndex < trimmed.length) {
    const found = token.exec(trimmed)?.[1];
    if (found === undefined) throw validationError(`The expression ${expression} is invalid`);
    tokens.push(found === '&&' ? 'AND' : found === '||' ? 'OR' : found);
  }
  return tokens;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function validationError(message: string): Error {
  return awsError('ValidationError', message);
}
