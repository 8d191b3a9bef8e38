import {
  albErrorRateRegression,
  albTargetGroup5xxRate,
  type Check,
  canary,
  type Rehearsal,
  type RehearsalProgress,
  rehearse,
} from 'aws-blue-green-toolkit/traffic';
import { shop, simulateWeek, week } from './week.js';

/** Scenario of the demo. */
export const rehearsalScenario = 'rehearsal';

/** Result of the demo: the same week with two checks. */
export interface RehearsalDocument {
  /** Check of a fixed limit: at most 1 % of the requests fail. */
  readonly threshold: Rehearsal;
  /** Check that compares the error rates of both stacks. */
  readonly regression: Rehearsal;
  /** Calls of AWS. */
  readonly awsCalls: number;
}

/** Rehearses a canary on a simulated week with an incident in it, with each of two checks. */
export async function runRehearsal(
  onProgress: (check: string, progress: RehearsalProgress) => void = () => {},
): Promise<RehearsalDocument> {
  const cloud = simulateWeek();
  const { clients, clock } = cloud;
  const rehearseWith = (check: Check) =>
    rehearse({
      strategy: canary({ percent: 10, holdSeconds: 1800, bakeSeconds: 600 }),
      checks: [check],
      from: new Date(week.from),
      to: new Date(week.to),
      inject: { ratio: 5 },
      clients,
      clock,
      onProgress: (progress) => onProgress(check.name, progress),
    });
  const limit = { maxPercent: 1, minimumRequests: 50, windowSeconds: 180 };
  return {
    threshold: await rehearseWith(albTargetGroup5xxRate({ name: 'at most 1 %', ...shop, ...limit })),
    regression: await rehearseWith(albErrorRateRegression({ name: 'no worse than outgoing', ...shop })),
    awsCalls: cloud.calls.length,
  };
}
