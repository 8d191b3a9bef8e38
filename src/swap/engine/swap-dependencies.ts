import type { Clock } from '../../core/clock.js';
import type { EventFeed } from '../../core/event-feed.js';
import type { Logger } from '../../core/logger.js';
import type { SwapPlan } from '../plan/swap-plan.js';
import type { SwapRecord } from '../record/types.js';
import type { SwapSwitch } from '../switches/types.js';
import type { SwapRules } from './decision.js';
import type { SwapEvent } from './swap-events.js';

/** Everything that carries a swap out. */
export interface SwapDependencies {
  readonly application: string;
  readonly record: SwapRecord;
  readonly plan: SwapPlan;
  readonly switch: SwapSwitch;
  readonly rules: SwapRules;
  /** Environment variable that binds a task definition to its stack. */
  readonly boundBy: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Passes each event to the listener of a hook. Drivers return the events to their caller instead. */
  readonly feed?: EventFeed<SwapEvent> | undefined;
}
