import * as v from 'valibot';
import { callOptionsSchema, nonEmptyString } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';

/**
 * Returns the ID of a swap's owner.
 *
 * @throws InvalidInputError for an owner of another kind.
 */
export function parseOwner(owner: unknown, kind: 'codeDeploy' | 'ecs'): string {
  const schema = v.object({ kind: v.literal(kind), id: nonEmptyString });
  return parseInput('Owner of the swap', schema, owner).id;
}

/** @throws InvalidInputError for anything but the name of an environment variable. */
export function parseBoundBy(boundBy: unknown): string {
  return parseInput('bindingOf', v.object({ boundBy: nonEmptyString }), { boundBy }).boundBy;
}

/** @throws InvalidInputError for anything but text. */
export function parseReason(reason: unknown): string {
  return parseInput('returnTraffic', v.object({ reason: v.string() }), { reason }).reason;
}

/** @throws InvalidInputError for an unknown or malformed option. */
export function parseCallOptions(options: unknown) {
  return parseInput('Call options', callOptionsSchema, options);
}
