/** Longer names are not compared: nobody mistypes an option as a paragraph. */
const maxLength = 40;

/** The known name that a mistyped one most likely means; `undefined` when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > maxLength) return undefined;
  const typed = name.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, distance: distanceBetween(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => isNear(typed, candidate.toLowerCase(), distance))
    .sort((one, other) => one.distance - other.distance);
  return ranked[0]?.candidate;
}

/** A third of the letters may differ; a name that is cut short or continued (`hold`, `holdSeconds`) is near as well. */
function isNear(typed: string, candidate: string, distance: number): boolean {
  if (distance <= Math.max(1, Math.floor(Math.max(typed.length, candidate.length) / 3))) return true;
  const [short, long] = typed.length < candidate.length ? [typed, candidate] : [candidate, typed];
  return short.length >= 3 && long.includes(short);
}

/** The Levenshtein distance: how many letters have to be changed, added or removed. */
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
