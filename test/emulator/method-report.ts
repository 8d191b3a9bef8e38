/** The result of an emulator run for the methods of the tools. */
export interface MethodReport {
  /** Printed at the end of the run. */
  readonly lines: readonly string[];
  /** The reasons why the run fails; empty when every method succeeded or is excused. */
  readonly problems: readonly string[];
}

/** Compares the public methods with those that succeeded on moto and those that are excused with a reason. */
export function reportMethods({
  methods,
  succeeded,
  excused,
  unsupportedBehaviour,
}: {
  readonly methods: readonly string[];
  readonly succeeded: ReadonlySet<string>;
  readonly excused: Readonly<Record<string, string>>;
  readonly unsupportedBehaviour: readonly string[];
}): MethodReport {
  const excusedNames = Object.keys(excused);
  const missing = methods.filter((method) => !succeeded.has(method) && !excusedNames.includes(method));
  const stale = excusedNames.filter((method) => succeeded.has(method));
  const unknown = excusedNames.filter((method) => !methods.includes(method));
  const count = methods.filter((method) => succeeded.has(method)).length;
  return {
    lines: [
      `${count} of ${methods.length} public methods succeeded on moto. Not supported by moto:`,
      ...Object.entries(excused).map(([method, reason]) => `  ${method}: ${reason}`),
      ...unsupportedBehaviour.map((behaviour) => `  ${behaviour}`),
    ],
    problems: [
      ...missing.map((method) => `${method} did not succeed on moto, and no reason is given`),
      ...stale.map((method) => `${method} is excused, but succeeded on moto`),
      ...unknown.map((method) => `${method} is excused, but is no method of a tool`),
    ],
  };
}
