import * as v from 'valibot';
import { nonEmptyString, strictObject, wholeNumber } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';

/** A required name or ARN, a required count, another required value, an optional one, or the values that an optional one can have. */
type Rule = 'text' | 'count' | 'needed' | 'optional' | readonly string[];

/** A rule for every option. One without a rule, or with the wrong one, does not compile. */
type RulesOf<Options> = {
  readonly [Name in keyof Required<Options>]: Record<never, never> extends Pick<Options, Name>
    ? 'optional' | readonly Extract<Options[Name], string>[]
    : 'text' | 'count' | 'needed';
};

const schemas: Readonly<Record<Exclude<Rule, readonly string[]>, v.GenericSchema>> = {
  text: nonEmptyString,
  count: wholeNumber,
  needed: v.custom((value) => value !== undefined, 'a value'),
  optional: v.optional(v.unknown()),
};

/**
 * Checks the names of the options of a simulated resource: with a misspelt one the test would run against another resource. Their types are
 * those of TypeScript.
 *
 * @throws InvalidInputError for an option that is missing or unknown, and for a value that the simulation does not know. A state may be one of a newer AWS.
 */
export function requireOptions<Options extends object>(
  method: string,
  options: Options,
  rules: RulesOf<Options>,
): void {
  const entries = Object.entries<Rule>(rules).map(([name, rule]) => [name, schemaOf(rule)]);
  parseInput(`${method} options`, strictObject(Object.fromEntries(entries)), options);
}

function schemaOf(rule: Rule): v.GenericSchema {
  return typeof rule === 'string' ? schemas[rule] : v.optional(v.picklist(rule));
}
