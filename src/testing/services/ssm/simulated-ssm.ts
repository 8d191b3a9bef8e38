import {
  type GetCalendarStateCommandInput,
  type GetCalendarStateCommandOutput,
  InvalidDocument,
} from '@aws-sdk/client-ssm';
import {
  awsError,
  clientFault,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';

/** Exception of a change calendar: a time in which it is closed, or open for one that is closed by default. */
export interface SimulatedCalendarEvent {
  /** Start. */
  readonly start: Date;
  /** End, which is no longer within. */
  readonly end: Date;
}

/** A change calendar. */
export interface SimulatedChangeCalendar {
  /** Name. */
  readonly name: string;
  /** ARN. */
  readonly arn: string;
  /** State outside of the events. */
  readonly defaultState: 'OPEN' | 'CLOSED';
  /** Times with the other state. */
  events: readonly SimulatedCalendarEvent[];
}

/** Systems Manager in memory: change calendars, whose state depends on the virtual time. */
export class SimulatedSsm implements SimulatedService {
  readonly serviceId = 'SSM';
  readonly iamPrefix = 'ssm';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    GetCalendarState: (
      input: GetCalendarStateCommandInput,
    ): OperationOutput<GetCalendarStateCommandOutput> => {
      const names = required(input.CalendarNames, 'CalendarNames');
      if (names.length === 0) throw awsError('ValidationException', 'CalendarNames has at least one member');
      const at = input.AtTime === undefined ? this.#environment.clock.now() : Date.parse(input.AtTime);
      if (Number.isNaN(at)) throw awsError('ValidationException', `AtTime ${input.AtTime} is no time`);
      const calendars = names.map((name) => this.#find(name));
      const isOpen = (time: number) => calendars.every((it) => stateAt(it, time) === 'OPEN');
      const next = calendars
        .flatMap(({ events }) => events.flatMap(({ start, end }) => [start.getTime(), end.getTime()]))
        .filter((time) => time > at && isOpen(time) !== isOpen(at))
        .sort((a, b) => a - b)[0];
      return {
        State: isOpen(at) ? 'OPEN' : 'CLOSED',
        AtTime: toText(at),
        ...(next !== undefined && { NextTransitionTime: toText(next) }),
      };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #calendars: SimulatedChangeCalendar[] = [];

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Adds a change calendar. */
  addCalendar(options: {
    name: string;
    /** @default 'OPEN' */
    defaultState?: SimulatedChangeCalendar['defaultState'];
    /** Times with the other state; @default none */
    events?: readonly SimulatedCalendarEvent[];
  }): SimulatedChangeCalendar {
    requireOptions('SimulatedSsm.addCalendar', options, {
      name: 'text',
      defaultState: 'optional',
      events: 'optional',
    });
    const calendar: SimulatedChangeCalendar = {
      name: options.name,
      arn: this.#environment.arn('ssm', `document/${options.name}`),
      defaultState: options.defaultState ?? 'OPEN',
      events: options.events ?? [],
    };
    this.#calendars.push(calendar);
    return calendar;
  }

  #find(nameOrArn: string): SimulatedChangeCalendar {
    const calendar = this.#calendars.find(({ name, arn }) => name === nameOrArn || arn === nameOrArn);
    if (calendar === undefined)
      throw new InvalidDocument({
        ...clientFault(`The document ${nameOrArn} does not exist`),
        Message: nameOrArn,
      });
    return calendar;
  }
}

function stateAt({ defaultState, events }: SimulatedChangeCalendar, at: number): 'OPEN' | 'CLOSED' {
  const isWithin = events.some(({ start, end }) => start.getTime() <= at && at < end.getTime());
  if (!isWithin) return defaultState;
  return defaultState === 'OPEN' ? 'CLOSED' : 'OPEN';
}

function toText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
