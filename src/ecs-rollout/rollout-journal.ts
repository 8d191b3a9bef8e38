import type { Clock } from '../core/clock.js';
import { EventFeed } from '../core/event-feed.js';
import type { LogData, Logger } from '../core/logger.js';
import { withoutUndefined } from '../core/without-undefined.js';
import type { RolloutEvent, RolloutPhase } from './events.js';
import type { Untimed } from './rollout-context.js';

/** Log lines of changes. All other events are details. */
const changes: Readonly<Partial<Record<RolloutEvent['type'], string>>> = {
  serviceCreated: 'Created service',
  canaryStarted: 'Started canary',
  canaryRegistered: 'Registered canary',
  canaryDeregistered: 'Deregistered canary',
  canaryStopped: 'Stopped canary',
  serviceUpdated: 'Updated service',
  rolledBack: 'Rolled back service',
};

const warnings: Readonly<Partial<Record<RolloutEvent['type'], string>>> = {
  leftoverFound: 'Found canary of an earlier run',
  featuresUntried: 'Left features of service untried',
  rollingBack: 'Started rollback of service',
  failed: 'Rollout failed',
};

/** The events of one rollout: keeps them, logs them, and emits them to the listener. */
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

  /** All events so far, oldest first. */
  get history(): readonly RolloutEvent[] {
    return [...this.#history];
  }

  /** The phase that began last. */
  get phase(): RolloutPhase {
    return this.#phase;
  }

  enter(phase: RolloutPhase): void {
    this.#phase = phase;
    this.emit({ type: 'phaseStarted', phase });
  }

  /** @param durationMs - duration of a change; only logged, because the events have their own times. */
  emit(untimed: Untimed<RolloutEvent>, durationMs?: number): void {
    // The history and the logger share the event.
    const event: RolloutEvent = deepFreeze({ at: this.#clock.now(), ...untimed });
    this.#history.push(event);
    this.#log(event, durationMs);
    this.#feed.emit([event]);
  }

  /** Waits for the listener, for a limited time. */
  listenerSettled(): Promise<void> {
    return this.#feed.settled();
  }

  #log({ at: _at, ...event }: RolloutEvent, durationMs: number | undefined): void {
    const data = withoutUndefined<LogData>({ resource: this.#resource, ...event, durationMs });
    const change =
      event.type === 'taskDefinitionReady' && event.registered
        ? 'Registered task definition'
        : changes[event.type];
    const warning = warnings[event.type];
    if (change !== undefined) this.#logger.info(change, data);
    else if (warning !== undefined) this.#logger.warn(warning, data);
    else this.#logger.debug(`Rollout: ${event.type}`, data);
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
