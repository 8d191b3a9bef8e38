import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import * as v from 'valibot';
import { fromJson } from '../../core/from-json.js';
import { nonEmptyString } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { areBounds } from '../../traffic/checks/check-options.js';
import { queriesSchema } from '../../traffic/checks/metric-queries.js';
import {
  templateBoolean,
  templateDuration,
  templateInteger,
  templateNumber,
  templateObject,
  usableNames,
} from './template-values.js';

/** Maximum and default of `ServiceTimeout`: the seconds that CloudFormation waits for a response. */
export const maxServiceTimeout = 3600;

/** Wanted state of a rule in the template. */
export interface ListenerRuleProperties {
  readonly listenerArn: string;
  /** 1–50000. */
  readonly priority: number;
  readonly conditions: RuleConditions;
  /** In the template's order: the first one is called blue, the second one green. */
  readonly destinations: readonly [RuleDestination, RuleDestination];
  /** Percent that each step adds. */
  readonly stepWeight: number;
  readonly stepIntervalSeconds: number;
  readonly cloudWatchMetric?: CloudWatchMetricProperties | undefined;
  readonly datadogMetric?: DatadogMetricProperties | undefined;
  readonly retainOnDelete: boolean;
  readonly adoptExisting: boolean;
  /** Seconds that CloudFormation waits for the response. */
  readonly serviceTimeoutSeconds: number;
}

/** Conditions of a rule; at least one of the lists is not empty. */
export interface RuleConditions {
  readonly hosts: readonly string[];
  readonly pathPatterns: readonly string[];
  readonly methods: readonly string[];
  readonly sourceIps: readonly string[];
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly queryStrings: Readonly<Record<string, string>>;
}

/** A target group and its weight, 0–999. */
export interface RuleDestination {
  readonly targetGroupArn: string;
  readonly weight: number;
}

/** Bounds of a healthy metric, and the interval of its evaluations. */
interface MetricProperties {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly intervalSeconds: number;
}

/** A CloudWatch metric. */
export interface CloudWatchMetricProperties extends MetricProperties {
  readonly queries: readonly MetricDataQuery[];
}

/** A Datadog metric. */
export interface DatadogMetricProperties extends MetricProperties {
  readonly query: string;
  readonly address?: string | undefined;
}

const strings = v.optional(v.array(nonEmptyString), []);

const destination = v.pipe(
  templateObject({ TargetGroupArn: nonEmptyString, Weight: templateInteger(0, 999) }),
  v.transform(({ TargetGroupArn, Weight }) => ({ targetGroupArn: TargetGroupArn, weight: Weight })),
);

const destinations = v.pipe(
  v.strictTuple([destination, destination]),
  v.check(([one, other]) => one.targetGroupArn !== other.targetGroupArn, 'two target groups that differ'),
  v.check(([one, other]) => one.weight + other.weight > 0, 'a weight above 0 for one of the two'),
);

const query = v.pipe(
  nonEmptyString,
  v.check((text) => !text.includes('{{'), "a query without the placeholders of courier's templates"),
);

const cloudWatchQueries = v.pipe(
  query,
  v.rawTransform(({ dataset, addIssue, NEVER }): unknown => {
    const json = fromJson(dataset.value);
    if (json !== undefined) return json;
    const expected = "CloudWatch's metric data queries as JSON";
    addIssue({ expected, message: expected });
    return NEVER;
  }),
  queriesSchema,
);

const bounds = {
  Min: v.optional(templateNumber),
  Max: v.optional(templateNumber),
  Interval: v.optional(templateDuration(1, 3600), '1m'),
};

function withBounds<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(
    templateObject({ ...entries, ...bounds }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const { Min: min, Max: max } = dataset.value as { Min?: number; Max?: number };
      if (areBounds({ min, max })) return;
      const expected = 'a Min, a Max, or both with Min below Max';
      const input: Record<string, unknown> = { ...dataset.value };
      addIssue({
        expected,
        message: expected,
        path: [{ type: 'object', origin: 'value', input, key: 'Max', value: max }],
      });
    }),
  );
}

const cloudWatchMetric = v.pipe(
  withBounds({ Query: cloudWatchQueries }),
  v.transform(({ Query, Min, Max, Interval }) => ({
    queries: Query as readonly MetricDataQuery[],
    min: Min,
    max: Max,
    intervalSeconds: Interval,
  })),
);

const datadogMetric = v.pipe(
  withBounds({
    Query: query,
    Address: v.optional(
      v.pipe(
        v.string(),
        v.check((address) => /^https?:/i.test(address) && URL.canParse(address), 'a URL'),
      ),
    ),
  }),
  v.transform(({ Query, Min, Max, Interval, Address }) => ({
    query: Query,
    min: Min,
    max: Max,
    intervalSeconds: Interval,
    address: Address,
  })),
);

