import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from './rehearsal/registry.js';
import { buildAndPack, nextVersion, runOn } from './rehearsal/release-steps.js';

/*
 * Rehearses a release on this machine: `npm run rehearse:release`. semantic-release decides the version in a dry run on a copy of the
 * repository. The packed tarball is published to a registry on 127.0.0.1, installed from there in an empty folder, and used as an
 * ES module and as CommonJS. Nothing leaves this machine but requests for the packages that npm installs.
 */

const folder = await mkdtemp(join(tmpdir(), 'release-rehearsal-'));
const log = (line: string) => console.log(`[rehearsal] ${line}`);
try {
  const version = await nextVersion(folder);
  log(`semantic-release (dry run): the next version is ${version}`);
  const tarball = await buildAndPack(folder, version);
  log(`packed ${tarball.name}, ${tarball.bytes} bytes, ${tarball.files} files`);
  const registry = await startRegistry(join(folder, 'registry'));
  log(`started Verdaccio ${registry.version} on 127.0.0.1`);
  try {
    await runOn({ registry, folder, tarball, log });
  } finally {
    await registry.stop();
  }
  log(`done: ${tarball.name} can be released`);
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
