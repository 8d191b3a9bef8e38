import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The root of this repository. */
export const repositoryFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The command line tool of one of this repository's development dependencies. */
export function localTool(name: string): string {
  return join(repositoryFolder, 'node_modules', '.bin', name);
}

/**
 * Runs a program and gives what it wrote to its standard output.
 *
 * @throws with everything it wrote when it ends with another exit code than 0.
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
