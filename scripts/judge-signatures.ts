/** The verdict on one run of `npm audit signatures --json`. */
export interface SignatureVerdict {
  readonly outcome: 'verified' | 'refused' | 'unanswered';
  readonly message: string;
}

/** Codes with which npm reports that the registry, or the source of its keys, did not answer. */
const unanswered =
  /^(E404|E5\d\d|EAI_AGAIN|ECONN\w+|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ERR_SOCKET_TIMEOUT|ETIMEDOUT|FETCH_ERROR)$/;

/** The error of npm for a registry that has no signing keys, such as a mirror; it has no code. */
const unsupported = /supported registry/;

/** Judges what npm wrote: a missing or wrong signature is refused, a registry that cannot answer is not. */
export function judgeSignatures(output: string): SignatureVerdict {
  const report = parseReport(output);
  if (report === undefined)
    return { outcome: 'refused', message: `expected JSON, got ${JSON.stringify(output)}` };
  const { error, invalid = [], missing = [] } = report;
  if (error !== undefined) {
    const { code = '', summary = '' } = error;
    const cannotAnswer = unanswered.test(code) || unsupported.test(summary);
    return { outcome: cannotAnswer ? 'unanswered' : 'refused', message: `${code} ${summary}`.trim() };
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
