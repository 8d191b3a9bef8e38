import { actionsOf } from './actions.mjs';
import { fileNameProblem, formsOf, newFileProblem } from './names.mjs';
import { insertAtLine, insertIntoLiteral, insertNames } from './source.mjs';

/** `npm run new -- strategy my-strategy` */
export function strategyGenerator(root) {
  return {
    description: 'a strategy: the steps of a shift, made from a few options',
    prompts: [
      {
        type: 'input',
        name: 'name',
        message: 'Name of the file, such as my-strategy',
        validate: (name) =>
          fileNameProblem('strategy', name) ??
          newFileProblem(root, {
            kind: 'strategy',
            files: [sourceOf(name)],
            exported: formsOf(name).camel,
          }) ??
          true,
      },
    ],
    actions: ({ name }) => actionsOf(formsOf(name), filesOf(formsOf(name))),
  };
}

function filesOf({ name, camel, pascal }) {
  const exported = [camel, `type ${pascal}Options`];
  return {
    add: { [sourceOf(name)]: 'templates/strategy/strategy.ts.hbs' },
    edit: {
      'src/traffic/index.ts': (text) =>
        insertAtLine(
          text,
          { before: /^export \{ type StepsOptions, steps \}/ },
          `export { ${exported.join(', ')} } from './strategies/${name}.js';`,
        ),
      'src/index.ts': (text) => insertNames(text, { from: './traffic/index.js', names: exported }),
      'src/traffic/strategies/strategy-request.ts': (text) => insertRequest(text, { name, camel, pascal }),
      'test/unit/traffic/strategies.test.ts': (text) =>
        insertAtLine(
          insertIntoLiteral(
            insertNames(text, { from: `../../../src/traffic/strategies/${name}.js`, names: [camel] }),
            'factories',
            camel,
          ),
          { before: /^ {2}test\('returns the steps of steps', / },
          `  test('returns the steps of ${camel}', () => {\n    expect(flat(${camel}({ bakeSeconds: 60 })).at(-1)).toEqual([100, 60]);\n  });\n`,
        ),
      'test/simulation/permissions.test.ts': (text) => insertIntoLiteral(text, 'pure', `'${camel}'`),
      'docs/guides/canary-on-an-alb.md': (text) =>
        insertAtLine(text, { after: /^\| `exponential/ }, `| \`${camel}\` | to be written |`),
    },
    remaining: [
      `${sourceOf(name)}: add the options, and return the steps`,
      'test/unit/traffic/strategies.test.ts: state the steps, and what is impossible',
      'test/support/shift-requests.ts: add a request with it',
      'docs/guides/canary-on-an-alb.md: replace what is to be written in its row',
      'npx vitest run test/unit/traffic, then npm run api-report',
    ],
  };
}

/** The forms of a request in JSON: the type, its schema and the call. */
function insertRequest(text, { name, camel, pascal }) {
  const names = [camel, `${camel}Entries`, `type ${pascal}Options`];
  const imported = insertNames(text, { from: `./${name}.js`, names });
  const typed = insertAtLine(
    imported,
    { before: /^ {2}\| CodeDeployConfigName$/ },
    `  | (StrategyType<'${camel}'> & ${pascal}Options)`,
  );
  const parsed = insertAtLine(
    typed,
    { after: /^ {4}strictObject\(\{ type: v\.literal\(/ },
    `    strictObject({ type: v.literal('${camel}'), ...${camel}Entries }),`,
  );
  return insertAtLine(
    parsed,
    { after: /^ {8}return \w+\(withoutType\(request\)\);$/ },
    `      case '${camel}':\n        return ${camel}(withoutType(request));`,
  );
}

function sourceOf(name) {
  return `src/traffic/strategies/${name}.ts`;
}
