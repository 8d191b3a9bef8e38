/** Returns a copy without the members that are undefined, which JSON cannot represent. */
export function withoutUndefined<Members extends object>(
  members: {
    readonly [Name in keyof Members]: Members[Name] | undefined;
  },
): Members {
  const defined = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Members;
}
