import * as v from 'valibot';
import { callOptionsEntries, stackReference, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { TrafficWeights } from '../types.js';
import { isPair } from '../weights.js';

const weightsSchema = v.pipe(
  v.object({ blue: v.number(), green: v.number() }),
  v.check((weights) => isPair(weights), 'two percentages that are 100 together'),
);

const readSchema = strictObject({ ...callOptionsEntries, expected: v.optional(v.array(weightsSchema)) });
const writeSchema = strictObject({ ...callOptionsEntries, isRollback: v.optional(v.boolean()) });
const healthSchema = strictObject(callOptionsEntries);

const setupSchema = strictObject({
  kind: v.picklist(['prepare', 'complete', 'restore']),
  incoming: stackReference,
  original: v.record(v.string(), v.unknown()),
});

/** @throws InvalidInputError for an unknown or malformed option. */
export function parseSetupOptions(subject: string, options: unknown): v.InferOutput<typeof healthSchema> {
  return parseInput(subject, healthSchema, options);
}

/** @throws InvalidInputError for a malformed change. */
export function parseSetupChange(change: unknown): v.InferOutput<typeof setupSchema> {
  return parseInput('changeSetup', setupSchema, change);
}

/** @throws InvalidInputError for weights that are not 100 % together. */
export function parseWeights(weights: TrafficWeights): TrafficWeights {
  return parseInput('traffic weights', weightsSchema, weights);
}

/** @throws InvalidInputError for an unknown or malformed option. */
export function parseReadOptions(options: unknown): v.InferOutput<typeof readSchema> {
  return parseInput('readWeights options', readSchema, options);
}

/** @throws InvalidInputError for an unknown or malformed option. */
export function parseWriteOptions(options: unknown): v.InferOutput<typeof writeSchema> {
  return parseInput('writeWeights options', writeSchema, options);
}

/** @throws InvalidInputError for an unknown or malformed option. */
export function parseHealthOptions(options: unknown): v.InferOutput<typeof healthSchema> {
  return parseInput('readHealth options', healthSchema, options);
}
