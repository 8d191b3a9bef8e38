/** Returns the logarithm of the sum of two numbers given by their logarithms. The logarithm of 0 is -Infinity. */
export function logAdd(one: number, other: number): number {
  const [high, low] = one > other ? [one, other] : [other, one];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** Returns the logarithm of the mean of numbers given by their logarithms. */
export function logMean(logs: readonly number[]): number {
  const high = Math.max(...logs);
  if (high === -Infinity) return -Infinity;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - high);
  return high + Math.log(sum / logs.length);
}
