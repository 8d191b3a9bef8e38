// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the files look like that

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/index.js';
import { type LoadDefinitionsOptions, loadDefinitions } from '../../../../src/ecs-rollout/index.js';
import { definitionFiles } from '../../../support/definition-files.js';

const files = definitionFiles();

const plainService = { cluster: 'shop', serviceName: 'web', desiredCount: 2 };
const plainTask = { family: 'web', containerDefinitions: [{ name: 'app', image: 'shop/web:1' }] };

/** Loads the given files. Missing ones have valid content. */
async function load(
  { service = plainService, taskDefinition = plainTask }: { service?: unknown; taskDefinition?: unknown },
  env: LoadDefinitionsOptions['env'] = {},
) {
  const folder = await files.put({ service, taskDefinition });
  return loadDefinitions(folder, { env });
}

async function problemsOf(loading: Promise<unknown>): Promise<string[]> {
  const error = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InvalidInputError)) throw error ?? new Error('The definitions were taken');
  return error.problems.map(
    ({ field, expected, actual }) => `${field} | expected ${expected} | received ${actual}`,
  );
}

describe('loadDefinitions', () => {
  describe('with files', () => {
    test('returns their content', async () => {
      const service = {
        cluster: 'shop',
        serviceName: 'web',
        launchType: 'FARGATE',
        loadBalancers: [{ targetGroupArn: 'arn', containerName: 'app', containerPort: 8080 }],
        deploymentConfiguration: { canaryConfiguration: { canaryPercent: 0.5 } },
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], assignPublicIp: 'DISABLED' } },
        enableECSManagedTags: true,
      };
      const taskDefinition = {
        family: 'web',
        cpu: '256',
        containerDefinitions: [
          {
            name: 'app',
            image: 'shop/web:1',
            essential: true,
            dockerLabels: { constructor: 'someone', 'a.b': '' },
            environment: [{ name: 'PASSWORD', value: 'a$b$$c' }],
            ulimits: [{ name: 'nofile', softLimit: -1, hardLimit: -1 }],
            resourceRequirements: [{ type: 'GPU', sharingStrategy: { nvidiaMps: { memory: 1024 } } }],
          },
        ],
        requiresCompatibilities: ['FARGATE'],
      };

      const definitions = await load({ service, taskDefinition });

      expect(definitions).toEqual({ service, taskDefinition });
    });

    test('accepts a service without a name', async () => {
      const { service } = await load({ service: {} });

      expect(service).toEqual({});
    });

    test('accepts a byte order mark', async () => {
      const { service } = await load({ service: `\ufeff${JSON.stringify(plainService)}` });

      expect(service).toEqual(plainService);
    });

    test('uses process.env by default', async () => {
      const folder = await files.put({ service: { cluster: '${PATH}' }, taskDefinition: plainTask });

      const { service } = await loadDefinitions(folder);

      expect(service.cluster).toBe(process.env['PATH']);
    });
  });

  describe('placeholders', () => {
    test.each([
      ['${A}', 'one'],
      ['x${A}-${B}${A}y', 'xone-${A}oney'],
      ['$${A}', '${A}'],
      ['$$${A}', '$${A}'],
      ['${EMPTY}', ''],
      ['$A $ {A} }', '$A $ {A} }'],
    ])('%s becomes %s', async (image, expected) => {
      const taskDefinition = { family: 'web', containerDefinitions: [{ image }] };

      const definitions = await load({ taskDefinition }, { A: 'one', B: '${A}', EMPTY: '' });

      expect(definitions.taskDefinition.containerDefinitions).toEqual([{ image: expected }]);
    });

    test.each(['"', '","image":"evil', '\\', '\n', '"}],"family":"evil', '\u2028', '$&', "$'"])(
      'stay text when the value is %j',
      async (value) => {
        const taskDefinition = { family: 'web', containerDefinitions: [{ name: 'a', image: 'b:${V}' }] };

        const definitions = await load({ taskDefinition }, { V: value });

        expect(definitions.taskDefinition).toEqual({
          family: 'web',
          containerDefinitions: [{ name: 'a', image: `b:${value}` }],
        });
      },
    );

    test('stand for numbers and booleans when they are the whole string', async () => {
      const service = {
        desiredCount: '${COUNT}',
        enableExecuteCommand: '${YES}',
        propagateTags: '${FROM}',
        deploymentConfiguration: {
          linearConfiguration: { stepPercent: '${PERCENT}' },
          deploymentCircuitBreaker: { enable: true, rollback: '${NO}' },
        },
      };

      const definitions = await load(
        { service },
        { COUNT: '3', YES: 'true', NO: 'false', FROM: 'SERVICE', PERCENT: '12.5' },
      );

      expect(definitions.service).toEqual({
        desiredCount: 3,
        enableExecuteCommand: true,
        propagateTags: 'SERVICE',
        deploymentConfiguration: {
          linearConfiguration: { stepPercent: 12.5 },
          deploymentCircuitBreaker: { enable: true, rollback: false },
        },
      });
    });

    test('stay strings in a field for strings', async () => {
      const taskDefinition = { ...plainTask, cpu: '${CPU}' };

      const definitions = await load({ taskDefinition }, { CPU: '256' });

      expect(definitions.taskDefinition.cpu).toBe('256');
    });

    test('are replaced in details of any form', async () => {
      const hook = (url: string, more: object) => ({
        deploymentConfiguration: {
          lifecycleHooks: [{ hookDetails: { url: [url, 1, null, true], ...more } }],
        },
      });

      const { service } = await load({ service: hook('${URL}', { '$${': {} }) }, { URL: 'https://a' });

      expect(service).toEqual(hook('https://a', { '${': {} }));
    });

    test.each(['', ' 3', '3 ', '0x10', '1e3', '3.5', '+3', 'three', '99999999999999999999'])(
      'are refused for a whole number when the value is %j',
      async (value) => {
        const problems = await problemsOf(load({ service: { desiredCount: '${COUNT}' } }, { COUNT: value }));

        expect(problems).toEqual([
          'service.json: desiredCount | expected a whole number | received a string (the value of COUNT)',
        ]);
      },
    );

    test.each(['TRUE', '1', 'yes', '', 'constructor'])(
      'are refused for a boolean when the value is %j',
      async (value) => {
        const problems = await problemsOf(
          load({ service: { enableExecuteCommand: '${ON}' } }, { ON: value }),
        );

        expect(problems).toEqual([
          'service.json: enableExecuteCommand | expected true or false | received a string (the value of ON)',
        ]);
      },
    );

    test('are refused for a number when the string has other text', async () => {
      const problems = await problemsOf(load({ service: { desiredCount: '${A}${A}' } }, { A: '1' }));

      expect(problems).toEqual(['service.json: desiredCount | expected a whole number | received a string']);
    });

    test('without a value are listed together, of both files, with every place', async () => {
      const service = { cluster: '${CLUSTER}', desiredCount: '${COUNT}', launchType: '${constructor}' };
      const taskDefinition = {
        family: '${CLUSTER}-${CLUSTER}-web',
        containerDefinitions: [{ image: '${TAG}', dockerLabels: { 'a.b': '${TAG}' } }],
      };

      const problems = await problemsOf(load({ service, taskDefinition }, { TAG: undefined }));

      expect(problems).toEqual([
        'env.CLUSTER | expected a value for service.json: cluster, task-definition.json: family | received none',
        'env.COUNT | expected a value for service.json: desiredCount | received none',
        'env.constructor | expected a value for service.json: launchType | received none',
        'env.TAG | expected a value for task-definition.json: containerDefinitions[0].image, ' +
          'task-definition.json: containerDefinitions[0].dockerLabels["a.b"] | received none',
      ]);
    });

    test.each(['${', '${}', 'a ${A-B}', '${1}', '${A:-b}', '${ A }'])('%s is refused', async (cluster) => {
      const problems = await problemsOf(load({ service: { cluster } }, { A: 'x' }));

      expect(problems).toEqual([
        'service.json: cluster | expected a placeholder with a name, such as ${NAME} ' +
          '($${ stands for a literal ${) | received another form',
      ]);
    });

    test('are refused in names of fields', async () => {
      const taskDefinition = { ...plainTask, containerDefinitions: [{ dockerLabels: { '${A}': 'x' } }] };

      const problems = await problemsOf(load({ taskDefinition }, { A: 'x' }));

      expect(problems).toEqual([
        'task-definition.json: containerDefinitions[0].dockerLabels["${A}"] | expected a name without ' +
          'placeholders, such as ${NAME} ($${ stands for a literal ${) | received one with a placeholder',
      ]);
    });
  });

  describe('problems', () => {
    test('are listed together', async () => {
      const service = {
        serviceName: 7,
        desiredcount: 2,
        constructor: {},
        loadBalancers: [{ targetGroupARN: 'arn', containerPort: '8080' }],
        launchType: 'FARGAET',
        tags: {},
        networkConfiguration: { awsvpcConfiguration: {} },
        deploymentConfiguration: [],
        placementStrategy: null,
        desiredCount: 1.5,
        enableExecuteCommand: 'true',
      };
      const taskDefinition = {
        containerDefinitions: ['${SECRET}', { dockerLabels: { a: 1 }, portMappings: '${SECRET}' }],
      };

      const problems = await problemsOf(load({ service, taskDefinition }, { SECRET: 'hunter2' }));

      expect(problems.sort()).toEqual(
        [
          'service.json: desiredcount | expected no such field | received a number',
          'service.json: constructor | expected no such field | received an object',
          'service.json: loadBalancers[0].targetGroupARN | expected no such field | received a string',
          'service.json: loadBalancers[0].containerPort | expected a whole number | received a string',
          'service.json: serviceName | expected a string | received a number',
          'service.json: launchType | expected one of EC2, EXTERNAL, FARGATE, MANAGED_INSTANCES | received a string',
          'service.json: tags | expected an array | received an object',
          'service.json: networkConfiguration.awsvpcConfiguration.subnets | expected a value | received none',
          'service.json: deploymentConfiguration | expected an object | received an array',
          'service.json: placementStrategy | expected an array | received null',
          'service.json: desiredCount | expected a whole number | received a number',
          'service.json: enableExecuteCommand | expected true or false | received a string',
          'task-definition.json: family | expected a value | received none',
          'task-definition.json: containerDefinitions[0] | expected an object | received a string (the value of SECRET)',
          'task-definition.json: containerDefinitions[1].dockerLabels.a | expected a string | received a number',
          'task-definition.json: containerDefinitions[1].portMappings | expected an array | received a string (the value of SECRET)',
        ].sort(),
      );
    });

    test('include fields with names that every object has', async () => {
      const problems = await problemsOf(
        load({ service: '{"__proto__": {"cluster": "a"}, "toString": "b"}' }),
      );

      expect(problems).toEqual([
        'service.json: toString | expected no such field | received a string',
        'service.json: __proto__ | expected no such field | received an object',
      ]);
    });

    test.each(['[]', 'null', '1', '"text"'])('include a file that holds %s', async (service) => {
      const [problem] = await problemsOf(load({ service }));

      expect(problem).toMatch(/^service\.json \| expected an object/);
    });

    test.each([
      ['', 1, 1, 'a value', 'the end of the file'],
      ['{\n  "cluster": "a",\n}', 3, 1, 'the name of a field in double quotes', '"}"'],
      ['{"a": 1 // no\n}', 1, 9, 'a comma, or the end of the object or array', '"/"'],
      ['{"a" 1}', 1, 6, 'a colon', '"1"'],
      ['{"a": ${A}}', 1, 7, 'a value; also what stands for a number is in quotes: "${NAME}"', '"$"'],
      ['{} {}', 1, 4, 'nothing more', '"{"'],
      ['[1,]', 1, 4, 'a value', '"]"'],
      ['[', 1, 2, 'a value, or the end of the array', 'the end of the file'],
      ["{'a': 1}", 1, 2, 'the name of a field in double quotes, or the end of the object', '"\'"'],
      ['["a\nb"]', 1, 4, 'the end of the string, or a character that JSON allows in one', '"\\n"'],
      ['["\\x"]', 1, 3, 'the end of the string, or a character that JSON allows in one', '"\\\\"'],
    ])('include invalid JSON, with its place: %j', async (service, line, column, expected, received) => {
      const problems = await problemsOf(load({ service }));

      expect(problems).toEqual([
        `service.json:${line}:${column} | expected ${expected} | received ${received}`,
      ]);
    });

    test('include files that are missing, too big, or no text', async () => {
      const folder = await files.put({ service: 'x'.repeat(1024 * 1024 + 1), taskDefinition: undefined });
      const problems = await problemsOf(loadDefinitions(folder));
      const [invalidTexts] = await problemsOf(load({ service: new Uint8Array([0x22, 0xff, 0x22]) }));
      const [noFolder] = await problemsOf(loadDefinitions(join(folder, 'service.json')));

      expect(problems).toEqual([
        'service.json | expected at most 1 MiB | received 1048577 bytes',
        'task-definition.json | expected a file that can be read | received no file (ENOENT)',
      ]);
      expect(invalidTexts).toBe('service.json | expected a text in UTF-8 | received other bytes');
      expect(noFolder).toBe('service.json | expected a file that can be read | received ENOTDIR');
    });

    test('include a document that is nested too deeply', async () => {
      const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
      const hook = `{"deploymentConfiguration": {"lifecycleHooks": [{"hookDetails": ${nested(60_000)}}]}}`;

      const problems = await problemsOf(load({ service: hook }));

      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^service\.json: .*\.a \| expected at most 64 levels \| received more$/);
    });

    test('include invalid arguments', async () => {
      // @ts-expect-error: the values are strings
      const env: LoadDefinitionsOptions['env'] = { SECRET: 4711 };

      const ofEnv = await problemsOf(loadDefinitions('.', { env }));
      const ofFolder = await problemsOf(loadDefinitions(''));

      expect(ofEnv).toEqual(['env | expected an object of strings | received an object']);
      expect(ofFolder).toEqual(['folder | expected a string that is not empty | received an empty string']);
    });
  });
});

describe('loadDefinitions › unlike canarycage', () => {
  test('keeps a value with a double quote as text', async () => {
    const { taskDefinition } = await load(
      { taskDefinition: { family: '${NAME}', containerDefinitions: [] } },
      { NAME: 'web","taskRoleArn":"arn:aws:iam::123456789012:role/admin' },
    );

    expect(Object.keys(taskDefinition)).toEqual(['family', 'containerDefinitions']);
  });

  test('lists every name without a value', async () => {
    const problems = await problemsOf(load({ service: { cluster: '${A}', role: '${B}' } }));

    expect(problems).toHaveLength(2);
  });

  test('throws for a misspelt field', async () => {
    const problems = await problemsOf(load({ service: { healthCheckGracePeriod: 60 } }));

    expect(problems).toEqual([
      'service.json: healthCheckGracePeriod | expected no such field | received a number',
    ]);
  });
});
