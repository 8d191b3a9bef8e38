import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { parseStackReference } from 'aws-blue-green-toolkit/core';
import { canary, linear, type ShiftResult, type ShiftStrategy } from 'aws-blue-green-toolkit/traffic';
import { type Dependencies, makeShifter, type RuleSettings } from './shifter.js';
import { describeEvent } from './views.js';

const usage = `shift.ts --to blue|green --rule ARN [--rule ARN …] --load-balancer ARN --blue TARGET_GROUP_ARN
  --green TARGET_GROUP_ARN [--canary PERCENT | --step PERCENT] [--interval SECONDS] [--bake SECONDS]

  --canary 10   10 % first, then everything (the default)
  --step 10     10 % more at each step
  --interval    seconds that the canary or each step is held (default 300)
  --bake        seconds that 100 % is observed at the end (default 300)`;

/** Shifts the traffic of listener rules by command-line arguments. An abort rolls it back. */
export async function runShift(
  args: readonly string[],
  { signal, print = console.log, ...dependencies }: Dependencies & RunOptions = {},
): Promise<ShiftResult> {
  const { to, settings, strategy } = readArguments(args);
  let startedAt: number | undefined;
  const result = await makeShifter(settings, dependencies).shiftTo(to, strategy, {
    signal,
    onEvent: (event) => {
      startedAt ??= event.at;
      print(describeEvent(event, startedAt));
    },
  });
  print(`Outcome: ${result.outcome}`);
  return result;
}

interface RunOptions {
  /** Rolls the shift back when aborted. */
  readonly signal?: AbortSignal;
  readonly print?: (line: string) => void;
}

function readArguments(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      to: { type: 'string' },
      rule: { type: 'string', multiple: true },
      'load-balancer': { type: 'string' },
      blue: { type: 'string' },
      green: { type: 'string' },
      canary: { type: 'string' },
      step: { type: 'string' },
      interval: { type: 'string', default: '300' },
      bake: { type: 'string', default: '300' },
    },
  });
  const needed = (name: 'load-balancer' | 'blue' | 'green'): string =>
    values[name] ?? fail(`--${name} is missing`);
  const settings: RuleSettings = {
    ruleArns: values.rule ?? fail('--rule is missing'),
    loadBalancerArn: needed('load-balancer'),
    targetGroupArns: { blue: needed('blue'), green: needed('green') },
  };
  if (values.canary !== undefined && values.step !== undefined)
    fail('--canary and --step exclude each other');
  return { to: parseStackReference(values.to), settings, strategy: strategyOf(values) };
}

function strategyOf(values: {
  readonly canary?: string | undefined;
  readonly step?: string | undefined;
  readonly interval: string;
  readonly bake: string;
}): ShiftStrategy {
  const seconds = Number(values.interval);
  const bakeSeconds = Number(values.bake);
  return values.step === undefined
    ? canary({ percent: Number(values.canary ?? 10), holdSeconds: seconds, bakeSeconds })
    : linear({ stepPercent: Number(values.step), intervalSeconds: seconds, bakeSeconds });
}

function fail(problem: string): never {
  throw new TypeError(`${problem}\n\nUsage: ${usage}`);
}

async function main(): Promise<void> {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => abort.abort(new Error(`the process got ${signal}`)));
  }
  try {
    const { outcome } = await runShift(process.argv.slice(2), { signal: abort.signal });
    process.exitCode = outcome === 'succeeded' ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
