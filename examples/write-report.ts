import { writeFile } from 'node:fs/promises';
import { type ReportInput, renderReport } from 'aws-blue-green-toolkit/report';

/** Option `--report` of the demo. */
export interface ReportOptions {
  readonly json: boolean;
  /** File of the report. */
  readonly report: string | undefined;
}

/** Writes the report to the file of `--report`, when there is one. Reports a file that cannot be written. */
export async function writeReport({ json, report }: ReportOptions, input: () => ReportInput): Promise<void> {
  if (report === undefined) return;
  try {
    await writeFile(report, renderReport(input()));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`Could not write the report to ${report}: ${reason}`);
    process.exitCode = 1;
    return;
  }
  if (!json) console.log(`\nReport: ${report}`);
}

/** Returns an event of a demo's JSON with its time in milliseconds since 1970. */
export function withTime<Event extends { readonly at: string }>(
  event: Event,
): Event extends unknown ? Omit<Event, 'at'> & { readonly at: number } : never;
export function withTime(event: { readonly at: string }): { readonly at: number } {
  return { ...event, at: Date.parse(event.at) };
}
