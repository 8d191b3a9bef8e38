import { copyPlainData } from '../../core/plain-data.js';
import type { JsonValue } from './step.js';

/**
 * Copies a value as JSON.
 *
 * @throws InvalidInputError for a value that JSON cannot hold.
 */
export function asJson(value: unknown, subject = 'JSON value'): JsonValue {
  return JSON.parse(JSON.stringify(copyPlainData(subject, value ?? null)));
}

/** Returns the size of a JSON value in bytes. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
