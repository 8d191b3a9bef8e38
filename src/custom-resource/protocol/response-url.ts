import { describeValue } from '../../core/describe-value.js';

/** DNS suffixes of the partitions, by their Regions. A unit test compares them with the SDK's own table. */
const suffixes: readonly (readonly [region: RegExp, suffix: string])[] = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^eusc-/, 'amazonaws.eu'],
  [/^us-iso-/, 'c2s.ic.gov'],
  [/^us-isob-/, 'sc2s.sgov.gov'],
  [/^us-isof-/, 'csp.hci.ic.gov'],
  [/^eu-isoe-/, 'cloud.adc-e.uk'],
  [/^/, 'amazonaws.com'],
];

/** `BUCKET.s3.REGION.SUFFIX`, also with a dash, dual-stack, FIPS, or without a Region for us-east-1. */
const s3Host =
  /^(?:[a-z0-9][a-z0-9.-]*\.)?s3(?:-fips)?(?:\.dualstack)?(?:[.-]([a-z]{2,4}(?:-[a-z]+)+-\d+))?\.([a-z][a-z0-9.-]+)$/;

/** Words for the addresses that are allowed by default. */
const expectation = 'an https URL of Amazon S3';

/**
 * Validates the ResponseURL of an event. CloudFormation's are pre-signed URLs of Amazon S3; any other one could make the function
 * send a request to a server in its network. Returns undefined for an allowed URL. The problem never shows the URL, which is
 * signed.
 *
 * @param allowedOrigins - further origins, such as that of an emulator.
 */
export function problemOfResponseUrl(url: string, allowedOrigins: readonly string[]): string | undefined {
  if (!URL.canParse(url)) return `ResponseURL: expected ${expectation}, got a string that is no URL`;
  const { protocol, hostname, port, username, password, origin } = new URL(url);
  if (username !== '' || password !== '') {
    return `ResponseURL: expected ${expectation}, got a URL with a user name or a password`;
  }
  if (allowedOrigins.includes(origin)) return undefined;
  if (protocol === 'https:' && port === '' && isS3Host(hostname)) return undefined;
  return `ResponseURL: expected ${expectation}, got the origin ${describeValue(origin)}. For another one, add it to allowedResponseOrigins`;
}

/** True for a host of Amazon S3 in the partition of its Region. */
export function isS3Host(hostname: string): boolean {
  const [, region, suffix] = s3Host.exec(hostname) ?? [];
  if (suffix === undefined) return false;
  if (region === undefined) return suffix === 'amazonaws.com';
  return suffix === suffixes.find(([pattern]) => pattern.test(region))?.[1];
}

/** Time at which CloudFormation signed a URL, in milliseconds since 1970. Returns undefined without `X-Amz-Date`. */
export function signedAt(url: string): number | undefined {
  const date = new URL(url).searchParams.get('X-Amz-Date') ?? '';
  const form = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
  const time = form.test(date) ? Date.parse(date.replace(form, '$1-$2-$3T$4:$5:$6Z')) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
