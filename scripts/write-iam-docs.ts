import { writeFileSync } from 'node:fs';
import { iamDocs } from './iam-docs.js';

writeFileSync(new URL('../docs/iam.md', import.meta.url), iamDocs());
