import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Generators, generatorsIn } from '../../support/generators.js';
import { copyOfRepository } from '../../support/repository-copy.js';

const repository = copyOfRepository();
let generators: Generators;

beforeEach(async () => {
  repository.reset();
  generators = await generatorsIn(repository.root);
});

afterAll(() => repository.remove());

const read = (file: string) => readFileSync(join(repository.root, file), 'utf8');

/** Runs a generator and returns the files that it added and changed. */
async function generate(generator: string, ...answers: string[]) {
  const { failures, comments } = await generators.run(generator, answers);
  expect(failures).toEqual([]);
  return { ...repository.changes(), remaining: comments.join('\n') };
}

describe('npm run new -- target', () => {
  test('writes the source, the set-up of the contract suite and the page, and lists them', async () => {
    const { added, changed, remaining } = await generate('target', 'my-target');

    expect(added).toEqual([
      'docs/guides/my-target.md',
      'src/traffic/targets/my-target.ts',
      'test/contract/my-target.ts',
    ]);
    expect(changed).toEqual([
      'docs/guides/README.md',
      'docs/guides/traffic-targets.md',
      'docs/iam.md',
      'src/index.ts',
      'src/traffic/index.ts',
      'src/traffic/targets/permissions.ts',
      'test/contract/all-targets.ts',
      'test/unit/traffic/targets/options.test.ts',
      'typedoc.json',
    ]);
    expect(read('src/traffic/targets/my-target.ts')).toContain(
      'export class MyTarget implements TrafficTarget',
    );
    expect(read('src/index.ts')).toMatch(/^ {2}MyTarget,\n {2}type MyTargetOptions,$/m);
    expect(read('src/traffic/index.ts')).toContain("from './targets/my-target.js';");
    expect(read('src/traffic/targets/permissions.ts')).toMatch(
      /^ {2}'MyTarget.readWeights': \[\],\n {2}'MyTarget.writeWeights': \[\],$/m,
    );
    expect(read('test/contract/all-targets.ts')).toContain(
      "{ name: 'MyTarget', calls: { read: [], write: [] }, setUp: setUpMyTarget },",
    );
    expect(JSON.parse(read('typedoc.json')).projectDocuments).toContain('docs/guides/my-target.md');
    expect(read('docs/guides/traffic-targets.md')).toMatch(/^\| \[`MyTarget`\]\(my-target\.md\) +\|/m);
    expect(remaining).toContain('src/traffic/targets/my-target.ts: add the SDK client');
    for (const method of ['readWeights', 'writeWeights', 'nearestWeights'])
      expect(read('src/traffic/targets/my-target.ts')).toMatch(
        new RegExp(`throw new Error\\(\\s+'MyTarget\\.${method} is not written: \\w+`),
      );
  });
});

