import * as root from '../../src/index.js';
import { SchedulerTools } from '../../src/scheduler/index.js';

const toolkit = { ...root, SchedulerTools };

/** A tool class with its methods by name. */
export interface ToolClass {
  readonly prototype: Record<string, unknown>;
}

/** Every tool, by the name of its class. */
export const toolClasses: ReadonlyMap<string, ToolClass> = new Map(
  Object.entries<unknown>(toolkit).filter(
    (entry): entry is [string, ToolClass] =>
      /(Tools|Rollout)$/.test(entry[0]) && typeof entry[1] === 'function',
  ),
);

/** The names of a tool's public methods; private ones begin with `#` and are no properties. */
export function publicMethodsOf({ prototype }: ToolClass): string[] {
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
}
