import { writeFileSync } from 'node:fs';
import { pictures } from './pictures/pictures.js';

for (const [file, draw] of Object.entries(pictures))
  writeFileSync(new URL(`../docs/pictures/${file}`, import.meta.url), await draw());
