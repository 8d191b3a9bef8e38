import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/step-functions';

/** What SAM fills in by the template's `DefinitionSubstitutions`. */
const substitution = (name: string) => `\${${name}}`;

/** The state machine that takes long rollouts. */
export const rollouts = stepFunctionsDefinition({
  functionArn: substitution('FunctionArn'),
  functionTimeoutSeconds: 900,
  partition: substitution('Partition'),
  // The same function: it answers CloudFormation at the end.
  report: substitution('FunctionArn'),
});

/** `tsx examples/sam/rollouts.ts` writes the definition anew. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(
    new URL('rollouts.asl.json', import.meta.url),
    `${JSON.stringify(rollouts, undefined, 2)}\n`,
  );
}
