/** Returns the name of a stored value for people, or the value itself: a stored text can be that of an inherited property. */
export function nameOf(names: Readonly<Record<string, string>>, value: string): string {
  return Object.hasOwn(names, value) ? (names[value] ?? value) : value;
}
