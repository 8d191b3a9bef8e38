/**
 * Layers of `src`, as docs/architecture.md draws them. Type-only imports count: `npm run check:layers`.
 *
 * @type {Record<string, readonly string[]>} folders that each folder may import from, besides itself
 */
const layers = {
  core: [],
  // A blue/green deployment is a change that takes longer than one process.
  aurora: ['core', 'resumable'],
  cloudwatch: ['core'],
  dynamo: ['core'],
  ecs: ['core'],
  kinesis: ['core'],
  lambda: ['core'],
  scheduler: ['core'],
  sns: ['core'],
  sqs: ['core'],
  resumable: ['core'],
  swap: ['core', 'resumable', 'traffic'],
  traffic: ['core', 'resumable'],
  // A gate is a check of a traffic shift, and reads metrics as its checks do.
  gates: ['core', 'traffic'],
  // A rollout reads services as the tool does, and evaluates the checks of a traffic shift.
  'ecs-rollout': ['core', 'ecs', 'traffic'],
  // A pause evaluates the checks of a traffic shift.
  'ecs-deployments': ['core', 'resumable', 'traffic'],
  hooks: ['core', 'resumable', 'swap', 'traffic'],
  'step-functions': ['core', 'resumable'],
  durable: ['core', 'resumable'],
  // A report reads the results of every kind of change.
  report: ['core', 'ecs-rollout', 'resumable', 'swap', 'traffic'],
  // The types of the events of every kind of change.
  telemetry: ['core', 'ecs-rollout', 'swap', 'traffic'],
  'custom-resource': ['core', 'resumable', 'traffic', 'step-functions', 'durable'],
  // Constructs of the CDK: policies and definitions, and no code that runs in AWS.
  cdk: ['core', 'iam', 'step-functions'],
  // The permissions of every method.
  iam: ['*'],
  testing: ['core'],
};

/**
 * Single files that a folder may import from further folders.
 *
 * @type {Record<string, readonly string[]>} patterns of paths below `src`
 */
const files = {
  // The permissions of a ready-made step are those of the tool methods that it calls, and the settings of a step that creates a database
  // are those of the tool. These files import no AWS client.
  swap: [
    '(aurora|cloudwatch|dynamo|ecs|kinesis|lambda|scheduler|sns|sqs)/permissions\\.ts$',
    'aurora/(creation-options|creation-types|database-settings|blue-green/(green-options|types))\\.ts$',
  ],
};

const folders = Object.keys(layers);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'known-folders',
      comment: 'A new folder of src needs a line in the table of layers.',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: `^src/(${folders.join('|')})/` },
    },
    ...folders
      .filter((folder) => !layers[folder].includes('*'))
      .map((folder) => ({
        name: `layers-of-${folder}`,
        comment: `src/${folder} imports ${layers[folder].join(', ') || 'nothing'} besides itself.`,
        severity: 'error',
        from: { path: `^src/${folder}/` },
        to: {
          path: '^src/',
          pathNot: [
            `^src/(${[folder, ...layers[folder]].join('|')})/`,
            ...(files[folder] ?? []).map((path) => `^src/${path}`),
          ],
        },
      })),
    {
      name: 'nothing-imports-iam-or-testing',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(index\\.ts|iam/|testing/|cdk/)' },
      to: { path: '^src/(iam|testing)/' },
    },
    {
      name: 'nothing-imports-cdk',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cdk/' },
      to: { path: '^src/cdk/' },
    },
    {
      name: 'only-cdk-imports-aws-cdk-lib',
      comment: 'aws-cdk-lib and constructs are optional peers.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cdk/' },
      to: { path: '(^|/)node_modules/(aws-cdk-lib|constructs)/' },
    },
    {
      name: 'index-files-only-from-index-files',
      severity: 'error',
      from: { path: '^src/', pathNot: '(^|/)index\\.ts$' },
      to: { path: '^src/.*index\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    exclude: { path: '^(node_modules/(?!aws-cdk-lib/|constructs/)|dist)' },
  },
};
