import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Registry } from './registry.js';
import { run } from './run.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A packed tarball. */
export interface Tarball {
  /** Name and version: `aws-blue-green-toolkit@1.0.0`. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly files: number;
  readonly integrity: string;
}

/** The environment of a release on main, on any machine. */
const releaseEnvironment = {
  GITHUB_EVENT_PATH: undefined,
  GITHUB_ACTION: undefined,
  GITHUB_SHA: undefined,
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_EVENT_NAME: 'workflow_run',
};

/** Runs semantic-release in a dry run on a copy of the repository, without GitHub. Returns the version that it would release. */
export async function nextVersion(folder: string): Promise<string> {
  const [bare, clone] = [join(folder, 'origin.git'), join(folder, 'clone')];
  await run('git', ['clone', '--quiet', '--bare', root, bare], { cwd: folder });
  await run('git', ['update-ref', 'refs/heads/main', 'HEAD'], { cwd: bare });
  await run('git', ['symbolic-ref', 'HEAD', 'refs/heads/main'], { cwd: bare });
  await run('git', ['clone', '--quiet', bare, clone], { cwd: folder });
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));
  await withoutGitHub(join(clone, '.releaserc'), pathToFileURL(bare).href);
  const program = join(root, 'node_modules/semantic-release/bin/semantic-release.js');
  const output = await run(process.execPath, [program, '--dry-run'], { cwd: clone, env: releaseEnvironment });
  const [, version] = /next release version is (\d+\.\d+\.\d+\S*)/.exec(output) ?? [];
  if (version === undefined) throw new Error(`semantic-release would release nothing:\n${output}`);
  return version;
}

async function withoutGitHub(path: string, repositoryUrl: string): Promise<void> {
  const { plugins, ...rest } = JSON.parse(await readFile(path, 'utf8')) as {
    readonly plugins: readonly (string | readonly [string, unknown])[];
  };
  const local = plugins.filter((it) => ![it, it[0]].includes('@semantic-release/github'));
  await writeFile(path, JSON.stringify({ ...rest, repositoryUrl, plugins: local }));
}

/** Builds the package unless `ALREADY_BUILT` is set, and packs it with the version. */
export async function buildAndPack(folder: string, version: string): Promise<Tarball> {
  if (process.env['ALREADY_BUILT'] === undefined) await run('npm', ['run', 'build'], { cwd: root });
  const staged = join(folder, 'package');
  await mkdir(staged);
  for (const name of ['dist', 'README.md', 'CHANGELOG.md', 'LICENSE'])
    await cp(join(root, name), join(staged, name), { recursive: true });
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  await writeFile(join(staged, 'package.json'), JSON.stringify({ ...manifest, version }, null, 2));
  const output = await run('npm', ['pack', '--ignore-scripts', '--json'], { cwd: staged });
  // npm prints a list, or an object by package name, depending on its version.
  const [packed] = Object.values(JSON.parse(output) as Record<string, PackedTarball>);
  if (packed === undefined) throw new Error(`npm pack named no tarball: ${output}`);
  return {
    name: `${manifest.name}@${version}`,
    file: join(staged, packed.filename),
    bytes: packed.size,
    files: packed.entryCount,
    integrity: packed.integrity,
  };
}

/** Entry of the output of `npm pack --json`. */
interface PackedTarball {
  readonly filename: string;
  readonly size: number;
  readonly entryCount: number;
  readonly integrity: string;
}

/** Registry, folder and tarball of a rehearsal. */
interface Rehearsal {
  readonly registry: Registry;
  readonly folder: string;
  readonly tarball: Tarball;
  readonly log: (line: string) => void;
}

/** Publishes the tarball, and installs and uses it as a user does. */
export async function runOn({ registry, folder, tarball, log }: Rehearsal): Promise<void> {
  const consumer = join(folder, 'consumer');
  await mkdir(consumer);
  await writeFile(join(consumer, '.npmrc'), registry.npmrc);
  await writeFile(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  // As the workflow publishes it. There is no provenance outside of CI.
  const publish = ['publish', tarball.file, '--access', 'public', '--provenance=false', '--ignore-scripts'];
  await run('npm', publish, { cwd: consumer });
  log(`published ${tarball.name}`);
  await requireRefused(() => run('npm', publish, { cwd: consumer }));
  log('publishing the same version again was refused');
  await requireIntegrity(consumer, tarball);
  log('the registry has the tarball that was packed');
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', tarball.name], {
    cwd: consumer,
  });
  log(`installed ${tarball.name} from the registry in an empty folder`);
  for (const [file, program] of Object.entries(programs)) {
    await writeFile(join(consumer, file), program);
    const output = await run(process.execPath, [file], {
      cwd: consumer,
      env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    });
    if (output.trim() !== expectedOutput)
      throw new Error(`${file}: expected ${expectedOutput}, got ${output}`);
    log(`${file}: ${output.trim()}`);
  }
}

async function requireRefused(publish: () => Promise<unknown>): Promise<void> {
  const refusal = await publish().then(
    () => undefined,
    (error: unknown) => String(error),
  );
  if (refusal === undefined || !/EPUBLISHCONFLICT|previously published|409|already present/.test(refusal))
    throw new Error(`Expected the registry to refuse a second publication, got ${refusal ?? 'a success'}`);
}

async function requireIntegrity(consumer: string, { name, integrity }: Tarball): Promise<void> {
  const published = (await run('npm', ['view', name, 'dist.integrity'], { cwd: consumer })).trim();
  if (published !== integrity)
    throw new Error(`Integrity of ${name}: expected ${integrity}, got ${published}`);
}

/** A canary from blue to green in the simulated AWS. */
const body = `
const cloud = new SimulatedCloud();
const elb = cloud.elasticLoadBalancing;
const { arn: loadBalancerArn } = elb.addLoadBalancer({ name: 'shop' });
const [blue, green] = ['blue', 'green'].map((name) => elb.addTargetGroup({ name, targets: ['10.0.0.1'] }).arn);
const { arn: listenerArn } = elb.addListener({
  loadBalancerArn,
  defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
});
const TargetGroups = [{ TargetGroupArn: blue, Weight: 100 }, { TargetGroupArn: green, Weight: 0 }];
const rule = elb.addRule({
  listenerArn,
  priority: 1,
  conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
  actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
});
const { clients, clock } = cloud;
const target = new AlbListenerRuleTarget({
  ruleArns: [rule.arn],
  blue: { targetGroupArn: blue },
  green: { targetGroupArn: green },
  clients,
  clock,
});
const shifter = new TrafficShifter({ target, clock });
shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 })).then(async ({ outcome }) => {
  const { green: percent } = await shifter.getWeights();
  console.log(outcome + ': green has ' + percent + ' %');
});
`;
const expectedOutput = 'succeeded: green has 100 %';
const names = 'AlbListenerRuleTarget, canary, TrafficShifter';

/** The same program in both module systems. */
const programs = {
  'program.mjs': `import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { ${names} } from 'aws-blue-green-toolkit/traffic';
${body}`,
  'program.cjs': `const { SimulatedCloud } = require('aws-blue-green-toolkit/testing');
const { ${names} } = require('aws-blue-green-toolkit/traffic');
${body}`,
};
