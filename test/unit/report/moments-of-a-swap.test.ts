import { expect, test } from 'vitest';
import { type ReportInput, renderReport, type SwapEvent } from '../../../src/report/index.js';
import { SwapWorld } from '../../support/swap-world.js';

const failures = {
  'no step fails': () => false,
  'a step fails': ({ step }: { step: string }) => step === 'enable subscription',
  'a test fails': ({ step }: { step: string }) => step === 'smoke test',
  'a test and every undo fail': ({ step, kind }: { step: string; kind: string }) =>
    step === 'smoke test' || kind === 'undo',
  'a step of retire fails': ({ step }: { step: string }) => step === 'stop database',
};

/** Returns the report's text after each write of the record, of every input that can be stored then, as JSON. */
async function textsOf(fails: (call: { step: string; kind: string }) => boolean): Promise<string[]> {
  const world = new SwapWorld();
  const history: SwapEvent[] = [];
  const texts: string[] = [];
  world.around = (call, at) => {
    if (at === 'before' && fails(call)) throw new Error(`${call.kind} of ${call.step} refused`);
  };
  const swap = world.swap();
  const render = (input: ReportInput) => texts.push(textOf(renderReport(JSON.parse(JSON.stringify(input)))));
  let isReading = false;
  world.record.around = async (kind, at) => {
    if (kind !== 'write' || at !== 'after' || isReading) return;
    isReading = true;
    const { item: record } = world.record;
    const status = await swap.status();
    for (const input of [
      { record },
      { history },
      { status },
      { record, history },
      { record, status, history },
      // A process that continued the swap has only its own events.
      ...[1, 2, 3, 5, 8].map((count) => ({ record, history: history.slice(-count) })),
    ])
      render({ swap: input });
    isReading = false;
  };
  const result = await swap.run({ onEvent: (event) => void history.push(event) });
  render({ swap: result });
  render({ swap: { history: history.slice(history.length / 2) } });
  return texts;
}

function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

test.each(Object.entries(failures))('renders every moment of a swap in which %s', async (_name, fails) => {
  const texts = await textsOf(fails);

  expect(texts.length).toBeGreaterThan(50);
  for (const text of texts) {
    expect(text).not.toMatch(/undefined|NaN|\[object|1970-|Infinity/);
    expect(text).not.toMatch(/What failed first Step “[^”]*” failed undo of/);
  }
});
