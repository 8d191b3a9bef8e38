import { actionsOf } from './actions.mjs';
import { fileNameProblem, formsOf, newFileProblem } from './names.mjs';
import { insertAtLine, insertIntoLiteral, insertNames } from './source.mjs';

/** `npm run new -- check my-check` */
export function checkGenerator(root) {
  return {
    description: 'a check: a measurement that gates a shift',
    prompts: [
      {
        type: 'input',
        name: 'name',
        message: 'Name of the file, such as my-check',
        validate: (name) =>
          fileNameProblem('check', name) ??
          newFileProblem(root, { kind: 'check', files: [sourceOf(name)], exported: formsOf(name).camel }) ??
          true,
      },
    ],
    actions: ({ name }) => actionsOf(formsOf(name), filesOf(formsOf(name))),
  };
}

function filesOf({ name, camel, pascal, title }) {
  const exported = [camel, `type ${pascal}Options`];
  const fromTraffic = (text, path) =>
    insertNames(text, { from: `${path}/src/traffic/index.js`, names: [camel] });
  return {
    add: { [sourceOf(name)]: 'templates/check/check.ts.hbs' },
    edit: {
      'src/traffic/index.ts': (text) =>
        insertAtLine(
          text,
          { before: /^export type \{ MetricWindowOptions \}/ },
          `export { ${exported.join(', ')} } from './checks/${name}.js';`,
        ),
      'src/index.ts': (text) => insertNames(text, { from: './traffic/index.js', names: exported }),
      'src/traffic/checks/permissions.ts': (text) =>
        insertIntoLiteral(text, 'checkPermissions', `${camel}: []`),
      'test/support/permission-scenarios.ts': (text) =>
        insertIntoLiteral(fromTraffic(text, '../..'), 'checks', `${camel}: () => ${camel}()`),
      'test/unit/traffic/checks/options.test.ts': (text) =>
        insertIntoLiteral(
          fromTraffic(text, '../../../..'),
          'factories',
          `${camel}: { make: ${camel} as Make, options: {}, seconds: [], numbers: [], others: ['name', 'dryRun'] }`,
        ),
      'docs/guides/checks.md': (text) =>
        insertAtLine(
          text,
          { before: /^## Custom checks/ },
          [
            `## ${title}`,
            '',
            `\`${camel}\` is a skeleton: say here what it measures, and when it fails. IAM: to be written.`,
            '',
          ].join('\n'),
        ),
    },
    afterwards: ['scripts/write-iam-docs.ts'],
    remaining: [
      `${sourceOf(name)}: add the options, and write evaluate; keep the judgement a pure function`,
      'src/traffic/checks/permissions.ts and the doc block: name the IAM actions; then npm run docs:iam',
      `test/unit/traffic/checks/options.test.ts and test/support/permission-scenarios.ts: add the options to the rows of ${camel}`,
      'test/unit/traffic/checks/no-guess.test.ts: add the property that it never passes without complete data',
      'docs/guides/checks.md: replace the skeleton of its section, with a program to paste',
      'npx vitest run test/unit/traffic/checks test/simulation/permissions.test.ts, then npm run api-report',
    ],
  };
}

function sourceOf(name) {
  return `src/traffic/checks/${name}.ts`;
}
