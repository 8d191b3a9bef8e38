import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/step-functions';

/** A placeholder that SAM replaces by the template's `DefinitionSubstitutions`. */
const substitution = (name: string) => `\${${name}}`;

/** State machine for long rollouts. */
export const rollouts = stepFunctionsDefinition({
  functionArn: substitution('FunctionArn'),
  functionTimeoutSeconds: 900,
  partition: substitution('Partition'),
  // The same function responds to CloudFormation at the end.
  report: substitution('FunctionArn'),
});

/** Writes the definition when run with `tsx examples/sam/rollouts.ts`. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(
    new URL('rollouts.asl.json', import.meta.url),
    `${JSON.stringify(rollouts, undefined, 2)}\n`,
  );
}
