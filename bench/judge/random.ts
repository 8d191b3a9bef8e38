/** Seeded source of random numbers. */
export interface Random {
  /** Uniform, from 0 to below 1. */
  uniform(): number;
  normal(): number;
  poisson(mean: number): number;
  /** Gamma with the mean 1 and this coefficient of variation, at most 1. */
  gamma(variation: number): number;
  /** Geometric with this mean: 1, 2, … */
  geometric(mean: number): number;
}

/** Creates a source by the generator sfc32. The same seed gives the same numbers. */
export function randomOf(seed: number): Random {
  const uniform = sfc32(seed);
  let spare: number | undefined;
  const normal = () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    uniform,
    normal,
    poisson: (mean) => (mean < 25 ? smallPoisson(mean, uniform) : largePoisson(mean, normal)),
    gamma: (variation) => gamma(1 / variation ** 2, uniform, normal) * variation ** 2,
    geometric: (mean) => 1 + Math.floor(Math.log(1 - uniform()) / Math.log1p(-1 / mean)),
  };
}

function sfc32(seed: number): () => number {
  let [a, b, c, counter] = [0x9e3779b9, seed | 0, 0x243f6a88, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let index = 0; index < 15; index += 1) next();
  return next;
}

/** Inversion: one uniform number, searched from 0 upward. */
function smallPoisson(mean: number, uniform: () => number): number {
  let probability = Math.exp(-mean);
  let rest = uniform() - probability;
  let value = 0;
  while (rest >= 0 && value < 1000) {
    value += 1;
    probability *= mean / value;
    rest -= probability;
  }
  return value;
}

/** Normal approximation with the Cornish–Fisher correction of the skewness: its mean, variance and skewness are those of Poisson. */
function largePoisson(mean: number, normal: () => number): number {
  const z = normal();
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * z + (z * z - 1) / 6));
}

/** Gamma of a shape of at least 1, by the method of Marsaglia and Tsang (2000). */
function gamma(shape: number, uniform: () => number, normal: () => number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
