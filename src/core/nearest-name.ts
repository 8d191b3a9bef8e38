/** Maximum length of a compared name: a longer one is not a mistyped option. */
const maxLength = 40;

/** Returns the known name that is most similar to a mistyped one, or undefined when none is similar. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > maxLength) return undefined;
  const typed = name.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, distance: distanceBetween(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => isNear(typed, candidate.toLowerCase(), distance))
    .sort((one, other) => one.distance - other.distance);
  return ranked[0]?.candidate;
}

/** True when at most a third of the letters differ, or one name contains the other (`hold`, `holdSeconds`). */
function isNear(typed: string, candidate: string, distance: number): boolean {
  if (distance <= Math.max(1, Math.floor(Math.max(typed.length, candidate.length) / 3))) return true;
  const [short, long] = typed.length < candidate.length ? [typed, candidate] : [candidate, typed];
  return short.length >= 3 && long.includes(short);
}

/** Levenshtein distance: the number of letters to change, add or remove. */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, wanted] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (letter === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
