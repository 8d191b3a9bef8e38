import { type BuildOptions, build } from 'esbuild';
import { root, sourceFile, subpathFile } from './subpaths.js';

/** Size of a bundle, and of one with only its clients and commands of the SDK. */
export interface BundleSize {
  readonly bytes: number;
  readonly bareBytes: number;
}

/** Bundle sizes of a tool. */
export interface BundleCost {
  readonly tool: string;
  /** A program with only the tool. */
  readonly alone: BundleSize;
  /** A hook of CodeDeploy with the tool. */
  readonly hook: BundleSize;
  /** The same hook, as an ES module of the ES modules of the SDK. */
  readonly hookOfModules: BundleSize;
  /** The first hook, importing from the root of the package. */
  readonly rootBytes: number;
  /** Bytes of each part of the bundle with only the tool, without the SDK. */
  readonly parts: ReadonlyMap<string, number>;
  /** Bytes of what the hook adds to it, without the SDK. */
  readonly hookParts: ReadonlyMap<string, number>;
}

/** Parts of a bundle, by the path of the file. The last one takes the rest. */
const partPatterns: readonly (readonly [string, RegExp])[] = [
  ['valibot', /node_modules\/valibot\//],
  [
    'checks of options',
    /src\/core\/(schemas|validate|tool-options|match-options|nearest-name|plain-data|describe-value)/,
  ],
  ['errors', /src\/core\/(errors|failures|describe-error|recorded-calls)/],
  ['calls and waits', /src\/core\//],
  ['engine of a change', /src\/resumable\//],
  ['hook', /src\/hooks\//],
  ['swap', /src\/swap\//],
  ['tool', /src\//],
  ['statistics', /node_modules\/simple-statistics\//],
];

/** One tool each; a traffic shifter needs a target. */
const tools: readonly { readonly subpath: string; readonly names: readonly [string, ...string[]] }[] = [
  { subpath: 'aurora', names: ['AuroraTools'] },
  { subpath: 'cloudwatch', names: ['CloudWatchTools'] },
  { subpath: 'dynamo', names: ['DynamoTools'] },
  { subpath: 'ecs', names: ['EcsTools'] },
  { subpath: 'ecs-rollout', names: ['EcsRollout'] },
  { subpath: 'kinesis', names: ['KinesisTools'] },
  { subpath: 'lambda', names: ['LambdaTools'] },
  { subpath: 'sns', names: ['SnsTools'] },
  { subpath: 'sqs', names: ['SqsTools'] },
  { subpath: 'traffic', names: ['TrafficShifter', 'AlbListenerRuleTarget'] },
];

/** Without these main fields, a bundler for Node chooses the SDK's CommonJS, which does not run in an ES module. */
const esModules: BuildOptions = { format: 'esm', mainFields: ['module', 'main'] };

/** Bundles each tool, and a swap with three tools, with esbuild: minified, for Node, as CommonJS by default. */
export async function measureBundles(): Promise<BundleCost[]> {
  const costs: BundleCost[] = [];
  for (const { subpath, names } of tools) {
    const pathsOf = (fileOf: FileOf) => ({ hooks: fileOf('hooks'), tools: fileOf(subpath) });
    costs.push(
      await measureProgram(names.join(' and '), {
        alone: (fileOf) => toolSource(names, fileOf(subpath)),
        hook: (fileOf) => hookSource(names, pathsOf(fileOf)),
      }),
    );
  }
  return [...costs, await measureSwapBundle()];
}

/** Bundles a swap with CodeDeploy, its record and three tools. Its hook has the handlers of all lifecycle hooks. */
export function measureSwapBundle(): Promise<BundleCost> {
  return measureProgram('StackSwap with AuroraTools, SnsTools and SqsTools', {
    alone: (fileOf) => `${swapSource(fileOf)}export { makeSwap };\n`,
    hook: (fileOf) => `${swapSource(fileOf)}
import { codeDeploySwapHooks } from ${JSON.stringify(fileOf('hooks'))};
export const makeHandlers = (...options) => codeDeploySwapHooks(makeSwap(...options));
`,
  });
}

/** Returns the file of a subpath. */
type FileOf = (subpath: string) => string;

/** The root has everything but the record in DynamoDB. */
function rootFile(subpath: string): string {
  return subpathFile(subpath === 'swap/dynamo' ? subpath : '.');
}

interface Program {
  readonly alone: (fileOf: FileOf) => string;
  readonly hook: (fileOf: FileOf) => string;
}

async function measureProgram(tool: string, { alone, hook }: Program): Promise<BundleCost> {
  const parts = await partsOf(alone(sourceFile));
  const ofHook = await partsOf(hook(sourceFile));
  return {
    tool,
    alone: await sizeOf(alone(subpathFile)),
    hook: await sizeOf(hook(subpathFile)),
    hookOfModules: await sizeOf(hook(subpathFile), esModules),
    rootBytes: await bundledBytes(hook(rootFile)),
    parts,
    hookParts: largest([...ofHook].map(([name, bytes]) => [name, bytes - (parts.get(name) ?? 0)])),
  };
}

async function sizeOf(source: string, options: BuildOptions = {}): Promise<BundleSize> {
  const bare = await bareSource(source);
  return { bytes: await bundledBytes(source, options), bareBytes: await bundledBytes(bare, options) };
}

function toolSource(names: readonly string[], file: string): string {
  return `
import { ${names.join(', ')} } from ${JSON.stringify(file)};
export const makeTools = (...options) => [${constructorCalls(names)}];
`;
}

function hookSource(names: readonly string[], files: { hooks: string; tools: string }): string {
  return `
import { codeDeployHook } from ${JSON.stringify(files.hooks)};
import { ${names.join(', ')} } from ${JSON.stringify(files.tools)};
export const makeHandler = (work, ...options) => codeDeployHook(() => work(${constructorCalls(names)}));
`;
}

function swapSource(fileOf: FileOf): string {
  const from = (subpath: string) => JSON.stringify(fileOf(subpath));
  return `
import { AuroraTools } from ${from('aurora')};
import { SnsTools } from ${from('sns')};
import { SqsTools } from ${from('sqs')};
import { DynamoSwapRecord } from ${from('swap/dynamo')};
import {
  codeDeploySwitch, disableSubscription, enableSubscription, purgeQueues, StackSwap, startDatabase, stopDatabase,
} from ${from('swap')};
const makeSwap = (options, database, subscriptions, queues) => {
  const [aurora, sns, sqs] = [new AuroraTools(database), new SnsTools(subscriptions), new SqsTools(queues)];
  return new StackSwap({
    ...options,
    record: new DynamoSwapRecord(options.record),
    prepare: [startDatabase(aurora), purgeQueues(sqs), enableSubscription(sns)],
    switch: codeDeploySwitch(options.switch),
    retire: [disableSubscription(sns), stopDatabase(aurora)],
  });
};
`;
}

function constructorCalls(names: readonly string[]): string {
  return names.map((name, index) => `new ${name}(options[${index}])`).join(', ');
}

/** Returns a program with only the SDK's parts of a bundle: the clients, the commands and the paginators. */
async function bareSource(source: string): Promise<string> {
  const { text } = await bundle(source, { packages: 'external', minify: false, format: 'esm' });
  const imports = text.matchAll(/^import \{([^}]*)\} from "(@aws-sdk\/[^"]+)";$/gm);
  const names = new Map<string, Set<string>>();
  for (const [, list = '', from = ''] of imports) {
    const known = names.get(from) ?? new Set();
    for (const item of list.split(',')) known.add(item.trim().replace(/ as .*$/, ''));
    names.set(from, known);
  }
  // The bundler drops an unused client only when it bundles the client itself.
  const { packages } = await bundle(source, { minify: true });
  return [...names]
    .filter(([from]) => packages.has(from))
    .map(([from, used]) => `export { ${[...used].filter(Boolean).join(', ')} } from '${from}';`)
    .join('\n');
}

/** Returns the bytes of each part that is not the SDK's. Bundles the sources, because the built files hold several parts each. */
async function partsOf(source: string): Promise<Map<string, number>> {
  const { inputs } = await bundle(source, { minify: true });
  const parts = new Map<string, number>();
  for (const [path, { bytesInOutput }] of inputs) {
    const part = partPatterns.find(([, pattern]) => pattern.test(path))?.[0];
    if (part !== undefined) parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
  }
  return largest([...parts]);
}

/** Sorts parts by size, and leaves out those that show as 0.0 kB. */
function largest(parts: [string, number][]): Map<string, number> {
  return new Map(parts.filter(([, bytes]) => bytes >= 50).sort(([, one], [, other]) => other - one));
}

async function bundledBytes(source: string, options: BuildOptions = {}): Promise<number> {
  return Buffer.byteLength((await bundle(source, { ...options, minify: true })).text);
}

interface Bundle {
  readonly text: string;
  /** Files of which the bundle has a part. */
  readonly inputs: readonly (readonly [path: string, { readonly bytesInOutput: number }])[];
  /** Clients of which the bundle has a part. */
  readonly packages: ReadonlySet<string>;
}

async function bundle(contents: string, options: BuildOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    format: 'cjs',
    ...options,
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: 'node',
    target: 'node20',
    write: false,
    metafile: true,
    legalComments: 'none',
    // Ignores the paths of this repository's tsconfig.json, which point to its sources.
    tsconfigRaw: {},
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return {
    text: outputFiles.map(({ text }) => text).join(''),
    inputs,
    packages: new Set(inputs.flatMap(([path]) => /@aws-sdk\/client-[\w-]+/.exec(path)?.[0] ?? [])),
  };
}
