import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Development dependencies whose code the build copies into `dist`, and users therefore run. */
const bundled = JSON.parse(await readFile(new URL('bundled-packages.json', import.meta.url), 'utf8'));

/**
 * Writes the bill of materials of the version that `@semantic-release/npm` has packed, as a step of semantic-release,
 * as CycloneDX, into the folder of its tarball.
 */
export async function prepare(_options, { cwd, nextRelease, logger }) {
  const { name } = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8'));
  const { stdout } = await execute(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'library', '--package-lock-only'],
    { cwd, maxBuffer: 64 * 1024 * 1024 },
  );
  const bill = JSON.parse(stdout);
  // npm writes the folder's name.
  bill.metadata.component.name = name;
  await mkdir(join(cwd, 'release'), { recursive: true });
  const file = join('release', `${name}-${nextRelease.version}.cdx.json`);
  await writeFile(join(cwd, file), `${JSON.stringify(withoutDevelopment(bill), null, 2)}\n`);
  logger.log('Wrote the bill of materials to %s', file);
}

/** Removes development dependencies, except bundled ones. */
function withoutDevelopment(bill) {
  const components = bill.components
    .filter((component) => !isDevelopment(component) || bundled.includes(component.name))
    .map((component) => ({
      ...component,
      scope:
        component.scope === 'optional' && bundled.includes(component.name) ? 'required' : component.scope,
      properties: component.properties.filter((property) => property.name !== developmentProperty),
    }));
  const kept = new Set([bill.metadata.component, ...components].map((component) => component['bom-ref']));
  const dependencies = bill.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));
  return { ...bill, components, dependencies };
}

const developmentProperty = 'cdx:npm:package:development';

function isDevelopment({ properties }) {
  return properties.some(({ name, value }) => name === developmentProperty && value === 'true');
}
