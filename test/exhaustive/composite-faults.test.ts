import { describe } from 'vitest';
import { testFaultsOfComposites } from '../support/composite-faults.js';

describe('CompositeTarget › targets of different services', () => testFaultsOfComposites(1));
