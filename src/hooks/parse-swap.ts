import { strictObject } from '../core/schemas.js';
import { objectWith } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import type { StackSwap } from '../swap/stack-swap.js';
import { type SwapSettings, settingsKey } from '../swap/swap-options.js';

const schema = strictObject({
  swap: objectWith<StackSwap>('a StackSwap with the methods', [
    'begin',
    'advance',
    'requestRollBack',
    'status',
  ]),
});

/** Returns the settings of the swap that a hook gets. Throws InvalidInputError for anything else. */
export function settingsOf(subject: string, swap: StackSwap): SwapSettings {
  parseInput(subject, schema, { swap });
  return swap[settingsKey];
}
