import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Clock, Logger } from 'aws-blue-green-toolkit/core';
import {
  type EcsDefinitions,
  EcsRollout,
  loadDefinitions,
  type RollOutInput,
  type RollOutOptions,
  type RollOutResult,
  type UpResult,
} from 'aws-blue-green-toolkit/ecs-rollout';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';
import { liveView, plainView, type RolloutCommand, type RolloutView } from './views.js';

const usage = `rollout.ts up FOLDER [--region REGION] [--cluster NAME] [--service NAME]
rollout.ts rollout [FOLDER] [--region REGION] [--cluster NAME] [--service NAME] [OPTIONS]

  FOLDER                      has a service.json and a task-definition.json
  --taskDefinitionArn         an ARN or family:revision; then no FOLDER is needed, but --cluster and --service are
  --canaryInstanceArn         the EC2 instance ID or the container instance to place the canary on
  --updateService             also updates the settings of the service from service.json
  --canaryTaskIdleDuration    seconds that a canary without health checks has to run (15)
  --taskRunningTimeout, --taskHealthCheckTimeout, --taskStoppedTimeout, --serviceStableTimeout    seconds (900)`;

/** Dependencies that a test or the demo replaces. */
export interface Dependencies {
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

interface RunOptions extends Dependencies {
  /** Values of the placeholders. Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends the command early: a service that was updated is rolled back, and the canary is cleaned up. */
  readonly signal?: AbortSignal;
  readonly view?: RolloutView;
}

/** Creates a service, or rolls a task definition out to it, by command-line arguments. */
export async function runCommand(
  args: readonly string[],
  { view = plainView(), ...options }: RunOptions = {},
): Promise<UpResult | RollOutResult> {
  try {
    return await execute(args, view, options);
  } finally {
    // A running spinner would keep the process from ending.
    await view.close();
  }
}

async function execute(
  args: readonly string[],
  view: RolloutView,
  { env, signal, ...dependencies }: Omit<RunOptions, 'view'>,
): Promise<UpResult | RollOutResult> {
  const { command, folder, values } = readArguments(args);
  const definitions = folder === undefined ? undefined : await loadDefinitions(folder, { env });
  const rollout = rolloutFor(definitions?.service, values, dependencies);
  const onEvent: RolloutView['event'] = (event) => view.event(event);
  if (command === 'rollout') {
    const options: RollOutOptions = { ...rollOutOptions(values), onEvent, signal };
    return rollout.rollOut(inputOf(definitions, values), options);
  }
  if (definitions === undefined) return fail('FOLDER is missing');
  const maxWaitSeconds = Number(values.serviceStableTimeout);
  return rollout.up(definitions, { maxWaitSeconds, onEvent, signal });
}

/** Reads the arguments, which have canarycage's names. */
function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      region: { type: 'string' },
      cluster: { type: 'string' },
      service: { type: 'string' },
      taskDefinitionArn: { type: 'string' },
      canaryInstanceArn: { type: 'string' },
      updateService: { type: 'boolean', default: false },
      canaryTaskIdleDuration: { type: 'string', default: '15' },
      taskRunningTimeout: { type: 'string', default: '900' },
      taskHealthCheckTimeout: { type: 'string', default: '900' },
      taskStoppedTimeout: { type: 'string', default: '900' },
      serviceStableTimeout: { type: 'string', default: '900' },
    },
  });
  const [command, folder, ...more] = positionals;
  if (more.length > 0) fail(`Unknown argument: ${more.join(' ')}`);
  return { command: requireCommand(command), folder, values };
}

type Values = ReturnType<typeof readArguments>['values'];

function requireCommand(command: string | undefined): RolloutCommand {
  return command === 'up' || command === 'rollout'
    ? command
    : fail(`First argument: expected up or rollout, got ${command ?? 'none'}`);
}

function rolloutFor(
  definition: EcsDefinitions['service'] | undefined,
  values: Values,
  { clients, clock, logger }: Dependencies,
): EcsRollout {
  const cluster = values.cluster ?? definition?.cluster ?? fail('--cluster is missing');
  const service = values.service ?? definition?.serviceName ?? fail('--service is missing');
  const settings = { cluster, service, desiredCount: 1, clock, logger };
  if (clients !== undefined) return new EcsRollout({ ...settings, clients });
  const clientConfig = values.region === undefined ? {} : { region: values.region };
  return new EcsRollout({ ...settings, clientConfig });
}

function inputOf(definitions: EcsDefinitions | undefined, { taskDefinitionArn }: Values): RollOutInput {
  const taskDefinition = taskDefinitionArn ?? definitions?.taskDefinition;
  if (taskDefinition === undefined) return fail('FOLDER or --taskDefinitionArn is missing');
  return { taskDefinition, service: definitions?.service };
}

function rollOutOptions(values: Values): RollOutOptions {
  const healthSeconds = Number(values.taskHealthCheckTimeout);
  return {
    containerInstance: values.canaryInstanceArn,
    updateSettings: values.updateService,
    idleSeconds: Number(values.canaryTaskIdleDuration),
    limits: {
      canaryRunningSeconds: Number(values.taskRunningTimeout),
      containerHealthSeconds: healthSeconds,
      targetHealthSeconds: healthSeconds,
      canaryStoppedSeconds: Number(values.taskStoppedTimeout),
      serviceStableSeconds: Number(values.serviceStableTimeout),
    },
  };
}

function fail(problem: string): never {
  throw new TypeError(`${problem}\n\nUsage: ${usage}`);
}

async function main(): Promise<void> {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => abort.abort(new Error(`the process got ${signal}`)));
  }
  const args = process.argv.slice(2);
  const view = process.stdout.isTTY ? liveView(args[0] === 'up' ? 'up' : 'rollout') : plainView();
  try {
    await runCommand(args, { signal: abort.signal, view });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
