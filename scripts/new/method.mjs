import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { actionsOf } from './actions.mjs';
import { choiceProblem, methodNameProblem } from './names.mjs';
import { findNode, insertIntoLiteral, insertNames, parse, readText } from './source.mjs';

/** `npm run new -- method sqs countMessages` */
export function methodGenerator(root) {
  const folders = readdirSync(join(root, 'src')).filter((it) => existsSync(join(root, sourceOf(it))));
  return {
    description: 'a method of a tool, such as sqs countMessages',
    prompts: [
      {
        type: 'input',
        name: 'folder',
        message: 'Folder of the tool, such as sqs',
        validate: (folder) => choiceProblem('tool', folder, folders) ?? true,
      },
      {
        type: 'input',
        name: 'method',
        message: 'Name of the method, such as countMessages',
        validate: (method, { folder }) =>
          methodNameProblem(method) ?? presentProblem(root, folder, method) ?? true,
      },
    ],
    actions: ({ folder, method }) => {
      const className = toolClass(readText(root, sourceOf(folder))).name.text;
      return actionsOf({}, filesOf(root, { folder, method, className }));
    },
  };
}

function presentProblem(root, folder, method) {
  if (folder === undefined) return undefined;
  const { name, members } = toolClass(readText(root, sourceOf(folder)));
  const isPresent = members.some((it) => it.name?.getText() === method);
  return isPresent
    ? `The method exists already: ${name.text}.${method} in ${sourceOf(folder)}. Choose another name.`
    : undefined;
}

function filesOf(root, { folder, method, className }) {
  const scenarios = `test/simulation/scenarios/${folder}.ts`;
  const call = `${className}.${method}`;
  return {
    edit: {
      [sourceOf(folder)]: (text) => insertMethod(text, { method, className }),
      [`src/${folder}/permissions.ts`]: (text) =>
        insertIntoLiteral(text, constantIn(text, /Permissions$/), `'${call}': []`),
      [scenarios]: (text) =>
        insertIntoLiteral(
          text,
          constantIn(text, /Scenarios$/),
          `{
            name: '${call}',
            arrange() {
              throw new Error('${scenarios}: the scenario of ${call} is not written: create the resources, call the method in act, and expect the state of the cloud in verify.');
            },
          }`,
        ),
    },
    afterwards: ['scripts/write-iam-docs.ts'],
    remaining: [
      `${sourceOf(folder)}: write ${method} with callAws, and its doc block: what it does, what it throws, @remarks IAM`,
      `src/${folder}/types.ts: move its options there when it has more than a signal`,
      `src/${folder}/permissions.ts: name the IAM actions; then npm run docs:iam`,
      `src/testing: add the operations that it calls: npm run new -- operation <service> <Operation>`,
      `${scenarios}: write its scenario; test/unit/${folder}: test its outcomes and its errors`,
      `test/both: add a test where moto knows the service`,
      ...(existsSync(join(root, 'test/support/method-options.ts'))
        ? ['test/support/method-options.ts: add its options']
        : []),
      `npx vitest run test/unit/${folder} test/simulation, then npm run api-report`,
    ],
  };
}

/** Inserts a method before the private ones of the class, which come last. */
function insertMethod(text, { method, className }) {
  const { members } = toolClass(text);
  const next = members.find(
    (it) => (ts.isMethodDeclaration(it) || ts.isAccessor(it)) && ts.isPrivateIdentifier(it.name),
  );
  const at = next?.getFullStart() ?? members.end;
  const withMethod = `${text.slice(0, at)}\n\n${methodText({ method, className })}${text.slice(at)}`;
  return Object.entries({
    '../core/aws-call.js': ['type CallOptions'],
    '../core/schemas.js': ['callOptionsSchema'],
    '../core/stack-reference.js': ['parseStackReference', 'type StackReference'],
    '../core/validate.js': ['parseInput'],
  }).reduce((changed, [from, names]) => insertNames(changed, { from, names }), withMethod);
}

function methodText({ method, className }) {
  return `  /**
   * Skeleton of a method. Its calls are not written.
   *
   * @throws InvalidInputError for an unknown stack or option.
   */
  async ${method}(stack: StackReference, options: CallOptions = {}): Promise<void> {
    parseStackReference(stack);
    parseInput('${method} options', callOptionsSchema, options);
    throw new Error('${className}.${method} is not written: make its calls with callAws, write only what differs, and succeed when repeated.');
  }`;
}

function toolClass(text) {
  return findNode(parse(text), (node) => ts.isClassDeclaration(node) && /Tools$/.test(node.name?.text ?? ''));
}

function constantIn(text, form) {
  const declaration = findNode(
    parse(text),
    (node) => ts.isVariableDeclaration(node) && form.test(node.name.getText()),
  );
  if (declaration === undefined) throw new Error(`no constant has a name like ${form}`);
  return declaration.name.getText();
}

function sourceOf(folder) {
  return `src/${folder}/${folder}-tools.ts`;
}
