import type { ClientOptions } from './clients.js';
import type { Clock } from './clock.js';
import type { Logger } from './logger.js';
import type { StackPair } from './stack-reference.js';

/** What every tool is made from: what differs between the stacks, and what it works with. */
export type ToolOptions<StackOptions, Clients> = StackPair<StackOptions> &
  ClientOptions<Clients> & {
    /**
     * Where changes are logged to, one structured line each.
     * @default nothing is logged
     */
    readonly logger?: Logger | undefined;
    /**
     * Where the time comes from, and how waits wait.
     * @default the machine's clock
     */
    readonly clock?: Clock | undefined;
  };
