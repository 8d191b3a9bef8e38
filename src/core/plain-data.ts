import { messageOf } from './describe-error.js';
import { describeValue } from './describe-value.js';
import { type InputProblem, InvalidInputError } from './errors.js';

/** Maximum depth: AWS inputs have about ten levels, and a cyclic object exceeds any limit. */
const maxDepth = 64;

/**
 * Copies an input of an AWS call, so that a later change by the caller does not reach the call.
 *
 * @throws InvalidInputError for values that JSON cannot hold: functions, symbols, bigints, NaN, cycles, and for an object
 * that throws when it is read.
 */
export function copyPlainData<Data>(subject: string, data: Data): Data {
  const copier = new PlainDataCopier();
  const copy = copier.copy(data, '', 0);
  if (copier.problems.length > 0) throw new InvalidInputError({ subject, problems: copier.problems });
  return copy as Data;
}

class PlainDataCopier {
  readonly problems: InputProblem[] = [];

  copy(value: unknown, field: string, depth: number): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
        return value;
      case 'number':
        return Number.isFinite(value) ? value : this.#refuse(field, 'a finite number', String(value));
      case 'object':
        return value === null ? null : this.#copyReadable(value, field, depth);
      default:
        return this.#refuse(field, 'plain data', describeValue(value));
    }
  }

  /** A proxy or a getter can throw any value. */
  #copyReadable(value: object, field: string, depth: number): unknown {
    try {
      return this.#copyObject(value, field, depth);
    } catch (error) {
      return this.#refuse(field, 'plain data', `an object that throws: ${messageOf(error)}`);
    }
  }

  #copyObject(value: object, field: string, depth: number): unknown {
    if (depth === maxDepth) return this.#refuse(field, `at most ${maxDepth} levels`, 'more');
    if (Array.isArray(value))
      return value.map((item, index) => this.copy(item, `${field}[${index}]`, depth + 1));
    const prefix = field === '' ? '' : `${field}.`;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, this.copy(member, prefix + name, depth + 1)]),
    );
  }

  #refuse(field: string, expected: string, actual: string): undefined {
    // A cyclic object with several branches would have endless problems.
    if (this.problems.length < 100) this.problems.push({ field, expected, actual });
    return undefined;
  }
}
