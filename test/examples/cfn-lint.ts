import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const version = '1.58.0';

/** Shared with the emulator. git ignores this folder. */
const folder = fileURLToPath(new URL('../../.emulator/', import.meta.url));
const environment = join(folder, `cfn-lint-${version}`);

/** Installs cfn-lint in a virtual environment, unless it is installed. Needs Python 3.10 or newer. */
export async function installCfnLint(): Promise<void> {
  const completed = join(environment, 'completed');
  if (existsSync(completed)) return;
  await rm(environment, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await execute('python3', ['-m', 'venv', environment]);
  await execute(join(environment, 'bin', 'python'), [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
    `cfn-lint==${version}`,
  ]);
  await writeFile(completed, '');
}

/** Returns cfn-lint's report on a template, except for the ignored checks. Empty without problems. */
export async function lint(template: string, ignored: readonly string[] = []): Promise<string> {
  const checks = ignored.length > 0 ? ['--ignore-checks', ...ignored] : [];
  try {
    const { stdout } = await execute(join(environment, 'bin', 'cfn-lint'), [
      '--template',
      template,
      ...checks,
    ]);
    return stdout.trim();
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    return (stdout + stderr).trim() || String(error);
  }
}
