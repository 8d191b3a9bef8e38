import { parseStackReference, ToolkitError } from 'aws-blue-green-toolkit/core';
import type { StackSwap, SwapStatus } from 'aws-blue-green-toolkit/swap';

/** Text of the usage, for an unknown command. */
export const usage = `Commands:
  status                          what is live, what runs, and what happens next; changes nothing
  next                            the stack for which to register the next revision; changes nothing
  preview                         the steps of the next swap; changes nothing
  roll-back <reason>              rolls the swap in progress back
  resume                          does now what the next tick would do; also continues a swap that has halted
  adopt <blue | green> <reason>   ends the swap under way, and records the live stack by hand`;

/** Codes of errors after which nothing was changed. */
const refusals = ['SWAP_IN_PROGRESS', 'SWAP_PAST_RETURN', 'SWAP_DRIFT', 'SWAP_BINDING'];

/** Runs one command of an operator. Returns the text to print. */
export async function operate(swap: StackSwap, [command, ...words]: readonly string[]): Promise<string> {
  switch (command) {
    case 'status':
      return textOf(await swap.status());
    case 'next': {
      const { live, incoming } = await swap.next();
      return `${live} is live. Register the next revision for ${incoming}.`;
    }
    case 'preview': {
      const { live, incoming, table, waitSeconds, times } = await swap.preview();
      const head = `From ${live} to ${incoming}, with waits of ${waitSeconds} s at least:`;
      return [head, table, '', ...times].join('\n');
    }
    case 'roll-back':
      await swap.requestRollBack(reasonIn(words));
      return `Requested. The process that works on the swap, the next tick, or resume rolls it back.\n${textOf(await swap.status())}`;
    case 'resume': {
      const { outcome, detail, orphans } = await swap.resume();
      return [`${outcome}: ${detail}`, ...orphans.map((step) => `Left: ${step}`)].join('\n');
    }
    case 'adopt': {
      const [stack, ...reason] = words;
      const { live, openSteps } = await swap.adopt(parseStackReference(stack), { reason: reasonIn(reason) });
      return [`${live} is live.`, ...openSteps.map((step) => `Not undone: ${step}`)].join('\n');
    }
    default:
      return usage;
  }
}

/** Describes the failure of a command. */
export function failureOf([command = '']: readonly string[], error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const isRefused = ToolkitError.isInstance(error) && refusals.includes(error.code);
  return isRefused
    ? `Refused: ${command}. Nothing was changed.\n${message}`
    : `Failed: ${command}.\n${message}`;
}

function reasonIn(words: readonly string[]): string {
  if (words.length > 0) return words.join(' ');
  throw new Error(`A reason is missing, for the record and for your colleagues\n${usage}`);
}

function textOf(status: SwapStatus): string {
  const { application, now, live, traffic, swap, last, orphans, next } = status;
  const shares = 'error' in traffic ? traffic.error : `blue ${traffic.blue} %, green ${traffic.green} %`;
  return [
    `${application}, now ${now}. Recorded live: ${live ?? 'none'}. Traffic: ${shares}`,
    ...(swap === undefined ? [] : swapLines(swap)),
    ...(swap === undefined && last !== undefined
      ? [`Last swap: to ${last.incoming}, ${last.end}${last.reason ? `: ${last.reason}` : ''}`]
      : []),
    ...claimLines(status),
    ...orphans.map(({ step, stack, reason }) => `Left: "${step}" of ${stack}, because ${reason}`),
    `Next: ${next}`,
  ].join('\n');
}

function swapLines(swap: NonNullable<SwapStatus['swap']>): string[] {
  const { id, incoming, phase, haltedIn, since, wanted, reason, haltReason, requestedBy, steps } = swap;
  const place = haltedIn === undefined ? phase : `halted in ${haltedIn}`;
  const lines = [`Swap ${id} to ${incoming}: ${place} since ${since}`, ownerLine(swap)];
  if (wanted === 'back') {
    lines.push(`Rolls back${requestedBy === undefined ? '' : ` (${requestedBy})`}: ${reason ?? 'no reason'}`);
  }
  if (haltReason !== undefined) lines.push(`Halted: ${haltReason}`);
  for (const { state, name, failure } of steps.filter((step) => step.state !== 'open')) {
    // The reason of a halt contains the failure already.
    const isNew = failure !== undefined && !haltReason?.includes(failure);
    lines.push(`  ${state.padEnd(11)} ${name}${isNew ? `: ${failure}` : ''}`);
  }
  const open = steps.filter(({ state }) => state === 'open').map(({ name }) => name);
  if (wanted === 'forward' && open.length > 0) lines.push(`  not begun   ${open.join(', ')}`);
  return lines;
}

function ownerLine({ owner, ownerStatus }: NonNullable<SwapStatus['swap']>): string {
  return ownerStatus === undefined
    ? `Owner: ${owner}, no deployment: its process continues it, or resume; no tick does`
    : `Owner: ${owner}, ${ownerStatus}`;
}

/** Until the claim can be taken over, a process that has died looks like one that is slow. */
function claimLines({ now, claim, swap }: SwapStatus): string[] {
  if (claim === undefined || claim.takeoverAt <= now) return [];
  const running = swap?.steps.filter(({ state }) => state === 'started' || state === 'undoing') ?? [];
  const work = running.map(({ name }) => `"${name}"`).join(', ');
  return [
    `A process works on ${work || 'it'}. If it has died, another can take over from ${claim.takeoverAt} on`,
  ];
}
