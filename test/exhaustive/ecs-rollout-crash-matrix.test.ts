import { describe } from 'vitest';
import { testCrashMatrix } from '../support/rollout-crash-matrix.js';

describe('EcsRollout › rollOut', () => testCrashMatrix(1));
