import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { reportMethods } from '../test/emulator/method-report.js';
import {
  EmulatorUnavailableError,
  emulatorFolder,
  installMoto,
  startMoto,
} from '../test/emulator/moto-server.js';
import { publicMethodsOf, toolClasses } from '../test/emulator/tool-methods.js';
import {
  behaviourUnsupportedByMoto,
  methodsUnsupportedByMoto,
} from '../test/emulator/unsupported-by-moto.js';

/*
 * Runs the tests of test/both against moto. Arguments are passed to vitest: `npm run test:emulator -- test/both/sqs-tools.test.ts`.
 */
const succeededMethodsFile = join(emulatorFolder, 'succeeded-methods.txt');
const vitestArguments = process.argv.slice(2);

// Exits on a signal, because the exit handlers end the child processes.
for (const [signal, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.on(signal, () => process.exit(128 + number));
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof EmulatorUnavailableError)) throw error;
  console.error(`test:emulator cannot run: ${error.message}`);
  process.exit(1);
}

async function main(): Promise<number> {
  await installMoto();
  await rm(succeededMethodsFile, { force: true });
  const exitCode = await runVitest(await startMoto());
  const runsEverything = vitestArguments.every((argument) => argument.startsWith('-'));
  if (exitCode !== 0 || !runsEverything) return exitCode;
  return (await printMethods()) ? 0 : 1;
}

async function runVitest(endpoint: string): Promise<number> {
  const vitest = spawn(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.emulator.config.ts', ...vitestArguments],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        EMULATOR_ENDPOINT: endpoint,
        EMULATOR_SUCCEEDED_METHODS_FILE: succeededMethodsFile,
      },
    },
  );
  process.on('exit', () => vitest.kill());
  const [exitCode] = (await once(vitest, 'close')) as [number | null];
  return exitCode ?? 1;
}

/** Prints the methods that succeeded on moto; returns false when a method is missing without a reason. */
async function printMethods(): Promise<boolean> {
  const succeeded = new Set((await readFile(succeededMethodsFile, 'utf8')).trim().split('\n'));
  const methods = [...toolClasses].flatMap(([name, toolClass]) =>
    publicMethodsOf(toolClass).map((method) => `${name}.${method}`),
  );
  const { lines, problems } = reportMethods({
    methods,
    succeeded,
    excused: methodsUnsupportedByMoto,
    unsupportedBehaviour: behaviourUnsupportedByMoto,
  });
  for (const line of lines) console.log(line);
  for (const problem of problems) console.error(problem);
  return problems.length === 0;
}
