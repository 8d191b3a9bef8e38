import { writeReport } from '../write-report.js';
import { runRehearsal } from './run.js';
import { rehearsalInWords } from './views.js';

/** Runs the rehearsal, prints it, and writes the report to the given file. */
export async function demonstrateRehearsal({
  json,
  report,
}: {
  readonly json: boolean;
  readonly report: string | undefined;
}): Promise<void> {
  if (!json) console.log('Rehearsing a canary on a simulated week, as if it had begun at every hour\n');
  const document = await runRehearsal((check, progress) => {
    if (json || progress.type !== 'planned') return;
    const { metrics, calls, shifts } = progress;
    console.log(`${check}: requests ${metrics} metrics in ${calls} call(s), for ${shifts} shifts`);
  });
  if (json) console.log(JSON.stringify(document, undefined, 2));
  else {
    for (const rehearsal of [document.threshold, document.regression])
      console.log(`\n${rehearsalInWords(rehearsal).join('\n')}`);
  }
  const { threshold, regression, awsCalls } = document;
  await writeReport({ json, report }, () => ({
    title: `${threshold.shifts} shifts rehearsed with two checks`,
    facts: { 'AWS calls': awsCalls },
    rehearsal: [threshold, regression],
  }));
}
