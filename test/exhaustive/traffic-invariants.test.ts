import { testShiftInvariants } from '../support/shift-invariants.js';

// 10^5 shifts.
testShiftInvariants(9);
