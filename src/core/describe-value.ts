import { withoutSecrets } from './describe-error.js';
import { truncate } from './truncate.js';

const maxCharacters = 60;

/**
 * Describes a value for the "got …" of an error message. The text is short and contains neither the content of an object nor
 * a secret in a URL. Never throws.
 */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return value === ''
        ? 'an empty string'
        : JSON.stringify(truncate(withoutSecrets(value), maxCharacters));
    case 'bigint':
      return truncate(`${value}n`, maxCharacters);
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      return describeObject(value);
    default:
      return String(value);
  }
}

function describeObject(value: object | null): string {
  if (value === null) return 'null';
  try {
    if (!Array.isArray(value)) return 'an object';
    if (value.length === 0) return 'an empty array';
    return value.length === 1 ? 'an array of 1 item' : `an array of ${value.length} items`;
  } catch {
    // A revoked proxy.
    return 'an object';
  }
}
