import { describe, expect, test } from 'vitest';
import {
  parseProperties,
  parseRetainOnDelete,
  serviceTimeoutIn,
} from '../../../../src/custom-resource/rule/properties.js';

/** courier's own example, as CloudFormation passes it. */
const template = {
  ServiceToken: 'arn:aws:lambda:us-east-2:123456789012:function:courier',
  ListenerArn: 'arn:aws:elasticloadbalancing:us-east-2:123456789012:listener/app/web/14f0/e0a5',
  Priority: '11',
  Hosts: ['example.com'],
  Destinations: [
    { TargetGroupArn: 'arn:blue', Weight: '0' },
    { TargetGroupArn: 'arn:green', Weight: '100' },
  ],
  StepWeight: '5',
  StepInterval: '5s',
};

const query = JSON.stringify([{ Id: 'a', MetricStat: { Metric: {}, Period: 300, Stat: 'Sum' } }]);

const problemsOf = (properties: unknown) => {
  try {
    parseProperties(properties);
    return [];
  } catch (error) {
    return (error as { problems: { field: string; expected: string; received: string }[] }).problems;
  }
};

describe('parseProperties', () => {
  test("reads courier's template", () => {
    expect(parseProperties(template)).toEqual({
      listenerArn: template.ListenerArn,
      priority: 11,
      conditions: {
        hosts: ['example.com'],
        pathPatterns: [],
        methods: [],
        sourceIps: [],
        headers: {},
        queryStrings: {},
      },
      destinations: [
        { targetGroupArn: 'arn:blue', weight: 0 },
        { targetGroupArn: 'arn:green', weight: 100 },
      ],
      stepWeight: 5,
      stepIntervalSeconds: 5,
      cloudWatchMetric: undefined,
      datadogMetric: undefined,
      retainOnDelete: false,
      adoptExisting: false,
      serviceTimeoutSeconds: 3600,
    });
  });

  test("uses courier's defaults", () => {
    const { StepWeight: _weight, StepInterval: _interval, ...rest } = template;
    expect(parseProperties(rest)).toMatchObject({ stepWeight: 50, stepIntervalSeconds: 1 });
    expect(
      parseProperties({ ...rest, CloudWatchMetric: { Query: query, Max: '5.0' } }).cloudWatchMetric,
    ).toMatchObject({ max: 5, intervalSeconds: 60 });
  });

  test('reads every condition, both metrics, and the properties of this package', () => {
    expect(
      parseProperties({
        ...template,
        PathPatterns: ['/a'],
        Methods: ['get'],
        SourceIPs: ['10.0.0.0/8'],
        Headers: { 'X-Tenant': ['a', 'b'] },
        QueryStrings: { version: '2' },
        CloudWatchMetric: { Query: query, Min: '-1e-3', Max: 2.5, Interval: '1m30s' },
        DatadogMetric: {
          Query: 'avg:errors{*}',
          Max: '5',
          Interval: '0.5h',
          Address: 'https://proxy.example',
        },
        RetainOnDelete: 'true',
        AdoptExisting: true,
        ServiceTimeout: '600',
      }),
    ).toMatchObject({
      conditions: {
        methods: ['GET'],
        headers: { 'X-Tenant': ['a', 'b'] },
        queryStrings: { version: '2' },
      },
      cloudWatchMetric: { min: -0.001, max: 2.5, intervalSeconds: 90 },
      datadogMetric: { max: 5, intervalSeconds: 1800, address: 'https://proxy.example' },
      retainOnDelete: true,
      adoptExisting: true,
      serviceTimeoutSeconds: 600,
    });
  });

  test.each<[string, unknown]>([
    ['Priority', '5 minutes'],
    ['Priority', '0'],
    ['Priority', '1.5'],
    ['Priority', ''],
    ['Priority', null],
    ['StepWeight', '101'],
    ['StepWeight', '0x10'],
    ['StepWeight', true],
    ['StepInterval', '5'],
    ['StepInterval', 5],
    ['StepInterval', '-5s'],
    ['StepInterval', '5 s'],
    ['StepInterval', '2h'],
    ['RetainOnDelete', 'yes'],
    ['RetainOnDelete', 'True'],
    ['AdoptExisting', 1],
    ['ServiceTimeout', '3601'],
    ['Hosts', 'example.com'],
    ['Headers', ['a']],
    ['ListenerArn', ' '],
    ['Destinations', []],
    ['Destinations', [template.Destinations[0]]],
    ['Destinations', [template.Destinations[0], template.Destinations[0]]],
    ['Destinations', template.Destinations.map((it) => ({ ...it, Weight: '0' }))],
    ['CloudWatchMetric', { Query: query }],
  ])('throws InvalidInputError that names %s: %j', (name, value) => {
    const problems = problemsOf({ ...template, [name]: value });

    expect(new Set(problems.map(({ field }) => field.split(/[.[]/)[0]))).toEqual(new Set([name]));
  });

  test('names every wrong and unknown property at once, without the values of unknown ones', () => {
    const problems = problemsOf({
      ...template,
      Priority: 'x',
      Weight: '5',
      Destinations: [
        { TargetGroupArn: 'a', Weight: 'x' },
        { TargetGroupArn: 'b', Weight: '1', Health: '1' },
      ],
      CloudWatchMetric: { Query: 'no JSON', Min: '5', Max: '4', Interval: 'x' },
      DatadogMetric: { Query: '{{ .targetGroup }}', Max: '1', ApiKey: 'secret' },
    });

    expect(problems.map(({ field }) => field).sort()).toEqual([
      'CloudWatchMetric.Interval',
      'CloudWatchMetric.Query',
      'DatadogMetric.ApiKey',
      'DatadogMetric.Query',
      'Destinations[0].Weight',
      'Destinations[1].Health',
      'Priority',
      'Weight',
    ]);
    expect(JSON.stringify(problems)).not.toContain('secret');
  });

  test.each(['__proto__', 'constructor', 'prototype'])(
    'rejects the name %s at any depth, which validation would silently drop',
    (name) => {
      const named = (value: unknown) => JSON.parse(JSON.stringify({ [`_${name}`]: value }).replace('_', ''));
      const problem = { expected: 'another name', actual: name };

      expect(problemsOf({ ...template, QueryStrings: named('1') })).toMatchObject([problem]);
      expect(problemsOf({ ...template, Headers: named(['a']) })).toMatchObject([problem]);
      expect(
        problemsOf(Object.defineProperty({ ...template }, name, { value: '1', enumerable: true })),
      ).toMatchObject([problem]);
    },
  );

  test('throws InvalidInputError for bounds in the wrong order, and for a malformed Datadog address', () => {
    expect(
      problemsOf({
        ...template,
        CloudWatchMetric: { Query: query, Min: '5', Max: '4' },
        DatadogMetric: { Query: 'q', Max: '1', Address: 'ftp://example.com' },
      }).map(({ field }) => field),
    ).toEqual(['CloudWatchMetric.Max', 'DatadogMetric.Address']);
  });

  test('throws InvalidInputError for a rule without conditions', () => {
    const { Hosts: _hosts, ...rest } = template;
    expect(problemsOf(rest)).toMatchObject([{ expected: expect.stringContaining('a condition') }]);
    expect(problemsOf({ ...template, Hosts: [] })).toHaveLength(1);
  });

  test.each([null, undefined, 'text', 5, []])('throws InvalidInputError for %j', (properties) => {
    expect(problemsOf(properties)).not.toEqual([]);
  });
});

describe('parseRetainOnDelete and serviceTimeoutIn', () => {
  test('return RetainOnDelete regardless of the other properties', () => {
    expect(parseRetainOnDelete({ Priority: 'x', RetainOnDelete: 'true' })).toBe(true);
    expect(parseRetainOnDelete({})).toBe(false);
    expect(() => parseRetainOnDelete({ RetainOnDelete: 'x' })).toThrow(/RetainOnDelete/);
  });

  test('return ServiceTimeout, or an hour when it is malformed', () => {
    expect([{ ServiceTimeout: '60' }, { ServiceTimeout: 'x' }, undefined].map(serviceTimeoutIn)).toEqual([
      60, 3600, 3600,
    ]);
  });
});
