import { costsTable } from './costs-table.js';
import { quietServiceTable } from './quiet-service-table.js';

/** Measured tables of the guides, by their pages. */
export const measuredTables: Readonly<Record<string, () => Promise<string>>> = {
  'docs/guides/costs.md': costsTable,
  'docs/guides/quiet-service.md': quietServiceTable,
};
