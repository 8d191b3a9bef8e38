import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Logger } from 'aws-blue-green-toolkit/core';
import type { ShiftEvent, ShiftState } from 'aws-blue-green-toolkit/traffic';
import { type BusSettings, busEntry } from './bus-entry.js';
import { metricLine } from './embedded-metrics.js';

/** Maximum entries of an EventBridge request. */
const maxEntries = 10;

/** Time limit of a request, because the shift waits for it. */
const timeLimitMilliseconds = 3_000;

/** Options of {@link ShiftNotices}. */
export interface ShiftNoticesOptions extends BusSettings {
  /** Name of the shift, in the metrics' dimension and in the events. Use the service's name. */
  readonly shift: string;
  readonly eventBridge?: EventBridgeClient;
  /**
   * Writes metrics. Do not use `console.log`: Lambda writes a time and a request ID before its text.
   * @default the standard output
   */
  readonly write?: (line: string) => void;
  /** @default console */
  readonly logger?: Pick<Logger, 'warn'>;
}

/**
 * Sends the events of one shift to CloudWatch and EventBridge. A failure to send is logged, and does not affect the shift.
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

  /** Listener for the `onEvent` of every engine. The promise resolves when the notice was sent or has failed. */
  readonly notify = (event: ShiftEvent, state: ShiftState): Promise<void> => {
    const { shift, write = (line) => process.stdout.write(line) } = this.#options;
    write(`${metricLine(shift, event, state)}\n`);
    const entry = busEntry(shift, event, state, this.#options);
    if (entry !== undefined) this.#waiting.push(entry);
    // The events of a step arrive together, and are sent in one request.
    this.#sending = this.#sending.then(() => this.#send(this.#waiting.splice(0, maxEntries)));
    return this.#sending;
  };

  /** Resolves when all notices were sent or have failed. */
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
    logger.warn('Could not send notice of shift', { resource: shift, error });
  }
}
