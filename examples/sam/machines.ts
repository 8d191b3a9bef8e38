import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/step-functions';

/** A placeholder that SAM replaces by the template's `DefinitionSubstitutions`. */
const substitution = (name: string) => `\${${name}}`;

const ofTemplate = { functionArn: substitution('FunctionArn'), partition: substitution('Partition') };

/** State machine for long rollouts of a managed rule. The same function responds to CloudFormation at the end. */
export const rollouts = stepFunctionsDefinition({
  ...ofTemplate,
  functionTimeoutSeconds: 900,
  report: substitution('FunctionArn'),
});

/** State machine of a traffic shift. */
export const shift = stepFunctionsDefinition({ ...ofTemplate, functionTimeoutSeconds: 120 });

/** Writes the definitions when run with `tsx examples/sam/machines.ts`. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, definition] of Object.entries({ rollouts, shift })) {
    const file = new URL(`${name}.asl.json`, import.meta.url);
    await writeFile(file, `${JSON.stringify(definition, undefined, 2)}\n`);
  }
}
