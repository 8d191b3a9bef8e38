import { describe, expect, test } from 'vitest';
import { judgeSignatures } from '../../../scripts/judge-signatures.js';

const signed = (name: string) => ({ name, version: '1.0.0' });

describe('judgeSignatures', () => {
  test('returns verified for a report without wrong or missing signatures', () => {
    expect(judgeSignatures('{"invalid":[],"missing":[]}').outcome).toBe('verified');
  });

  test('returns refused with the packages of wrong and missing signatures', () => {
    const report = { invalid: [signed('tampered')], missing: [signed('unsigned'), signed('other')] };

    expect(judgeSignatures(JSON.stringify(report))).toEqual({
      outcome: 'refused',
      message: 'invalid: tampered@1.0.0; missing: unsigned@1.0.0, other@1.0.0',
    });
  });

  test.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'ECONNRESET',
    'ETIMEDOUT',
    'ERR_SOCKET_TIMEOUT',
    'E404',
    'E503',
  ])('returns unanswered for %s', (code) => {
    expect(judgeSignatures(JSON.stringify({ error: { code, summary: 'no answer' } }))).toEqual({
      outcome: 'unanswered',
      message: `${code} no answer`,
    });
  });

  test('returns unanswered for a registry without signing keys', () => {
    const summary = 'found no dependencies to audit that were installed from a supported registry';

    expect(judgeSignatures(JSON.stringify({ error: { summary } })).outcome).toBe('unanswered');
  });

  test.each([
    JSON.stringify({ error: { code: 'EINTEGRITYSIGNATURE', summary: 'wrong' } }),
    JSON.stringify({ error: {} }),
    JSON.stringify({ error: { code: 'E401', summary: 'unauthorized' } }),
    'not JSON',
    'null',
    '',
  ])('returns refused for any other output: %s', (output) => {
    expect(judgeSignatures(output).outcome).toBe('refused');
  });
});
