import type { ReportInput } from 'aws-blue-green-toolkit/report';
import { withTime } from '../write-report.js';
import type { CanaryDocument } from './run.js';

/** Returns the input of the report of a run. */
export function reportOf(
  { events, requests, awsCalls, rollback }: CanaryDocument,
  scenario: string,
): ReportInput {
  return {
    title: `Traffic shift “${scenario}”`,
    facts: {
      Requests: requests.blue.served + requests.green.served,
      Failed: requests.failedTotal,
      'Failed, all at once': requests.wouldHaveFailedAllAtOnce,
      'AWS calls': awsCalls,
      ...(rollback && { 'First failing data point to verified rollback': `${rollback.seconds} s` }),
    },
    shift: { history: events.map((event) => withTime(event)) },
  };
}
