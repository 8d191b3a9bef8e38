import { partition } from '@aws-sdk/core/client';
import { describe, expect, test } from 'vitest';
import {
  isS3Host,
  problemOfResponseUrl,
  signedAt,
} from '../../../../src/custom-resource/protocol/response-url.js';

const bucket = 'cloudformation-custom-resource-response-euwest1';
const query = '?X-Amz-Date=20260102T030405Z&X-Amz-Signature=secret';

describe('problemOfResponseUrl', () => {
  test.each([
    `https://${bucket}.s3.eu-west-1.amazonaws.com/key${query}`,
    `https://${bucket}.s3-eu-west-1.amazonaws.com/key${query}`,
    `https://${bucket}.s3.amazonaws.com/key${query}`,
    `https://${bucket}.s3.dualstack.eu-west-1.amazonaws.com/key${query}`,
    `https://${bucket}.s3-fips.us-gov-west-1.amazonaws.com/key${query}`,
    `https://${bucket}.s3-us-gov-west-1.amazonaws.com/key${query}`,
    `https://${bucket}.s3.cn-north-1.amazonaws.com.cn/key${query}`,
    `https://${bucket}.s3.eusc-de-east-1.amazonaws.eu/key${query}`,
    `https://${bucket}.s3.us-iso-east-1.c2s.ic.gov/key${query}`,
    `https://s3.ap-southeast-7.amazonaws.com/${bucket}/key${query}`,
    `https://${bucket}.s3.eu-west-1.amazonaws.com:443/key${query}`,
    `HTTPS://${bucket}.S3.eu-west-1.AMAZONAWS.COM/key${query}`,
  ])('accepts %s', (url) => {
    expect(problemOfResponseUrl(url, [])).toBeUndefined();
  });

  test.each([
    'http://169.254.169.254/latest/api/token',
    `http://${bucket}.s3.eu-west-1.amazonaws.com/key${query}`,
    `https://${bucket}.s3.eu-west-1.amazonaws.com:8443/key${query}`,
    `https://${bucket}.s3.eu-west-1.amazonaws.com.evil.example/key${query}`,
    `https://${bucket}.s3.eu-west-1.amazonaws.com./key${query}`,
    `https://evil.example/${bucket}.s3.eu-west-1.amazonaws.com${query}`,
    `https://${bucket}.s3.eu-west-1.amazonaws.com@evil.example/key${query}`,
    `https://s3.eu-west-1.amazonaws.com:secret@${bucket}.s3.eu-west-1.amazonaws.com/key${query}`,
    `https://evils3.eu-west-1.amazonaws.com/key${query}`,
    `https://${bucket}.s3.cn-north-1.amazonaws.com/key${query}`,
    `https://${bucket}.s3.eu-west-1.amazonaws.com.cn/key${query}`,
    `https://${bucket}.s3.amazonaws.com.cn/key${query}`,
    `https://${bucket}.s3-website-eu-west-1.amazonaws.com/key${query}`,
    `https://lambda.eu-west-1.amazonaws.com/key${query}`,
    `https://[::1]/key${query}`,
    `ftp://${bucket}.s3.eu-west-1.amazonaws.com/key${query}`,
    `data:text/plain,${query}`,
    `//${bucket}.s3.eu-west-1.amazonaws.com/key${query}`,
    query,
    '',
  ])('rejects %s, and shows no signed part', (url) => {
    const problem = problemOfResponseUrl(url, []);

    expect(problem).toMatch(/^ResponseURL: expected an https URL of Amazon S3, got /);
    expect(problem).not.toMatch(/secret|X-Amz/);
  });

  test('accepts another origin only when it is allowed, including scheme and port', () => {
    const allowed = ['http://localhost:4566'];

    expect(problemOfResponseUrl('http://localhost:4566/key', allowed)).toBeUndefined();
    expect(problemOfResponseUrl('http://localhost:4567/key', allowed)).toMatch(/allowedResponseOrigins/);
    expect(problemOfResponseUrl('https://localhost:4566/key', allowed)).toMatch(/allowedResponseOrigins/);
    expect(problemOfResponseUrl('http://user@localhost:4566/key', allowed)).toMatch(/user name/);
    expect(problemOfResponseUrl(`https://${bucket}.s3.amazonaws.com/key`, allowed)).toBeUndefined();
  });
});

describe('isS3Host', () => {
  test.each([
    'eu-west-1',
    'us-east-1',
    'ap-southeast-7',
    'mx-central-1',
    'il-central-1',
    'us-gov-west-1',
    'us-gov-east-1',
    'cn-north-1',
    'cn-northwest-1',
    'eusc-de-east-1',
    'us-iso-east-1',
    'us-iso-west-1',
    'us-isob-east-1',
    'eu-isoe-west-1',
    'us-isof-south-1',
  ])("accepts the SDK's suffix of %s, and no other", (region) => {
    const { dnsSuffix } = partition(region);
    const suffixes = [
      'amazonaws.com',
      'amazonaws.com.cn',
      'amazonaws.eu',
      'c2s.ic.gov',
      'sc2s.sgov.gov',
      'csp.hci.ic.gov',
      'cloud.adc-e.uk',
    ];

    expect(suffixes.filter((suffix) => isS3Host(`${bucket}.s3.${region}.${suffix}`))).toEqual([dnsSuffix]);
  });
});

describe('signedAt', () => {
  test('reads the time of the signature', () => {
    expect(signedAt(`https://s3.example/key${query}`)).toBe(Date.parse('2026-01-02T03:04:05Z'));
  });

  test.each(['', '?X-Amz-Date=', '?X-Amz-Date=2026', '?X-Amz-Date=20261302T030405Z', '?Expires=1'])(
    'returns undefined for %j',
    (search) => {
      expect(signedAt(`https://s3.example/key${search}`)).toBeUndefined();
    },
  );
});