describe('npm run new -- check', () => {
  test('writes the source and its section, and lists them', async () => {
    const { added, changed } = await generate('check', 'queue-depth');

    expect(added).toEqual(['src/traffic/checks/queue-depth.ts']);
    expect(changed).toEqual([
      'docs/guides/checks.md',
      'docs/iam.md',
      'src/index.ts',
      'src/traffic/checks/permissions.ts',
      'src/traffic/index.ts',
      'test/support/permission-scenarios.ts',
      'test/unit/traffic/checks/options.test.ts',
    ]);
    expect(read('src/traffic/checks/queue-depth.ts')).toContain('export function queueDepth(');
    expect(read('src/traffic/checks/queue-depth.ts')).toContain("'queueDepth is not written: measure");
    expect(read('docs/guides/checks.md')).toMatch(/^## Queue depth\n\n[\s\S]+\n\n## Custom checks$/m);
    expect(read('test/unit/traffic/checks/options.test.ts')).toContain('make: queueDepth as Make,');
  });
});

describe('npm run new -- strategy', () => {
  test('writes the source, its form in a request and its row in the guide', async () => {
    const { added, changed } = await generate('strategy', 'my-strategy');

    expect(added).toEqual(['src/traffic/strategies/my-strategy.ts']);
    expect(changed).toEqual([
      'docs/guides/canary-on-an-alb.md',
      'src/index.ts',
      'src/traffic/index.ts',
      'src/traffic/strategies/strategy-request.ts',
      'test/simulation/permissions.test.ts',
      'test/unit/traffic/strategies.test.ts',
    ]);
    const request = read('src/traffic/strategies/strategy-request.ts');
    expect(request).toContain("| (StrategyType<'myStrategy'> & MyStrategyOptions)");
    expect(request).toContain("strictObject({ type: v.literal('myStrategy'), ...myStrategyEntries }),");
    expect(request).toContain("case 'myStrategy':\n        return myStrategy(withoutType(request));");
    expect(read('test/unit/traffic/strategies.test.ts')).toContain(
      "test('returns the steps of myStrategy', () => {",
    );
    expect(read('docs/guides/canary-on-an-alb.md')).toMatch(/^\| `myStrategy` +\| to be written +\|$/m);
  });
});

describe('npm run new -- method', () => {
  test.each([
    ['sqs', 'countMessages', 'SqsTools'],
    // Its import of CallOptions is a type-only statement.
    ['aurora', 'listSnapshots', 'AuroraTools'],
    ['cloudwatch', 'countAlarms', 'CloudWatchTools'],
  ])('inserts into the class, the permissions and the scenarios of %s', async (folder, method, className) => {
    const { added, changed } = await generate('method', folder, method);

    expect(added).toEqual([]);
    expect(changed).toEqual(
      [
        'docs/iam.md',
        `src/${folder}/${folder}-tools.ts`,
        `src/${folder}/permissions.ts`,
        `test/simulation/scenarios/${folder}.ts`,
      ].toSorted(),
    );
    expect(read(`src/${folder}/${folder}-tools.ts`)).toMatch(
      new RegExp(`^ {2}async ${method}\\(stack: StackReference, options: CallOptions = {}\\)`, 'm'),
    );
    expect(read(`src/${folder}/permissions.ts`)).toContain(`  '${className}.${method}': [],\n`);
    expect(read(`test/simulation/scenarios/${folder}.ts`)).toContain(`    name: '${className}.${method}',`);
  });
});

describe('npm run new -- operation', () => {
  test.each([
    ['sqs', 'ListQueues', 'simulated-sqs.ts'],
    ['lambda', 'ListFunctions', 'simulated-lambda.ts'],
    ['elastic-load-balancing', 'DescribeSSLPolicies', 'simulated-elastic-load-balancing.ts'],
  ])('inserts into the table of %s', async (service, operation, file) => {
    const { added, changed } = await generate('operation', service, operation);

    const path = `src/testing/services/${service}/${file}`;
    expect({ added, changed }).toEqual({ added: [], changed: [path] });
    expect(read(path)).toMatch(
      new RegExp(
        `${operation}: \\(\\s*_input: ${operation}CommandInput,?\\s*\\): OperationOutput<${operation}CommandOutput>`,
      ),
    );
  });

  test('prints the operation of a service whose operations are in several files', async () => {
    const { added, changed, remaining } = await generate('operation', 'ecs', 'ListServices');

    expect({ added, changed }).toEqual({ added: [], changed: [] });
    expect(remaining).toContain('ListServices: (_input: ListServicesCommandInput)');
  });
});

describe('npm run new', () => {
  test.each<[string, string[], string]>([
    [
      'target',
      ['My Target'],
      'Invalid name of a target: expected lower-case words with hyphens between them, such as my-target, got "My Target".',
    ],
    [
      'target',
      ['../x'],
      'Invalid name of a target: expected lower-case words with hyphens between them, such as my-target, got "../x".',
    ],
    [
      'target',
      ['lambda-alias'],
      'The target exists already: src/traffic/targets/lambda-alias.ts. Choose another name.',
    ],
    [
      'target',
      ['lambda-alias-target'],
      'The name LambdaAliasTarget exists already: src/index.ts exports it. Choose another name.',
    ],
    [
      'target',
      ['load-balancers'],
      'The target exists already: test/contract/load-balancers.ts. Choose another name.',
    ],
    ['target', ['checks'], 'The target exists already: docs/guides/checks.md. Choose another name.'],
    ['target', [''], 'Invalid name of a target: expected lower-case words'],
    ['check', ['My Check'], 'Invalid name of a check: expected lower-case words'],
    ['check', ['../x'], 'Invalid name of a check: expected lower-case words'],
    ['check', ['http-check'], 'The check exists already: src/traffic/checks/http-check.ts.'],
    ['check', ['steps'], 'The name steps exists already: src/index.ts exports it.'],
    ['check', ['switch'], 'Invalid name of a check: switch is a reserved word.'],
    ['strategy', ['MyStrategy'], 'Invalid name of a strategy: expected lower-case words'],
    ['strategy', ['../x'], 'Invalid name of a strategy: expected lower-case words'],
    ['strategy', ['canary'], 'The strategy exists already: src/traffic/strategies/canary.ts.'],
    ['method', ['nothing', 'countMessages'], 'Unknown tool: expected one of aurora, cloudwatch, '],
    ['method', ['../sqs', 'countMessages'], 'Unknown tool: expected one of aurora, cloudwatch, '],
    [
      'method',
      ['sqs', 'count messages'],
      'Invalid name of a method: expected a name in camel case, such as countMessages, got "count messages".',
    ],
    ['method', ['sqs', 'CountMessages'], 'Invalid name of a method: expected a name in camel case'],
    [
      'method',
      ['sqs', 'purgeQueues'],
      'The method exists already: SqsTools.purgeQueues in src/sqs/sqs-tools.ts. Choose another name.',
    ],
    [
      'operation',
      ['cloudformation', 'CreateStack'],
      'Unknown simulated service: expected one of api-gateway, app-mesh, ',
    ],
    [
      'operation',
      ['sqs', 'listQueues'],
      'Invalid name of an operation: expected AWS\'s name, such as ListQueues, got "listQueues".',
    ],
    ['operation', ['sqs', 'EmptyQueue'], 'Unknown operation: @aws-sdk/client-sqs has no EmptyQueueCommand.'],
    [
      'operation',
      ['sqs', 'PurgeQueue'],
      'The operation exists already: PurgeQueue in src/testing/services/sqs.',
    ],
    [
      'operation',
      ['elastic-load-balancing', 'DescribeTargetHealth'],
      'The operation exists already: DescribeTargetHealth',
    ],
  ])('rejects %s %j', async (generator, answers, message) => {
    await expect(generators.run(generator, answers)).rejects.toThrowError(message);

    expect(repository.changes()).toEqual({ added: [], changed: [] });
  });

  test('changes no file when one of them has no place for an insertion', async () => {
    repository.write('typedoc.json', '{}\n');

    const { failures } = await generators.run('target', ['my-target']);

    expect(failures[0]).toContain('Cannot insert into typedoc.json: no line matches');
    expect(repository.changes()).toEqual({ added: [], changed: ['typedoc.json'] });
  });
});
