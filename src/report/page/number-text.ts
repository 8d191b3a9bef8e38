/** Rounds to two digits after the point. */
export function round(value: number): number {
  const rounded = Math.round(value * 100) / 100;
  return Number.isFinite(rounded) ? rounded : value;
}

/** Formats a share in percent. */
export function percent(value: number): string {
  return `${round(value)} %`;
}

/** Formats a number in few characters, such as `0.0042`, `240` or `1.8 × 10^308`. */
export function short(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'more than 10^308';
  const size = Math.abs(value);
  if (size >= 1e6) return value.toExponential(1).replace('e+', ' × 10^');
  if (size >= 100) return String(Math.round(value));
  if (size >= 0.1 || value === 0) return String(round(value));
  return size >= 1e-4
    ? String(Number(value.toPrecision(2)))
    : value.toExponential(1).replace('e-', ' × 10^−');
}

/** Formats a count with its noun. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
