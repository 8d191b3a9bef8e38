/**
 * What a tool has set last, by resource. AWS may answer a read with what was before a change: a look that shows the wanted
 * value proves nothing when the tool itself has set another one since, so the tool sets the wanted one again.
 */
export class LastSet<Value> {
  /** `undefined` stands for a change whose outcome nobody knows. */
  readonly #values = new Map<string, Value | undefined>();

  /** Makes a change of one resource, or of several at once. When it fails, it may have been made all the same. */
  async change<T>(resources: readonly string[], value: Value, send: () => Promise<T>): Promise<T> {
    for (const resource of resources) this.#values.set(resource, undefined);
    const answer = await send();
    for (const resource of resources) this.#values.set(resource, value);
    return answer;
  }

  /** What was set last; `undefined` when nothing was, or when nobody knows. */
  get(resource: string): Value | undefined {
    return this.#values.get(resource);
  }

  /** Whether a look that shows this value may be older than a change to another one. */
  mayBeOther(resource: string, shown: Value): boolean {
    return this.#values.has(resource) && this.#values.get(resource) !== shown;
  }
}
