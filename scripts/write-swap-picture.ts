import { writeFileSync } from 'node:fs';
import { swapPicture } from './swap-picture.js';

writeFileSync(new URL('../docs/pictures/whole-stack-swap.svg', import.meta.url), await swapPicture());
