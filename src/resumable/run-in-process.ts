import { EventFeed } from '../core/event-feed.js';
import { ChangeRun, type DrivenChange } from './change-run.js';
import type { RunResult, RunSettings } from './run-options.js';
import type { Progress } from './types.js';

/** Runs a change with parsed options. */
export async function runInProcess<Request, State, Event>(
  resumable: DrivenChange<Request, State, Event>,
  request: Request,
  settings: RunSettings<State, Event>,
): Promise<RunResult<State, Event>> {
  const { subject, clock, logger, onEvent, signal } = settings;
  const history: Event[] = [];
  const feed = new EventFeed<Event, [State]>({
    onEvent,
    subject,
    resource: resumable.description,
    clock,
    logger,
  });
  const emit = ({ events, state }: Pick<Progress<State, Event>, 'events' | 'state'>) => {
    history.push(...events);
    feed.emit(events, state);
  };
  const begun = await resumable.begin(request, { signal });
  emit({ events: resumable.startEvents(begun), state: begun });
  const end = await new ChangeRun(begun, { ...settings, resumable, emit }).toEnd();
  await feed.settled();
  return { ...end, history };
}
