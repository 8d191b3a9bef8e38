import { actionsOf } from './actions.mjs';
import { fileNameProblem, formsOf, newFileProblem } from './names.mjs';
import { insertAtLine, insertIntoLiteral, insertNames } from './source.mjs';

/** `npm run new -- target my-target` */
export function targetGenerator(root) {
  return {
    description: 'a traffic target: a resource whose weights TrafficShifter changes',
    prompts: [
      {
        type: 'input',
        name: 'name',
        message: 'Name of the file, such as my-target',
        validate: (name) =>
          fileNameProblem('target', name) ??
          newFileProblem(root, {
            kind: 'target',
            files: [sourceOf(name), setUpOf(name), pageOf(name)],
            exported: classOf(name),
          }) ??
          true,
      },
    ],
    actions: ({ name }) => actionsOf(targetForms(name), filesOf(targetForms(name))),
  };
}

function filesOf({ name, className, title }) {
  const setUp = `setUp${className}`;
  const exported = [className, `type ${className}Options`, `type ${className}StackOptions`];
  const row = `| [\`${className}\`](${name}.md) | to be written | to be written | to be written |`;
  return {
    add: {
      [sourceOf(name)]: 'templates/target/target.ts.hbs',
      [setUpOf(name)]: 'templates/target/set-up.ts.hbs',
      [pageOf(name)]: 'templates/target/page.md.hbs',
    },
    edit: {
      'src/traffic/index.ts': (text) =>
        insertAtLine(
          text,
          { before: /^export \{ TrafficShifter \}/ },
          `export { ${exported.join(', ')} } from './targets/${name}.js';`,
        ),
      'src/index.ts': (text) => insertNames(text, { from: './traffic/index.js', names: exported }),
      'src/traffic/targets/permissions.ts': (text) =>
        insertIntoLiteral(
          text,
          'targetPermissions',
          `'${className}.readWeights': [],\n'${className}.writeWeights': []`,
        ),
      'test/contract/all-targets.ts': (text) =>
        insertIntoLiteral(
          insertNames(text, { from: `./${name}.js`, names: [setUp] }),
          'allTargets',
          `{ name: '${className}', calls: { read: [], write: [] }, setUp: ${setUp} }`,
        ),
      'test/unit/traffic/targets/options.test.ts': (text) =>
        insertIntoLiteral(
          insertNames(text, { from: '../../../../src/traffic/index.js', names: [className] }),
          'targets',
          `${className}: { make: (options) => new ${className}(options), options: { resourceName: 'r', ...groups('destinationName') }, stackField: 'destinationName' }`,
        ),
      'docs/guides/traffic-targets.md': (text) => insertAtLine(text, { before: /^\| \[your own\]/ }, row),
      'docs/guides/README.md': (text) =>
        insertAtLine(text, { after: /\]\(traffic-targets\.md\)/ }, `- [${title}](${name}.md): to be written`),
      'typedoc.json': (text) =>
        insertAtLine(text, { after: /"docs\/guides\/traffic-targets\.md"/ }, `    "docs/guides/${name}.md",`),
    },
    afterwards: ['scripts/write-iam-docs.ts'],
    remaining: [
      `${sourceOf(name)}: add the SDK client, name the options after the service, and write readWeights and writeWeights`,
      'src/testing: add the operations that they call: npm run new -- operation <service> <Operation>',
      `test/contract/${name}.ts: write the set-up; test/contract/all-targets.ts: name the calls`,
      `src/traffic/targets/permissions.ts and the doc blocks: name the IAM actions; then npm run docs:iam`,
      `docs/guides/${name}.md and its rows in traffic-targets.md and README.md: replace what is to be written`,
      'npx vitest run test/contract test/unit/traffic/targets, then npm run api-report',
    ],
  };
}

function targetForms(name) {
  return { ...formsOf(name), className: classOf(name) };
}

function classOf(name) {
  return `${formsOf(name.replace(/-target$/, '')).pascal}Target`;
}

function setUpOf(name) {
  return `test/contract/${name}.ts`;
}

function pageOf(name) {
  return `docs/guides/${name}.md`;
}

function sourceOf(name) {
  return `src/traffic/targets/${name}.ts`;
}