const conditionProperties = ['Hosts', 'PathPatterns', 'Methods', 'SourceIPs', 'Headers', 'QueryStrings'];

const propertiesSchema = v.pipe(
  v.unknown(),
  usableNames,
  templateObject({
    // CloudFormation's properties.
    ServiceToken: v.optional(v.unknown()),
    ServiceTimeout: v.optional(templateInteger(1, maxServiceTimeout), maxServiceTimeout),
    // courier's properties.
    ListenerArn: nonEmptyString,
    Priority: templateInteger(1, 50_000),
    Hosts: strings,
    PathPatterns: strings,
    Methods: strings,
    SourceIPs: strings,
    Headers: v.optional(v.record(nonEmptyString, v.pipe(v.array(nonEmptyString), v.minLength(1))), {}),
    QueryStrings: v.optional(v.record(nonEmptyString, nonEmptyString), {}),
    Destinations: destinations,
    StepWeight: v.optional(templateInteger(1, 100), 50),
    StepInterval: v.optional(templateDuration(0, maxServiceTimeout), '1s'),
    CloudWatchMetric: v.optional(cloudWatchMetric),
    DatadogMetric: v.optional(datadogMetric),
    // This package's properties.
    RetainOnDelete: v.optional(templateBoolean, false),
    AdoptExisting: v.optional(templateBoolean, false),
  }),
  v.check(
    (it) =>
      conditionProperties.some((name) => Object.keys((it as Record<string, object>)[name] ?? {}).length > 0),
    `a condition: one of ${conditionProperties.join(', ')}`,
  ),
  v.transform(
    (it): ListenerRuleProperties => ({
      listenerArn: it.ListenerArn,
      priority: it.Priority,
      conditions: {
        hosts: it.Hosts,
        pathPatterns: it.PathPatterns,
        methods: it.Methods.map((method) => method.toUpperCase()),
        sourceIps: it.SourceIPs,
        headers: it.Headers,
        queryStrings: it.QueryStrings,
      },
      destinations: it.Destinations,
      stepWeight: it.StepWeight,
      stepIntervalSeconds: it.StepInterval,
      cloudWatchMetric: it.CloudWatchMetric,
      datadogMetric: it.DatadogMetric,
      retainOnDelete: it.RetainOnDelete,
      adoptExisting: it.AdoptExisting,
      serviceTimeoutSeconds: it.ServiceTimeout,
    }),
  ),
);

/** @throws InvalidInputError that names every missing, malformed or unknown property. */
export function parseProperties(properties: unknown): ListenerRuleProperties {
  return parseInput('Listener rule properties', propertiesSchema, properties);
}

const retentionSchema = v.object({ RetainOnDelete: v.optional(templateBoolean, false) });

/** Reads the only property that a deletion needs. @throws InvalidInputError when it is malformed. */
export function parseRetainOnDelete(properties: unknown): boolean {
  return parseInput('Listener rule properties', retentionSchema, properties).RetainOnDelete;
}

/** True when the only property that a deletion needs is well-formed. */
export function hasValidRetainOnDelete(properties: unknown): boolean {
  return v.is(retentionSchema, properties);
}

const destinationsSchema = v.object({ Destinations: destinations });

/** Reads the destinations and no other property. Returns undefined when they are malformed. */
export function parseDestinations(properties: unknown): readonly RuleDestination[] | undefined {
  const parsed = v.safeParse(destinationsSchema, properties);
  return parsed.success ? parsed.output.Destinations : undefined;
}

const placeSchema = v.object({ ListenerArn: nonEmptyString, Priority: templateInteger(1, 50_000) });

/** Reads the listener and the priority, and no other property. Returns undefined when they are malformed. */
export function parsePlace(
  properties: unknown,
): Pick<ListenerRuleProperties, 'listenerArn' | 'priority'> | undefined {
  const parsed = v.safeParse(placeSchema, properties);
  if (!parsed.success) return undefined;
  const { ListenerArn: listenerArn, Priority: priority } = parsed.output;
  return { listenerArn, priority };
}

/** Reads `ServiceTimeout` and no other property. Returns the default when it is malformed. */
export function serviceTimeoutIn(properties: unknown): number {
  const { ServiceTimeout } = (properties ?? {}) as { readonly ServiceTimeout?: unknown };
  const parsed = v.safeParse(templateInteger(1, maxServiceTimeout), ServiceTimeout);
  return parsed.success ? parsed.output : maxServiceTimeout;
}
