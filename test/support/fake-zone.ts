import type { Zone } from '../../examples/dns-cut-over/dns-cut-over.js';
import type { OutsideFault } from '../contract/resumable.js';

/** DNS zone in memory. */
export class FakeZone implements Zone {
  readonly faults = new Map<number, OutsideFault>();
  readonly writes: string[] = [];
  address = '192.0.2.1';
  calls = 0;

  async read(): Promise<string> {
    return this.#call(() => this.address);
  }

  async write(_name: string, address: string): Promise<void> {
    await this.#call(() => {
      this.address = address;
      this.writes.push(address);
    });
  }

  #call<Result>(run: () => Result): Result {
    this.calls += 1;
    const fault = this.faults.get(this.calls);
    if (fault === 'throw' || fault === 'crashBefore') throw new Error(`The call failed (${fault})`);
    const result = run();
    if (fault !== undefined) throw new Error(`The response was lost (${fault})`);
    return result;
  }
}
