import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Logger } from 'aws-blue-green-toolkit/core';
import type { ShiftEvent, ShiftProgress, ShiftState, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
import { type BusSettings, busEntry } from './bus-entry.js';
import { metricLine } from './embedded-metrics.js';

/** EventBridge takes so many entries in a request. */
const mostEntries = 10;

/** The shift waits for a notice, but not for long. */
const timeLimitMilliseconds = 3_000;

/** What shifters for state machines and durable functions need. */
type Steps = Pick<TrafficShifter, 'begin' | 'advance' | 'rollBack' | 'plannedCalls'>;

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
 * Tells CloudWatch and EventBridge what happens in one shift, each event once. Make it anew for each shift, or for each
 * invocation which takes one on. That a notice cannot be sent is logged, and does not concern the shift.
 */
export class ShiftNotices {
  readonly #options: ShiftNoticesOptions;
  readonly #eventBridge: EventBridgeClient;
  readonly #told = new Set<string>();
  #sending: Promise<void> = Promise.resolve();

  constructor(options: ShiftNoticesOptions) {
    this.#options = options;
    this.#eventBridge = options.eventBridge ?? new EventBridgeClient();
  }

  /** The `onEvent` of a shift in this process, or of a durable one. */
  readonly tell = (event: ShiftEvent, state: ShiftState): void => {
    this.#tell([event], state);
  };

  /** Resolves when everything is sent, or given up: a Lambda that returns is frozen, whatever it still has to do. */
  sent(): Promise<void> {
    return this.#sending;
  }

  /**
   * The shifter for `stepFunctionsHandler` and `shiftDurably`: its steps end when their notices are sent, because the
   * Lambda sleeps between two of them.
   */
  around(shifter: Steps): Steps {
    const told = async (progress: ShiftProgress) => {
      this.#tell(progress.events, progress.state);
      await this.sent();
      return progress;
    };
    return {
      begin: async (...request) => {
        const state = await shifter.begin(...request);
        this.#tell([startOf(state)], state);
        await this.sent();
        return state;
      },
      advance: async (...step) => told(await shifter.advance(...step)),
      rollBack: async (...step) => told(await shifter.rollBack(...step)),
      plannedCalls: (strategy) => shifter.plannedCalls(strategy),
    };
  }

  #tell(events: readonly ShiftEvent[], state: ShiftState): void {
    const { shift, write = (line) => process.stdout.write(line) } = this.#options;
    // A durable shift tells its events twice: as a step's, and to `onEvent`.
    const fresh = events.filter((event) => !this.#told.has(keyOf(event)));
    for (const event of fresh) {
      this.#told.add(keyOf(event));
      write(`${metricLine(shift, event, state)}\n`);
    }
    const entries = fresh.flatMap((event) => busEntry(shift, event, state, this.#options) ?? []);
    for (let index = 0; index < entries.length; index += mostEntries) {
      const batch = entries.slice(index, index + mostEntries);
      this.#sending = this.#sending.then(() => this.#send(batch));
    }
  }

  async #send(entries: PutEventsRequestEntry[]): Promise<void> {
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

function startOf({ startedAt, incoming, initialWeights, strategy }: ShiftState): ShiftEvent {
  return { at: startedAt, type: 'started', incoming, weights: initialWeights, strategy: strategy.name };
}

function keyOf(event: ShiftEvent): string {
  return [event.type, event.at, event.type === 'checkEvaluated' ? event.check : ''].join(' ');
}
