import type { SwapRecord, SwapRecordItem, SwapWriteResult } from '../../src/swap/record/types.js';

/** Record in memory whose calls can fail. */
export class MemorySwapRecord implements SwapRecord {
  readonly description = 'memory';
  readonly writes: SwapRecordItem[] = [];
  /** Called around each call; throws to fail it. */
  around: (kind: 'read' | 'write', at: 'before' | 'after', item?: SwapRecordItem) => void | Promise<void> =
    () => {};
  #text: string | undefined;

  get item(): SwapRecordItem | undefined {
    return this.#text === undefined ? undefined : JSON.parse(this.#text);
  }

  set item(item: SwapRecordItem | undefined) {
    this.#text = item && JSON.stringify(item);
  }

  async read(): Promise<unknown> {
    await this.around('read', 'before');
    const { item } = this;
    await this.around('read', 'after');
    return item;
  }

  async write(item: SwapRecordItem): Promise<SwapWriteResult> {
    await this.around('write', 'before', item);
    const result = this.#write(item);
    await this.around('write', 'after', item);
    return result;
  }

  #write(item: SwapRecordItem): SwapWriteResult {
    const current = this.item;
    if (current?.writeId === item.writeId) return { status: 'written' };
    if ((current?.version ?? 0) !== item.version - 1) return { status: 'conflict', current };
    this.#text = JSON.stringify(item);
    this.writes.push(item);
    return { status: 'written' };
  }
}
