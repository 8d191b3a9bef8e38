/** What the emulator run has to say about the methods of the tools. */
export interface MethodReport {
  /** Printed at the end of the run. */
  readonly lines: readonly string[];
  /** Why the run fails; none when every method was carried out or is excused. */
  readonly problems: readonly string[];
}

/** Compares the public methods with those that were carried out on moto and those that are excused with a reason. */
export function reportMethods({
  methods,
  answered,
  excused,
  unansweredBehaviour,
}: {
  readonly methods: readonly string[];
  readonly answered: ReadonlySet<string>;
  readonly excused: Readonly<Record<string, string>>;
  readonly unansweredBehaviour: readonly string[];
}): MethodReport {
  const excusedNames = Object.keys(excused);
  const missing = methods.filter((method) => !answered.has(method) && !excusedNames.includes(method));
  const stale = excusedNames.filter((method) => answered.has(method));
  const unknown = excusedNames.filter((method) => !methods.includes(method));
  const carriedOut = methods.filter((method) => answered.has(method)).length;
  return {
    lines: [
      `${carriedOut} of ${methods.length} public methods were carried out on moto. It could not answer:`,
      ...Object.entries(excused).map(([method, reason]) => `  ${method}: ${reason}`),
      ...unansweredBehaviour.map((behaviour) => `  ${behaviour}`),
    ],
    problems: [
      ...missing.map((method) => `${method} was not carried out on moto, and no reason is given`),
      ...stale.map((method) => `${method} is excused, but moto carried it out`),
      ...unknown.map((method) => `${method} is excused, but no tool has it`),
    ],
  };
}
