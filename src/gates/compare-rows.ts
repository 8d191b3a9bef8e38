import type { Field } from '@aws-sdk/client-rds-data';
import { describeValue } from '../core/describe-value.js';
import type { GateReading } from './gate.js';

/** Value of a cell as text; null for NULL. */
export type Cell = string | null;

/** Rows of the result of a query, in its order. */
export type Rows = readonly (readonly Cell[])[];

/** Highest difference of two numbers: an absolute one, or one in percent of the larger one. */
export interface Tolerance {
  readonly absolute?: number | undefined;
  readonly percent?: number | undefined;
}

/** Converts a field of the Data API. Whole numbers and decimals are text already, so no digit is lost. */
export function cellOf(field: Field): Cell {
  if (field.isNull === true) return null;
  const { stringValue, longValue, doubleValue, booleanValue, blobValue, arrayValue } = field;
  if (stringValue !== undefined) return stringValue;
  if (blobValue !== undefined)
    return [...blobValue].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (arrayValue !== undefined) return JSON.stringify(arrayValue);
  const value = longValue ?? doubleValue ?? booleanValue;
  return value === undefined ? null : String(value);
}

/** Compares the results of one query on both clusters. A result without any value is no data. */
export function compareRows(blue: Rows, green: Rows, tolerance: Tolerance): GateReading {
  const isEmpty = (rows: Rows) => rows.flat().every((cell) => cell === null);
  if (isEmpty(blue) && isEmpty(green))
    return { state: 'unknown', detail: 'no data: the query returned no value on either cluster' };
  if (blue.length !== green.length)
    return { state: 'closed', detail: `blue returned ${blue.length} rows, green ${green.length}` };
  for (const [row, own] of blue.entries()) {
    const other = green[row] ?? [];
    if (own.length !== other.length)
      return {
        state: 'closed',
        detail: `row ${row + 1} has ${own.length} columns on blue, ${other.length} on green`,
      };
    const column = own.findIndex((cell, index) => !isSame(cell, other[index] ?? null, tolerance));
    if (column >= 0) {
      const [a, b] = [own[column] ?? null, other[column] ?? null].map(describeCell);
      return { state: 'closed', detail: `row ${row + 1}, column ${column + 1}: ${a} on blue, ${b} on green` };
    }
  }
  return { state: 'open', detail: `${blue.length} rows are the same on both clusters${inWords(tolerance)}` };
}

/** A cell can be long, and it is data: only a number is shown. */
function describeCell(cell: Cell): string {
  if (cell === null) return 'NULL';
  return decimalOf(cell) === undefined
    ? `a text of ${cell.length} characters`
    : describeValue(cell).slice(0, 60);
}

function inWords({ absolute, percent }: Tolerance): string {
  if (percent) return ` within ${percent} %`;
  return absolute ? ` within ${absolute}` : '';
}

function isSame(blue: Cell, green: Cell, tolerance: Tolerance): boolean {
  if (blue === green) return true;
  if (blue === null || green === null) return false;
  const [a, b] = [decimalOf(blue), decimalOf(green)];
  if (a === undefined || b === undefined)
    return isSameNumber(Number(blue), Number(green), tolerance, [blue, green]);
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [atScale(a, scale), atScale(b, scale)];
  if (x === y) return true;
  const larger = Math.max(numberOf(x, scale), numberOf(y, scale));
  return isWithin(numberOf(x - y, scale), larger, tolerance);
}

/** A number beyond the range of JavaScript is within no tolerance. */
function isWithin(difference: number, larger: number, { absolute = 0, percent = 0 }: Tolerance): boolean {
  const allowed = percent === 0 ? absolute : Math.max(absolute, (percent / 100) * larger);
  return Number.isFinite(difference) && Number.isFinite(allowed) && difference <= allowed;
}

/** Compares numbers with an exponent, such as `1e+21`. Text that is no number is different. */
function isSameNumber(a: number, b: number, tolerance: Tolerance, texts: readonly string[]): boolean {
  if (texts.some((text) => !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))) return false;
  return isWithin(Math.abs(a - b), Math.max(Math.abs(a), Math.abs(b)), tolerance);
}

interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

function decimalOf(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d{1,400})(?:\.(\d{0,300}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = ''] = match;
  return { digits: BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`), scale: fraction.length };
}

function atScale({ digits, scale }: Decimal, wanted: number): bigint {
  return digits * 10n ** BigInt(wanted - scale);
}

/** Size of a decimal. The digits alone can be beyond the range of a number. */
function numberOf(digits: bigint, scale: number): number {
  return Math.abs(Number(`${digits}e-${scale}`));
}
