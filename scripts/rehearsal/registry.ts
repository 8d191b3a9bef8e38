import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './run.js';

/** Later versions need Node 22. */
const verdaccioVersion = '6.8.0';

/** A registry on this machine. */
export interface Registry {
  readonly version: string;
  readonly url: string;
  /** Content of an `.npmrc` that uses the registry, as a user who may publish. */
  readonly npmrc: string;
  stop(): Promise<void>;
}

/**
 * Installs and starts Verdaccio. It takes every package but ours from the registry that npm is configured with.
 *
 * @param folder - folder for its program and its storage.
 */
export async function startRegistry(folder: string): Promise<Registry> {
  await mkdir(folder, { recursive: true });
  await install(folder);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  await writeFile(join(folder, 'config.yaml'), await configuration(folder));
  const child = spawn(
    process.execPath,
    ['node_modules/verdaccio/bin/verdaccio', '--config', 'config.yaml', '--listen', `127.0.0.1:${port}`],
    // Its warnings are about the machine that it runs on.
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NODE_NO_WARNINGS: '1' } },
  );
  try {
    await untilReady(url, child);
    const token = await addUser(url);
    const npmrc = `registry=${url}\n//127.0.0.1:${port}/:_authToken=${token}\n`;
    return { version: verdaccioVersion, url, npmrc, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function install(folder: string): Promise<void> {
  const manifest = {
    name: 'rehearsal-registry',
    private: true,
    dependencies: { verdaccio: verdaccioVersion },
    overrides: { 'node-fetch': '2.7.0' },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: folder,
  });
}

async function configuration(folder: string): Promise<string> {
  const { name } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly name: string };
  const uplink = (await run('npm', ['config', 'get', 'registry'], { cwd: folder })).trim();
  // JSON is YAML.
  return JSON.stringify({
    storage: './storage',
    auth: { htpasswd: { file: './htpasswd' } },
    uplinks: { upstream: { url: uplink, cache: false } },
    packages: {
      [name]: { access: '$all', publish: '$authenticated' },
      '**': { access: '$all', proxy: 'upstream' },
    },
    max_body_size: '100mb',
    log: { type: 'stdout', format: 'pretty', level: 'error' },
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string')
    throw new Error(`Cannot find a free port: expected an address with a port, got ${address}`);
  return address.port;
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 1; attempt <= 120; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`Verdaccio ended with ${child.exitCode}`);
    const response = await fetch(`${url}-/ping`).catch(() => undefined);
    if (response?.ok) return;
    await sleep(500);
  }
  throw new Error('Verdaccio was not ready after 60 s');
}

async function addUser(url: string): Promise<string> {
  const response = await fetch(`${url}-/user/org.couchdb.user:rehearsal`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'rehearsal', password: crypto.randomUUID() }),
  });
  const { token } = (await response.json()) as { readonly token?: string };
  if (token === undefined)
    throw new Error(`Cannot add the user of the rehearsal: expected a token, got status ${response.status}`);
  return token;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
