import type { Clock } from '../../core/clock.js';
import { EventFeed } from '../../core/event-feed.js';
import type { LogData, Logger } from '../../core/logger.js';
import type { Untimed } from './context.js';
import type { RolloutEvent, RolloutPhase } from './events.js';

/** Changes that are made, in the log's words; other events are details. */
const changes: Readonly<Partial<Record<RolloutEvent['type'], string>>> = {
  serviceCreated: 'Created service',
  canaryStarted: 'Started canary',
  canaryRegistered: 'Registered canary',
  canaryDeregistered: 'Deregistered canary',
  canaryStopped: 'Stopped canary',
  serviceUpdated: 'Updated service',
  rolledBack: 'Rolled service back',
};

const worrying: ReadonlySet<RolloutEvent['type']> = new Set(['leftoverFound', 'rollingBack', 'failed']);

/** What happened in one rollout: kept, logged, and told to whoever listens. */
export class RolloutJournal {
  readonly #history: RolloutEvent[] = [];
  readonly #resource: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #feed: EventFeed<RolloutEvent>;
  #phase: RolloutPhase = 'prepare';

  constructor(options: {
    readonly resource: string;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly onEvent: ((event: RolloutEvent) => void) | undefined;
  }) {
    this.#resource = options.resource;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#feed = new EventFeed({ ...options, subject: 'rollout' });
  }

  /** Everything so far, oldest first. */
  get history(): readonly RolloutEvent[] {
    return [...this.#history];
  }

  /** The phase that has begun last. */
  get phase(): RolloutPhase {
    return this.#phase;
  }

  /** Begins a phase. */
  enter(phase: RolloutPhase): void {
    this.#phase = phase;
    this.tell({ type: 'phaseStarted', phase });
  }

  /** @param durationMs - how long a change took: for the log alone, because the history has its own times. */
  tell(untimed: Untimed<RolloutEvent>, durationMs?: number): void {
    const event: RolloutEvent = { at: this.#clock.now(), ...untimed };
    this.#history.push(event);
    this.#log(event, durationMs);
    this.#feed.emit([event]);
  }

  /** Waits for the listener, though not for long. */
  listenerSettled(): Promise<void> {
    return this.#feed.settled();
  }

  #log({ at: _at, ...event }: RolloutEvent, durationMs: number | undefined): void {
    const data = withoutUndefined({ resource: this.#resource, ...event, durationMs });
    const change =
      event.type === 'taskDefinitionReady' && event.registered
        ? 'Registered task definition'
        : changes[event.type];
    if (change !== undefined) this.#logger.info(change, data);
    else if (worrying.has(event.type)) this.#logger.warn(`Rollout: ${event.type}`, data);
    else this.#logger.debug(`Rollout: ${event.type}`, data);
  }
}

/** A line holds JSON alone. */
function withoutUndefined(data: LogData): LogData {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}
