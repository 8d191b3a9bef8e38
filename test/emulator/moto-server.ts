import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const motoVersion = '5.2.5';

/** The folder of moto and its log, which git ignores. */
export const emulatorFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '.emulator');
const environmentFolder = join(emulatorFolder, `moto-${motoVersion}`);
const logFile = join(emulatorFolder, 'moto.log');

/** Moto is not available on this machine. The message is one line. */
export class EmulatorUnavailableError extends Error {
  override readonly name = 'EmulatorUnavailableError';
}

/**
 * Installs moto in its own virtual environment, unless it is installed.
 *
 * @throws EmulatorUnavailableError when Python is missing, or when the package cannot be installed.
 */
export async function installMoto(): Promise<void> {
  const completed = join(environmentFolder, 'completed');
  if (existsSync(completed)) return;
  const python = await findPython();
  try {
    await rm(environmentFolder, { recursive: true, force: true });
    await mkdir(emulatorFolder, { recursive: true });
    await execute(python, ['-m', 'venv', environmentFolder]);
    await execute(join(environmentFolder, 'bin', 'python'), [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
      `moto[server]==${motoVersion}`,
    ]);
    await writeFile(completed, '');
  } catch (error) {
    throw new EmulatorUnavailableError(
      `moto ${motoVersion} could not be installed with ${python} (needs pip, venv and a package index): ${lastLineOf(error)}`,
    );
  }
}

async function findPython(): Promise<string> {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  for (const python of ['python3', 'python']) {
    try {
      await execute(python, ['-c', check]);
      return python;
    } catch {
      // Try the next candidate.
    }
  }
  throw new EmulatorUnavailableError(
    'Python for moto not found: expected Python 3.10 or newer with its venv module',
  );
}

function lastLineOf(error: unknown): string {
  const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
  return (
    (stderr.trim() || message.trim())
      .split('\n')
      .findLast((line) => line.trim() !== '')
      ?.trim() ?? 'no reason was given'
  );
}

/** Starts moto on a free loopback port, waits until it responds, and returns its endpoint. It ends with this process. */
export async function startMoto(): Promise<string> {
  const port = await findFreePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const log = await open(logFile, 'w');
  const server = spawn(
    join(environmentFolder, 'bin', 'moto_server'),
    ['-H', '127.0.0.1', '-p', String(port)],
    {
      stdio: ['ignore', log.fd, log.fd],
    },
  );
  process.on('exit', () => server.kill());
  server.on('close', () => void log.close());
  await once(server, 'spawn');
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (server.exitCode !== null) break;
    if (await isResponding(endpoint)) return endpoint;
    await sleep(100);
  }
  throw new EmulatorUnavailableError(`moto did not start on ${endpoint}; what it wrote is in ${logFile}`);
}

async function isResponding(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/moto-api/reset', endpoint), { method: 'POST' })).ok;
  } catch {
    return false;
  }
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
