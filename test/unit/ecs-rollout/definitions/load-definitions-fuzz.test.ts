// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the files look like that

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../../../src/core/index.js';
import { findJsonFault } from '../../../../src/ecs-rollout/definitions/json-fault.js';
import { parseDefinitions } from '../../../../src/ecs-rollout/definitions/load-definitions.js';
import type { EcsDefinitions } from '../../../../src/ecs-rollout/index.js';

const service = {
  cluster: 'shop',
  serviceName: 'web',
  desiredCount: 2,
  loadBalancers: [{ targetGroupArn: 'arn', containerName: 'app', containerPort: 80 }],
  networkConfiguration: { awsvpcConfiguration: { subnets: ['a', 'b'], assignPublicIp: 'ENABLED' } },
  deploymentConfiguration: {
    deploymentCircuitBreaker: { enable: true, rollback: true },
    lifecycleHooks: [{ hookDetails: { a: ['b'] } }],
  },
};
const taskDefinition = {
  family: 'web',
  containerDefinitions: [
    { name: 'app', image: 'a', dockerLabels: { b: 'c' }, healthCheck: { command: ['x'], retries: 2 } },
  ],
};

/** Part of every value of the environment, to detect a message that quotes one. */
const secret = 'hunter2';

const envValue = fc.oneof(
  fc.constantFrom(secret, `${secret}"`, `${secret}","family":"evil`, `\${${secret}}`, '3', 'true', ''),
  fc.string().map((text) => `${secret}${text}`),
);
const env = fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D', '__proto__'), envValue);
const oddText = fc.oneof(
  fc
    .array(
      fc.oneof(fc.constantFrom('${A}', '${B}', '${E}', '$${A}', '${', '$', '}', '${a-b}'), fc.string()),
      { maxLength: 3 },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('${A}', '${B}', '${E}', '${toString}', 'FARGATE'),
);
const oddValue = fc.oneof(
  { weight: 3, arbitrary: oddText },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, 1e300, null, true, [], {}) },
);
const oddName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'tags', 'launchType', 'image', 'role', '${A}', '$${'),
  fc.string(),
);

type Change = { readonly at: number; readonly name: string; readonly value: unknown; readonly kind: number };
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  name: oddName,
  value: oddValue,
  kind: fc.nat(2),
});

/** A definition with some of its values replaced, removed or added. */
function changed(document: unknown, changes: readonly Change[]): unknown {
  const copy: unknown = structuredClone(document);
  for (const { at, name, value, kind } of changes) {
    const places: { holder: object; key: string }[] = [];
    const collect = (holder: unknown) => {
      if (typeof holder !== 'object' || holder === null) return;
      for (const [key, it] of Object.entries(holder)) {
        places.push({ holder, key });
        collect(it);
      }
    };
    collect(copy);
    const place = places[at % Math.max(1, places.length)];
    if (place === undefined) return value;
    if (kind === 0) Reflect.deleteProperty(place.holder, place.key);
    const key = kind === 1 ? place.key : name;
    if (kind > 0) {
      const attributes = { value, enumerable: true, configurable: true, writable: true };
      Object.defineProperty(place.holder, key, attributes);
    }
  }
  return copy;
}

const changes = fc.array(change, { maxLength: 2 });
const document = (definition: unknown) =>
  fc.oneof(
    { weight: 4, arbitrary: changes.map((list) => JSON.stringify(changed(definition, list)) ?? '') },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4 }) },
    { weight: 1, arbitrary: damaged(JSON.stringify(definition, undefined, 1)) },
    { weight: 1, arbitrary: fc.string() },
  );

/** A text with a few replaced characters. */
function damaged(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.nat(text.length),
      fc.nat(3),
      fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom(...'{}[]",:\\')),
    )
    .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
}

type Outcome = { readonly definitions: EcsDefinitions } | { readonly thrown: unknown };

function outcomeOf(one: string, other: string, values: Record<string, string>): Outcome {
  const texts = {
    service: { file: 'service.json', text: one },
    taskDefinition: { file: 'task-definition.json', text: other },
  };
  try {
    return { definitions: parseDefinitions('The definitions', texts, values) };
  } catch (thrown) {
    return { thrown };
  }
}

const place = /^(?:(?:service|task-definition)\.json(?:: .+|:\d+:\d+)?|env\.\w+)$/s;

describe('parseDefinitions with any two files', () => {
  test('returns the definitions or throws one InvalidInputError that names places and no secret', () => {
    const seen = { definitions: 0, errors: 0 };

    fc.assert(
      fc.property(document(service), document(taskDefinition), env, (one, other, values) => {
        const outcome = outcomeOf(one, other, values);

        if ('definitions' in outcome) {
          seen.definitions += 1;
          expect(JSON.stringify(outcome.definitions)).not.toContain('ReplacedText');
          return;
        }
        seen.errors += 1;
        const { thrown } = outcome;
        if (!(thrown instanceof InvalidInputError)) throw thrown;
        expect(thrown.problems.length).toBeGreaterThan(0);
        for (const { field } of thrown.problems) expect(field).toMatch(place);
        expect(thrown.message).not.toContain(secret);
      }),
      { numRuns: 6000 },
    );

    expect(seen.definitions).toBeGreaterThan(500);
    expect(seen.errors).toBeGreaterThan(2000);
  });

  test('returns the definitions of valid files, with any value in its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const task = { family: 'web', containerDefinitions: [{ name: 'a', image: 'b:${A}', user: '$${A}' }] };

        const outcome = outcomeOf(JSON.stringify(service), JSON.stringify(task), { A: value });

        const container = { name: 'a', image: `b:${value}`, user: '${A}' };
        expect(outcome).toEqual({
          definitions: { service, taskDefinition: { family: 'web', containerDefinitions: [container] } },
        });
      }),
      { numRuns: 500 },
    );
  });
});

describe('findJsonFault', () => {
  test('finds a fault exactly where JSON.parse does', () => {
    const texts = fc.oneof(
      damaged(JSON.stringify(service, undefined, 1)),
      fc.json().chain(damaged),
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\0123.eE+-truefalsn u\n\t\u00a0') }),
    );

    fc.assert(
      fc.property(texts, (text) => {
        const fault = findJsonFault(text);

        expect(fault === undefined).toBe(isJson(text));
        if (fault === undefined) return;
        const offset =
          text.split('\n', fault.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + fault.column - 1;
        const before = findJsonFault(text.slice(0, offset));
        expect(before?.actual ?? 'the end of the file').toBe('the end of the file');
      }),
      { numRuns: 5000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
