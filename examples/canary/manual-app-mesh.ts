import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { parseStackReference, type StackReference } from 'aws-blue-green-toolkit/core';
import {
  AppMeshRouteTarget,
  type ShiftProgress,
  type ShiftState,
  steps,
  TrafficShifter,
} from 'aws-blue-green-toolkit/traffic';
import type { Dependencies } from './shifter.js';

const usage = `manual-app-mesh.ts canary|promote|rollback --state FILE --mesh NAME --router NAME --route NAME
  --blue VIRTUAL_NODE --green VIRTUAL_NODE [--to blue|green]

  canary     shifts 25 % to the version of --to and writes the state to the file
  promote    shifts 100 % to it
  rollback   shifts 100 % back to the old version, at once`;

/** A canary that waits for an operator, or one that continues at once. */
const planHolding = (holdSeconds: number) =>
  steps(
    [
      { percent: 25, holdSeconds },
      { percent: 100, holdSeconds: 0 },
    ],
    { name: 'manual canary' },
  );
const yearSeconds = 365 * 86_400;

/** The route whose weights an operator changes, one command after the other. */
export interface MeshSettings {
  readonly meshName: string;
  readonly virtualRouterName: string;
  readonly routeName: string;
  readonly virtualNodes: { readonly blue: string; readonly green: string };
}

/**
 * A canary that an operator controls: it shifts 25 % to the incoming version, and is then promoted or rolled back. Each command is a
 * process of its own. The state is plain JSON; store it in a file, a parameter or a pipeline variable between two commands.
 */
export class ManualShift {
  readonly #shifter: TrafficShifter;

  constructor(
    { meshName, virtualRouterName, routeName, virtualNodes }: MeshSettings,
    { clients, clock, logger = console }: Dependencies = {},
  ) {
    this.#shifter = new TrafficShifter({
      target: new AppMeshRouteTarget({
        meshName,
        virtualRouterName,
        routeName,
        blue: { virtualNode: virtualNodes.blue },
        green: { virtualNode: virtualNodes.green },
        clients,
        clock,
        logger,
      }),
      clock,
      logger,
    });
  }

  /** Shifts a quarter of the traffic to the incoming version, and stays there. */
  async startCanary(incoming: StackReference): Promise<ShiftState> {
    return this.#advanceUntilWait(
      await this.#shifter.begin({ incoming, strategy: planHolding(yearSeconds) }),
    );
  }

  /** Shifts all the traffic to the incoming version, by a strategy without a hold. */
  async promote(state: ShiftState): Promise<ShiftState> {
    return this.#advanceUntilWait({ ...state, strategy: planHolding(0) });
  }

  /** Rolls back to the old version at once, from any step. */
  async rollBack(state: ShiftState): Promise<ShiftState> {
    const first = await this.#shifter.rollBack(state, 'rolled back by hand');
    return first.outcome !== undefined ? first.state : this.#advanceUntilWait(first.state);
  }

  /** Advances until the shift is done or has to wait. */
  async #advanceUntilWait(state: ShiftState): Promise<ShiftState> {
    let progress: ShiftProgress;
    let next = state;
    do {
      progress = await this.#shifter.advance(next);
      next = progress.state;
    } while (progress.outcome === undefined && progress.waitSeconds === 0);
    return next;
  }
}

/** Runs one command, and stores the state in a file. */
export async function runCommand(
  args: readonly string[],
  dependencies: Dependencies = {},
): Promise<ShiftState> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      mesh: { type: 'string' },
      router: { type: 'string' },
      route: { type: 'string' },
      blue: { type: 'string' },
      green: { type: 'string' },
      to: { type: 'string' },
    },
  });
  const needed = (name: keyof typeof values): string => values[name] ?? fail(`--${name} is missing`);
  const shift = new ManualShift(
    {
      meshName: needed('mesh'),
      virtualRouterName: needed('router'),
      routeName: needed('route'),
      virtualNodes: { blue: needed('blue'), green: needed('green') },
    },
    dependencies,
  );
  const file = needed('state');
  const stored = async (): Promise<ShiftState> => JSON.parse(await readFile(file, 'utf8'));
  const commands: Readonly<Record<string, () => Promise<ShiftState>>> = {
    canary: () => shift.startCanary(parseStackReference(needed('to'))),
    promote: async () => shift.promote(await stored()),
    rollback: async () => shift.rollBack(await stored()),
  };
  const [command = ''] = positionals;
  const state = await (
    commands[command] ?? (() => fail(`Unknown command ${command}: expected canary, promote or rollback`))
  )();
  await writeFile(file, JSON.stringify(state, undefined, 2));
  return state;
}

function fail(problem: string): never {
  throw new TypeError(`${problem}\n\nUsage: ${usage}`);
}

async function main(): Promise<void> {
  try {
    const { phase, verifiedWeights, reason } = await runCommand(process.argv.slice(2));
    const { blue, green } = verifiedWeights;
    console.log(`blue ${blue} %, green ${green} % (${phase}${reason === undefined ? '' : `: ${reason}`})`);
    process.exitCode = phase === 'halted' ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
