/** Returns a name as Route 53 stores it: in lower case, with a dot at the end, and with `\052` for `*`. */
export function storedName(name: string): string {
  const bytes = [...name.matchAll(/\\([0-3][0-7]{2})|(.)/gsu)].flatMap(([, octal, character = '']) =>
    octal === undefined
      ? [...new TextEncoder().encode(character.toLowerCase())]
      : [Number.parseInt(octal, 8)],
  );
  const text = bytes
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z\d_.-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
    })
    .join('');
  return text.endsWith('.') ? text : `${text}.`;
}

/** Returns the key by which Route 53 sorts names: the labels in reverse. */
export function sortKey(name: string): string {
  return storedName(name).split('.').filter(Boolean).reverse().join('.');
}
