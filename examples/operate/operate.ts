import { parseStackReference } from 'aws-blue-green-toolkit/core';
import type { StackSwap, SwapStatus } from 'aws-blue-green-toolkit/swap';

/** Text of the usage, for an unknown command. */
export const usage = `Commands:
  status                          what is live, what runs, and what happens next; changes nothing
  next                            the stack for which to register the next revision; changes nothing
  preview                         the steps of the next swap; changes nothing
  roll-back <reason>              rolls the swap in progress back
  resume                          continues a halted swap, or the steps that an ended one has left
  adopt <blue | green> <reason>   ends the swap under way, and records the live stack by hand`;

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
      return `Requested. The holder of the claim, or the next tick, rolls back.\n${textOf(await swap.status())}`;
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

function reasonIn(words: readonly string[]): string {
  if (words.length > 0) return words.join(' ');
  throw new Error(`A reason is missing, for the record and for your colleagues\n${usage}`);
}

function textOf({ application, live, traffic, swap, claim, orphans, last, next }: SwapStatus): string {
  const shares = 'error' in traffic ? traffic.error : `blue ${traffic.blue} %, green ${traffic.green} %`;
  const lines = [`${application}: ${live ?? 'unknown'} is live. Traffic: ${shares}`];
  if (swap !== undefined) {
    const { id, incoming, phase, since, wanted, reason, haltReason, requestedBy, owner, ownerStatus } = swap;
    lines.push(`Swap ${id} to ${incoming}: ${phase} since ${since}`);
    lines.push(`Owner: ${owner}${ownerStatus === undefined ? '' : `, ${ownerStatus}`}`);
    if (wanted === 'back') lines.push(`Rolls back${by(requestedBy)}: ${reason ?? 'no reason'}`);
    if (haltReason !== undefined) lines.push(`Halted: ${haltReason}`);
    for (const step of swap.steps.filter(({ state }) => state !== 'open')) {
      lines.push(`  ${step.state.padEnd(11)} ${step.name}${step.failure ? `: ${step.failure}` : ''}`);
    }
  } else if (last !== undefined) {
    lines.push(`Last swap: to ${last.incoming}, ${last.end}${last.reason ? `: ${last.reason}` : ''}`);
  }
  if (claim?.isValid) lines.push(`A process works on it until ${claim.expiresAt} at least`);
  for (const { step, stack, reason } of orphans) lines.push(`Left: "${step}" of ${stack}, because ${reason}`);
  return [...lines, `Next: ${next}`].join('\n');
}

function by(person: string | undefined): string {
  return person === undefined ? '' : ` (${person})`;
}
