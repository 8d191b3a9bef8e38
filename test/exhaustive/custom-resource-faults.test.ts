import { testFaultsOfOperations } from '../support/custom-resource-faults.js';

testFaultsOfOperations(1);
