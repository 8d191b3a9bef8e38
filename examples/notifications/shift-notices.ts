import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Logger } from 'aws-blue-green-toolkit/core';
import type { ShiftEvent, ShiftState } from 'aws-blue-green-toolkit/traffic';
import { type BusSettings, busEntry } from './bus-entry.js';
import { metricLine } from './embedded-metrics.js';

/** EventBridge takes so many entries in a request. */
const maxEntries = 10;

/** The shift waits for a notice, but not for long. */
const timeLimitMilliseconds = 3_000;

/** How {@link ShiftNotices} are made. */
export interface ShiftNoticesOptions extends BusSettings {
  /** Which shift it is, for the metrics' dimension and for those who read the event: the service's name. */
  readonly shift: string;
  readonly eventBridge?: EventBridgeClient;
  /**
   * Where metrics are written to. `console.log` does not do: Lambda writes a time and a request ID before it.
   * @default the standard output
   */
  readonly write?: (line: string) => void;
  /** @default console */
  readonly logger?: Pick<Logger, 'warn'>;
}

/**
 * Tells CloudWatch and EventBridge what happens in one shift. That a notice cannot be sent is logged, and does not concern the
 * shift.
 */
export class ShiftNotices {
  readonly #options: ShiftNoticesOptions;
  readonly #eventBridge: EventBridgeClient;
  readonly #waiting: PutEventsRequestEntry[] = [];
  #sending: Promise<void> = Promise.resolve();

  constructor(options: ShiftNoticesOptions) {
    this.#options = options;
    this.#eventBridge = options.eventBridge ?? new EventBridgeClient();
  }

  /** The `onEvent` of every engine. What it gives resolves when the notice is sent, or given up. */
  readonly tell = (event: ShiftEvent, state: ShiftState): Promise<void> => {
    const { shift, write = (line) => process.stdout.write(line) } = this.#options;
    write(`${metricLine(shift, event, state)}\n`);
    const entry = busEntry(shift, event, state, this.#options);
    if (entry !== undefined) this.#waiting.push(entry);
    // The events of a step are told in a row, and go in one request.
    this.#sending = this.#sending.then(() => this.#send(this.#waiting.splice(0, maxEntries)));
    return this.#sending;
  };

  /** Resolves when everything is sent, or given up. */
  sent(): Promise<void> {
    return this.#sending;
  }

  async #send(entries: PutEventsRequestEntry[]): Promise<void> {
    if (entries.length === 0) return;
    try {
      const abortSignal = AbortSignal.timeout(timeLimitMilliseconds);
      const command = new PutEventsCommand({ Entries: entries });
      const { Entries = [] } = await this.#eventBridge.send(command, { abortSignal });
      for (const { ErrorCode, ErrorMessage } of Entries)
        if (ErrorCode !== undefined) this.#warn(`${ErrorCode}: ${ErrorMessage}`);
    } catch (error) {
      this.#warn(String(error));
    }
  }

  #warn(error: string): void {
    const { shift, logger = console } = this.#options;
    logger.warn('Could not send a notice of the shift', { resource: shift, error });
  }
}
