import { describe } from 'vitest';
import { testCrashMatrix } from '../support/rollout-crash-matrix.js';

// `npm run test:exhaustive` has every point.
describe('EcsRollout › rollOut', () => testCrashMatrix(9));
