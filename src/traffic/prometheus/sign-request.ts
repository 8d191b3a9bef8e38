import { createHash, createHmac } from 'node:crypto';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, SourceData } from '@smithy/types';

/** Signature for Amazon Managed Service for Prometheus. */
export interface SigV4Options {
  /** AWS Region of the workspace. */
  readonly region: string;
  /**
   * Credentials that sign the queries.
   * @default those of the SDK's provider chain: environment, shared files, runtime role
   */
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider | undefined;
  /**
   * Profile in the shared configuration files, for the provider chain: not together with `credentials`.
   * @default none
   */
  readonly profile?: string | undefined;
}

/** Name of Amazon Managed Service for Prometheus in signatures. */
const service = 'aps';

/** Headers of a signed request, and the texts that no message may contain. */
export interface SignedHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** SHA-256 in the form that the signer needs. */
class Sha256 {
  readonly #hash;

  constructor(key?: SourceData) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(key));
  }

  update(data: SourceData): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }

  reset(): void {
    // The signer creates one for each digest.
  }
}

function bytesOf(data: SourceData): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** Signs a GET request. The signer and the credentials of the SDK are loaded with the first one. */
export async function signRequest(
  url: URL,
  options: SigV4Options,
  signingDate: Date,
): Promise<SignedHeaders> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const credentials = await identityOf(options);
  const signer = new SignatureV4({ service, region: options.region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign(
    {
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host },
    },
    { signingDate },
  );
  const { host: _, ...sent } = headers;
  const { accessKeyId, secretAccessKey, sessionToken = '' } = credentials;
  return { headers: sent, secrets: [...Object.values(sent), accessKeyId, secretAccessKey, sessionToken] };
}

/** Reads the provider chain from a client of the SDK, which makes no call. */
async function identityOf({ region, credentials, profile }: SigV4Options): Promise<AwsCredentialIdentity> {
  if (typeof credentials === 'function') return credentials();
  if (credentials !== undefined) return credentials;
  const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
  const { config } = new CloudWatchClient({ region, ...(profile !== undefined && { profile }) });
  return config.credentials();
}
