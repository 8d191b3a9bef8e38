import { runSwap } from '../examples/whole-stack-swap/swap.js';

/** Speed of the simulated AWS. */
export interface SimulatorSpeed {
  readonly virtualHoursPerSecond: number;
  readonly callsPerSwap: number;
}

/** Virtual minutes of steady traffic before (10) and after (11) the swap. */
const minutesAround = 21;

/** Runs the whole-stack swap, with its feed of messages, repeatedly. */
export async function measureSimulator(repetitions: number): Promise<SimulatorSpeed> {
  const speeds: number[] = [];
  let calls = 0;
  for (let repetition = -1; repetition < repetitions; repetition += 1) {
    const startedAt = performance.now();
    const { cloud } = await runSwap({ scenario: 'swap' });
    const seconds = (performance.now() - startedAt) / 1000;
    calls = cloud.calls;
    // The first run also compiles the code.
    if (repetition >= 0) speeds.push((cloud.virtualSeconds + minutesAround * 60) / 3600 / seconds);
  }
  return { virtualHoursPerSecond: Math.max(...speeds), callsPerSwap: calls };
}
