import { describe } from 'vitest';
import { testFaultsOfComposites } from '../support/composite-faults.js';

// `npm run test:exhaustive` has every call.
describe('CompositeTarget › targets of different services', () => testFaultsOfComposites(7));
