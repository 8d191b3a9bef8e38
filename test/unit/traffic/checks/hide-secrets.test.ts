import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SimulatedCloud } from '../../../../src/testing/index.js';
import { datadogMetric } from '../../../../src/traffic/checks/datadog-metric.js';
import { hideSecrets } from '../../../../src/traffic/checks/hide-secrets.js';
import { httpCheck } from '../../../../src/traffic/checks/http-check.js';
import { prometheusQuery } from '../../../../src/traffic/prometheus/prometheus-query.js';
import { checkContext } from '../../../support/check-context.js';

describe('Function: hideSecrets', () => {
  test('leaves no part of a secret that begins or ends with another one', () => {
    const word = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(word, word, word, fc.boolean(), (start, end, around, isReversed) => {
        const secrets = [start, `${start}-${end}`, end];
        const text = hideSecrets(`${around}: ${start}-${end}`, isReversed ? secrets.toReversed() : secrets);
        expect(text).toMatch(/: \*\*\*$/);
      }),
    );
  });

  test('hides a secret without the spaces around it, and leaves a text without secrets unchanged', () => {
    expect(hideSecrets('got key', [' key ', ''])).toBe('got ***');
    expect(hideSecrets('fine', ['key'])).toBe('fine');
  });
});

describe('Checks with several secrets', () => {
  const secrets = { short: 'team', long: 'team-1234' };
  /** Quotes every header, as `fetch` does for one that it rejects. */
  const quoting: typeof fetch = async (_url, init) => {
    throw new TypeError(JSON.stringify(init?.headers));
  };
  const headers = { 'x-tenant': secrets.short, 'x-key': secrets.long };

  test.each([
    [
      'prometheusQuery',
      prometheusQuery({
        name: 'errors',
        address: 'https://prometheus.example.com',
        query: 'errors',
        windowSeconds: 0,
        max: 1,
        headers: { 'x-tenant': secrets.short },
        authorization: secrets.long,
        fetch: quoting,
      }),
    ],
    [
      'datadogMetric',
      datadogMetric({
        name: 'errors',
        query: 'avg:errors{*}',
        apiKey: secrets.short,
        appKey: secrets.long,
        windowSeconds: 60,
        max: 1,
        fetch: quoting,
      }),
    ],
    ['httpCheck', httpCheck({ url: 'https://example.com/health', headers, fetch: quoting })],
  ])('%s shows no part of any of them', async (_name, check) => {
    const result = await Promise.resolve(check.evaluate(checkContext(new SimulatedCloud()))).then(
      ({ detail }) => detail,
      (error: unknown) => `${error}`,
    );

    expect(result).toContain('***');
    expect(result).not.toMatch(/team|1234/);
  });
});
