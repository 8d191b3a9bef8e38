/** The verdict on one run of `npm audit signatures --json`. */
export interface SignatureVerdict {
  readonly outcome: 'verified' | 'refused' | 'unanswered';
  readonly message: string;
}

/** npm's error codes for a registry, or a source of its keys, that does not respond. */
const unanswered =
  /^(E404|E5\d\d|EAI_AGAIN|ECONN\w+|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ERR_SOCKET_TIMEOUT|ETIMEDOUT|FETCH_ERROR)$/;

/** npm's error for a registry without signing keys, such as a mirror. It has no code. */
const unsupported = /supported registry/;

/** Judges npm's output: a missing or wrong signature is refused, a registry that cannot respond is not. */
export function judgeSignatures(output: string): SignatureVerdict {
  const report = parseReport(output);
  if (report === undefined)
    return { outcome: 'refused', message: `expected JSON, got ${JSON.stringify(output)}` };
  const { error, invalid = [], missing = [] } = report;
  if (error !== undefined) {
    const { code = '', summary = '' } = error;
    const cannotRespond = unanswered.test(code) || unsupported.test(summary);
    return { outcome: cannotRespond ? 'unanswered' : 'refused', message: `${code} ${summary}`.trim() };
  }
  if (invalid.length === 0 && missing.length === 0)
    return { outcome: 'verified', message: 'every installed package has a valid registry signature' };
  const named = (packages: readonly SignedPackage[]) =>
    packages.map(({ name, version }) => `${name}@${version}`).join(', ');
  return {
    outcome: 'refused',
    message: `invalid: ${named(invalid) || 'none'}; missing: ${named(missing) || 'none'}`,
  };
}

interface SignedPackage {
  readonly name: string;
  readonly version: string;
}

interface SignatureReport {
  readonly error?: { readonly code?: string; readonly summary?: string };
  readonly invalid?: readonly SignedPackage[];
  readonly missing?: readonly SignedPackage[];
}

function parseReport(output: string): SignatureReport | undefined {
  try {
    const report: unknown = JSON.parse(output);
    return typeof report === 'object' && report !== null ? report : undefined;
  } catch {
    return undefined;
  }
}
