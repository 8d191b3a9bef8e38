import { writeFileSync } from 'node:fs';
import { apiSummary } from './api-summary.js';
import { llmsText } from './llms-text.js';

writeFileSync(new URL('../docs/api-summary.md', import.meta.url), apiSummary());
writeFileSync(new URL('../llms.txt', import.meta.url), llmsText());
