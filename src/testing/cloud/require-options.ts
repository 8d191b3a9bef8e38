import * as v from 'valibot';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';

/** A required name or ARN, another required value, or an optional one. */
type Rule = 'text' | 'needed' | 'optional';

/** A rule for every option. One without a rule, or with the wrong one, does not compile. */
type RulesOf<Options> = {
  readonly [Name in keyof Required<Options>]: Record<never, never> extends Pick<Options, Name>
    ? 'optional'
    : Exclude<Rule, 'optional'>;
};

const schemas: Readonly<Record<Rule, v.GenericSchema>> = {
  text: nonEmptyString,
  needed: v.custom((value) => value !== undefined, 'a value'),
  optional: v.optional(v.unknown()),
};

/**
 * Checks the names of the options of a simulated resource: with a misspelt one the test would run against another resource. Their types are
 * those of TypeScript.
 *
 * @throws InvalidInputError for an option that is missing or unknown.
 */
export function requireOptions<Options extends object>(
  method: string,
  options: Options,
  rules: RulesOf<Options>,
): void {
  const entries = Object.entries<Rule>(rules).map(([name, rule]) => [name, schemas[rule]]);
  parseInput(`${method} options`, strictObject(Object.fromEntries(entries)), options);
}
