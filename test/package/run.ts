import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Root of this repository. */
export const repositoryFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Returns the path of a development dependency's command line tool. */
export function localTool(name: string): string {
  return join(repositoryFolder, 'node_modules', '.bin', name);
}

/**
 * Runs a program and returns its standard output.
 *
 * @throws Error with the whole output when the exit code is not 0.
 */
export async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { cwd, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
  }
}
