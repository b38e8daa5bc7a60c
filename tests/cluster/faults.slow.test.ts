/** Every moment at which a coordinator can die. */
import { FAULTS, testFaults } from './faults.suite.ts';

testFaults(FAULTS);
