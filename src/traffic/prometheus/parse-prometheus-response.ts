import * as v from 'valibot';
import { describeValue } from '../../core/describe-value.js';
import { fromJson } from '../../core/from-json.js';
import { parseInput } from '../../core/validate.js';

/** One value of the result. */
export interface PrometheusSample {
  /** Labels as Prometheus writes them: `{job="web"}`; empty for a result without labels. */
  readonly labels: string;
  /** NaN for a result such as 0 / 0. */
  readonly value: number;
}

/** Result of a query. */
export interface PrometheusResult {
  readonly samples: readonly PrometheusSample[];
  /** Reasons why the result can be incomplete. */
  readonly warnings: readonly string[];
}

const value = v.tuple([v.number(), v.string()]);
const warnings = v.optional(v.nullable(v.array(v.string())));

/** https://prometheus.io/docs/prometheus/latest/querying/api/ */
const responseSchema = v.object({
  status: v.literal('success'),
  data: v.variant('resultType', [
    v.object({ resultType: v.literal('scalar'), result: value }),
    v.object({
      resultType: v.literal('vector'),
      result: v.array(v.object({ metric: v.optional(v.record(v.string(), v.string()), {}), value })),
    }),
  ]),
  warnings,
});

const errorSchema = v.object({
  status: v.literal('error'),
  errorType: v.optional(v.string(), 'error'),
  error: v.string(),
});

/**
 * Parses a response.
 *
 * @throws Error for a refused query, InvalidInputError for another form of response, such as that of a range.
 */
export function parsePrometheusResponse(status: number, body: string, resource: string): PrometheusResult {
  const json = fromJson(body);
  const refusal = v.safeParse(errorSchema, json);
  if (refusal.success) {
    const { errorType, error } = refusal.output;
    throw new Error(`status ${status}: ${errorType}: ${error}`);
  }
  if (status !== 200) throw new Error(`status ${status}${hint(status)}`);
  if (json === undefined) throw new Error('a response that is not JSON');
  const { data, warnings: given } = parseInput(`Response of ${resource}`, responseSchema, json);
  const samples =
    data.resultType === 'scalar'
      ? [{ labels: '', value: numberOf(data.result[1]) }]
      : data.result.map((it) => ({ labels: labelsOf(it.metric), value: numberOf(it.value[1]) }));
  return { samples, warnings: given ?? [] };
}

function hint(status: number): string {
  if (status === 401 || status === 403) return ': the credentials were rejected, or lack a permission';
  return status === 429 ? ': too many requests' : '';
}

/** Prometheus writes `NaN`, `+Inf` and `-Inf`. */
function numberOf(text: string): number {
  if (text === 'NaN') return Number.NaN;
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isNaN(number)) throw new Error(`a value that is no number: ${describeValue(text)}`);
  return number;
}

function labelsOf(metric: Readonly<Record<string, string>>): string {
  const labels = Object.entries(metric).map(([name, label]) => `${name}="${label}"`);
  return labels.length === 0 ? '' : `{${labels.join(', ')}}`;
}
