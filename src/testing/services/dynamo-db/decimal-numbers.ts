import { awsError } from '../../cloud/environment.js';

/** The value `digits × 10^exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

const maxDigits = 38;

/**
 * Reads a number of DynamoDB, which has up to 38 significant digits.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export function parseDecimal(text: string): Decimal {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole + fraction === '')
    throw awsError('ValidationException', `The parameter cannot be converted to a numeric value: ${text}`);
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  return checked(normalized({ digits, exponent: Number(exponent) - fraction.length }));
}

/** Returns a number below, at or above zero, as a comparator does. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  const { digits } = addDecimals(left, negated(right), { isExact: true });
  return digits === 0n ? 0 : digits < 0n ? -1 : 1;
}

/** Adds two numbers. */
export function addDecimals(left: Decimal, right: Decimal, { isExact = false } = {}): Decimal {
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = (it: Decimal) => it.digits * 10n ** BigInt(it.exponent - exponent);
  const sum = normalized({ digits: scaled(left) + scaled(right), exponent });
  return isExact ? sum : checked(sum);
}

/** Returns the number with the opposite sign. */
export function negated({ digits, exponent }: Decimal): Decimal {
  return { digits: -digits, exponent };
}

/** Writes the number without an exponent, as DynamoDB returns it. */
export function formatDecimal({ digits, exponent }: Decimal): string {
  if (exponent >= 0) return String(digits * 10n ** BigInt(exponent));
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(1 - exponent, '0');
  return `${sign}${text.slice(0, exponent)}.${text.slice(exponent)}`;
}

function normalized({ digits, exponent }: Decimal): Decimal {
  if (digits === 0n) return { digits, exponent: 0 };
  let rest = digits;
  let zeros = 0;
  while (rest % 10n === 0n) {
    rest /= 10n;
    zeros += 1;
  }
  return { digits: rest, exponent: exponent + zeros };
}

function checked(value: Decimal): Decimal {
  const length = String(value.digits).replace('-', '').length;
  if (length > maxDigits)
    throw awsError('ValidationException', 'Attempting to store more than 38 significant digits in a Number');
  const magnitude = length + value.exponent - 1;
  if (value.digits !== 0n && (magnitude > 125 || magnitude < -130))
    throw awsError('ValidationException', `Number ${magnitude > 0 ? 'overflow' : 'underflow'}`);
  return value;
}
