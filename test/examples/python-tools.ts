import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A program of PyPI. */
interface PythonTool {
  readonly package: string;
  readonly version: string;
  readonly program: string;
}

const cfnLint: PythonTool = { package: 'cfn-lint', version: '1.58.0', program: 'cfn-lint' };
const sam: PythonTool = { package: 'aws-sam-cli', version: '1.170.0', program: 'sam' };

/** Shared with the emulator. git ignores this folder. */
const folder = fileURLToPath(new URL('../../.emulator/', import.meta.url));

const environmentOf = (tool: PythonTool) => join(folder, `${tool.package}-${tool.version}`);

/** Installs a program in a virtual environment, unless it is installed. Needs Python 3.10 or newer. */
async function install(tool: PythonTool): Promise<void> {
  const environment = environmentOf(tool);
  const completed = join(environment, 'completed');
  if (existsSync(completed)) return;
  await rm(environment, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await execute('python3', ['-m', 'venv', environment]);
  await execute(join(environment, 'bin', 'python'), [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
    `${tool.package}==${tool.version}`,
  ]);
  await writeFile(completed, '');
}

/** Installs cfn-lint. */
export const installCfnLint = () => install(cfnLint);

/** Installs the SAM CLI. */
export const installSam = () => install(sam);

/** Returns cfn-lint's report on a template, except for the ignored checks. Empty without problems. */
export async function lint(template: string, ignored: readonly string[] = []): Promise<string> {
  const checks = ignored.length > 0 ? ['--ignore-checks', ...ignored] : [];
  const { stdout, stderr } = await outputOf(cfnLint, ['--template', template, ...checks]);
  return (stdout + stderr).trim();
}

/** Returns the last line of `sam validate --lint` on a template. */
export async function validate(template: string): Promise<string> {
  const { stdout, stderr } = await outputOf(sam, [
    ...['validate', '--lint', '--region', 'eu-west-1'],
    ...['--template-file', template],
  ]);
  return (stdout.trim() || stderr.trim()).split('\n').at(-1) ?? '';
}

/** Runs a program, and returns its output whether it reports problems or not. */
async function outputOf(tool: PythonTool, args: readonly string[]) {
  try {
    const { stdout, stderr } = await execute(join(environmentOf(tool), 'bin', tool.program), args, {
      env: { ...process.env, SAM_CLI_TELEMETRY: '0' },
    });
    // A success may have a notice on stderr, such as that of a newer release.
    return { stdout, stderr: stdout.trim() === '' ? '' : stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    return { stdout, stderr: stdout + stderr === '' ? String(error) : stderr };
  }
}
