import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { swapPicture } from '../../../scripts/swap-picture.js';

test('shows the swap as the demo runs it; npm run docs:pictures draws it again', async () => {
  const picture = new URL('../../../docs/pictures/whole-stack-swap.svg', import.meta.url);

  expect(readFileSync(picture, 'utf8')).toBe(await swapPicture());
});
