import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { VirtualClock } from '../../cloud/virtual-clock.js';
import { bytesOf, checkValue, compareValues, type Item, invalid, typeOf } from './attribute-values.js';

const maxItemBytes = 400 * 1024;

/** An attribute of a table's primary key. */
export interface SimulatedKeyAttribute {
  /** The attribute's name. */
  readonly name: string;
  /** A string, a number or a binary. */
  readonly type: 'S' | 'N' | 'B';
}

/** The primary key of a table. */
export interface KeySchema {
  readonly partition: SimulatedKeyAttribute;
  readonly sort: SimulatedKeyAttribute | undefined;
}

interface Version {
  readonly at: number;
  readonly item: Item | undefined;
}

/** The items of one table with their former versions, which eventually consistent reads may still return. */
export class SimulatedItems {
  readonly key: KeySchema;
  readonly #clock: VirtualClock;
  readonly #readLagMilliseconds: number;
  readonly #versions = new Map<string, Version[]>();

  constructor(key: KeySchema, { clock, readLagSeconds }: { clock: VirtualClock; readLagSeconds: number }) {
    this.key = key;
    this.#clock = clock;
    this.#readLagMilliseconds = readLagSeconds * 1000;
  }

  get keyNames(): string[] {
    const { partition, sort } = this.key;
    return sort === undefined ? [partition.name] : [partition.name, sort.name];
  }

  /** Returns the current item. */
  find(key: Item): Item | undefined {
    return structuredClone(this.#versions.get(this.#idOf(key))?.at(-1)?.item);
  }

  /** Returns the item as a read sees it. */
  read(key: Item, { isConsistent }: { isConsistent: boolean }): Item | undefined {
    return structuredClone(this.#visible(this.#versions.get(this.#idOf(key)) ?? [], isConsistent));
  }

  /** Returns every item as a read sees it, ordered by its key. */
  readAll({ isConsistent }: { isConsistent: boolean }): Item[] {
    const items: Item[] = [];
    for (const versions of this.#versions.values()) {
      const item = this.#visible(versions, isConsistent);
      if (item !== undefined) items.push(structuredClone(item));
    }
    return items.sort((one, other) => this.compareKeys(one, other));
  }

  /** Writes or deletes the item with this key. */
  write(key: Item, item: Item | undefined): void {
    const id = this.#idOf(key);
    const versions = this.#versions.get(id) ?? [];
    versions.push({ at: this.#clock.now(), item: structuredClone(item) });
    this.#versions.set(id, versions);
  }

  /** Returns the key of an item, which DynamoDB requires to be complete and of the right types. */
  keyOf(item: Item): Item {
    const names = this.keyNames;
    return Object.fromEntries(names.map((name) => [name, this.#keyAttribute(item, name)]));
  }

  /** Refuses a key with missing, wrong or additional attributes. */
  requireKey(key: Item | undefined): Item {
    if (key === undefined || Object.keys(key).length !== this.keyNames.length)
      throw invalid('The provided key element does not match the schema');
    for (const { name, type } of [this.key.partition, ...(this.key.sort ? [this.key.sort] : [])]) {
      const value = key[name];
      if (value === undefined || typeOf(value) !== type)
        throw invalid('The provided key element does not match the schema');
    }
    return key;
  }

  /** Refuses an item that is too large or has an invalid value. */
  requireStorable(item: Item, message: string): void {
    for (const value of Object.values(item)) checkValue(value);
    if (bytesOf(item) > maxItemBytes) throw invalid(message);
  }

  #keyAttribute(item: Item, name: string): AttributeValue {
    const { partition, sort } = this.key;
    const { type } = name === sort?.name ? sort : partition;
    const value = item[name];
    if (value === undefined)
      throw invalid(`One or more parameter values were invalid: Missing the key ${name} in the item`);
    if (typeOf(value) !== type) {
      throw invalid(
        `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`,
      );
    }
    if (value.S === '' || value.B?.length === 0) {
      throw invalid(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
      );
    }
    return value;
  }

  #visible(versions: readonly Version[], isConsistent: boolean): Item | undefined {
    const until = this.#clock.now() - (isConsistent ? 0 : this.#readLagMilliseconds);
    return versions.findLast(({ at }) => at <= until)?.item;
  }

  #idOf(key: Item): string {
    return JSON.stringify(this.keyNames.map((name) => key[name]));
  }

  /** Orders two items by their keys. */
  compareKeys(one: Item, other: Item): number {
    for (const name of this.keyNames) {
      const [left, right] = [one[name], other[name]];
      const order = left && right ? compareValues(left, right) : 0;
      if (order) return order;
    }
    return 0;
  }
}
