/**
 * Replaces secrets in a message, because `fetch` and servers can quote them. The longest comes first: a secret that is part of another
 * one would otherwise leave the rest of it.
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((it) => [it, it.trim()])
    .filter(Boolean)
    .sort((one, other) => other.length - one.length)
    .reduce((it, secret) => it.replaceAll(secret, '***'), text);
}
