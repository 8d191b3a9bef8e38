/**
 * Returns a name as Route 53 returns it: in lower case, with a dot at the end, and with an octal escape for each byte other than
 * letters, digits, hyphens, underscores and dots. So `*.Example.com` and `\052.example.com.` are the same name.
 *
 * @see https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 */
export function canonicalName(name: string): string {
  const bytes = [...name.matchAll(/\\([0-3][0-7]{2})|\\?(.)/gsu)].flatMap(([, octal, character = '']) =>
    octal === undefined
      ? [...new TextEncoder().encode(character)].map(lowerCase)
      : [lowerCase(Number.parseInt(octal, 8))],
  );
  const text = bytes.map(escaped).join('');
  return text.endsWith('.') ? text : `${text}.`;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function escaped(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[a-z\d_.-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
}
