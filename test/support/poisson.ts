/** Returns the Poisson probabilities of the counts that matter, each with its count. */
export function poisson(mean: number): { count: number; probability: number }[] {
  const width = 12 * Math.sqrt(mean) + 30;
  let logarithm = -mean;
  const list: { count: number; probability: number }[] = [];
  for (let count = 0; count <= mean + width; count += 1) {
    if (count > 0) logarithm += Math.log(mean / count);
    if (Math.abs(count - mean) <= width) list.push({ count, probability: Math.exp(logarithm) });
  }
  return list;
}
