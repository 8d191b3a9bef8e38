import { testShiftInvariants } from '../support/shift-invariants.js';

testShiftInvariants(1);
